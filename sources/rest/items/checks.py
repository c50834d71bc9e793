"""What makes an answer with status 200 something else than the list that was asked for, or a part of it. Pure."""

import codecs
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.common.text import clean
from engine.model.source import Response
from sources.common.json_values import Row
from sources.rest.config.columns import rules
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.slices import is_slice
from sources.rest.json_paths import MAP_KEY, PARENT, compile_path

NO_CONTENT: Final = 204
_HTML: Final = re.compile(
    rb"(?is)\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|html|head|body)\b"
)
_LOOKED_AT: Final = 1 << 16
_ERROR_NAMES: Final = frozenset({"error", "errors", "exception", "fault"})
_SHOWN: Final = 8
_MESSAGES_SHOWN: Final = 3


def has_no_body(response: Response) -> bool:
    """Say whether an answer has no body."""
    return response.status == NO_CONTENT or not response.body.removeprefix(codecs.BOM_UTF8).strip()


def is_html(content: bytes) -> bool:
    """Say whether an answer is a page to read, as maintenance and logins are."""
    return _HTML.match(content[:_LOOKED_AT].removeprefix(codecs.BOM_UTF8)) is not None


def lacks_fields(names: Sequence[str], endpoint: Endpoint) -> str:
    """Say what the first row of a CSV lacks, if it is not that of the configured list; "" if it is.

    Every column of the key has to be there. Of others one is enough: an API may leave out what is empty.
    """
    read = _read_fields(endpoint)
    key = [read[each] for each in endpoint.key if each in read]
    missing = [each for each in key if each not in names]
    if missing:
        lacks = f"has no {_listed(missing)}, the key"
    elif key or not read or any(each in names for each in read.values()):
        return ""
    else:
        lacks = f"has none of the columns {_listed(list(read.values()))}"
    return f"the first row of the CSV {lacks}; it is {_listed(names)}"


def _read_fields(endpoint: Endpoint) -> dict[str, str]:
    """Return the field that each column is read from, of those that are."""
    found: dict[str, str] = {}
    for rule in rules(endpoint.columns, endpoint.key):
        beside = rule.path.startswith(PARENT) or is_slice(rule.path) or rule.path == MAP_KEY
        path = () if beside else compile_path(rule.path)
        if path and isinstance(path[0], str):
            found[rule.name] = path[0]
    return found


def error_line(rows: Sequence[Row]) -> str:
    """Return what the last line of JSON Lines says, if it is an error where the others are items; else ""."""
    *others, last = [row.value for row in rows[-2:]] or [None]
    if not others or not isinstance(last, dict) or not isinstance(others[0], dict):
        return ""
    name = next((each for each in last if each.lower() in _ERROR_NAMES), None)
    return "" if name is None or last.keys() & others[0].keys() else clean(str(last[name]), 200)


def error_element(container: Mapping[str, Any]) -> str:
    """Return what an element says that stands where the items of XML would be; "" for none."""
    name = next((each for each in container if each.lower() in _ERROR_NAMES), None)
    return "" if name is None else clean(f"{name} {container[name]}", 200)


def graphql_errors(body: Any, endpoint: Endpoint) -> str:
    """Return the messages of a GraphQL answer with errors, which has status 200; "" for any other.

    See https://spec.graphql.org/October2021/#sec-Errors. `data` is there too, and null in it is what has failed.
    """
    if not isinstance(body, dict) or endpoint.items.startswith("errors"):
        return ""
    asked = isinstance(endpoint.json, dict) and "query" in endpoint.json
    errors = body.get("errors")
    if not isinstance(errors, list) or not errors or not (asked or "data" in body):
        return ""
    messages = [each["message"] for each in errors if isinstance(each, dict) and isinstance(each.get("message"), str)]
    if len(messages) < len(errors):
        return ""
    shown = "; ".join(clean(each, 150) for each in dict.fromkeys(messages[:_MESSAGES_SHOWN]))
    more = f" and {len(messages) - _MESSAGES_SHOWN:,} more" if len(messages) > _MESSAGES_SHOWN else ""
    return f"{shown}{more}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(clean(each, 60) or '""' for each in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown
