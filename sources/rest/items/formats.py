"""Answers as items: JSON, JSON Lines, CSV and XML, each decoded once. What an API sends is rows or BadBody."""

import codecs
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.common.text import clean
from engine.model.source import Response
from sources.common.json_values import Row
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.formats import FORMAT_NAMES, Format, format_of
from sources.rest.items.checks import is_html
from sources.rest.items.csv_body import read_csv
from sources.rest.items.decoded import Decoded
from sources.rest.items.json_body import read_json, read_lines
from sources.rest.items.xml_body import read_xml
from sources.rest.json_paths import EVERY, Path, compile_path, meant, step, write

_ERRORS: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
_NAMES_SHOWN: Final = 12


def decode(endpoint: Endpoint, response: Response) -> Decoded:
    """Return an answer and its items, each with its JSON.

    Raises:
        BadBody: it is not of its format.
    """
    path = None if endpoint.items == "auto" else compile_path(endpoint.items)
    content = response.body.removeprefix(codecs.BOM_UTF8)
    try:
        if is_html(content) and not (endpoint.format == "xml" and path and str(path[0]).lower() == "html"):
            raise BadBody(f"HTML, not the {FORMAT_NAMES[endpoint.format]} that was expected")  # noqa: TRY301 -- gets the address
        match endpoint.format:
            case "json":
                decoded = read_json(content, endpoint, path)
            case "jsonl":
                decoded = read_lines(content)
            case "csv":
                decoded = read_csv(response.body, endpoint)
            case "xml":
                decoded = read_xml(response.body, path)
    except BadBody as error:
        raise BadBody(f"{response.url}: {error}") from error
    except _ERRORS as error:
        raise BadBody(f"{response.url}: {_not_of(endpoint.format, response)}: {clean(str(error), 200)}") from error
    return decoded


def items_of(decoded: Decoded, endpoint: Endpoint, response: Response) -> Sequence[Row]:
    """Return the items of an answer.

    Raises:
        BadBody: there is neither a list nor an object at their path.
    """
    if decoded.doubt and not decoded.found:
        raise BadBody(f"{response.url}: {decoded.doubt}; there are no items at {endpoint.items}")
    if decoded.scalar:
        raise BadBody(f"{response.url}: {endpoint.items} is neither a list nor an object")
    if not decoded.found:
        path = None if endpoint.items == "auto" else compile_path(endpoint.items)
        quoted = meant(decoded.body, path) if path else ""
        hint = f"; write items = {msgspec.json.encode(quoted).decode()}" if quoted else ""
        there = _what_is_there(decoded.body, path)
        raise BadBody(f"{response.url}: there are no items at {endpoint.items}; {there}{hint}")
    return decoded.items


def _not_of(kind: Format, response: Response) -> str:
    said = response.headers.get("content-type", "")
    other = format_of(said)
    hint = f' (it is said to be {clean(said, 60)}: set format = "{other}")' if other not in {None, kind} else ""
    return f"not the {FORMAT_NAMES[kind]} that was expected{hint}"


def _what_is_there(body: Any, path: Path | None) -> str:
    """Say how far a path leads, and which keys there are."""
    here, passed = body, 0
    for segment in path or ():
        below = None if segment is EVERY else step(here, segment)
        if below is None:
            break
        here, passed = below, passed + 1
    where = f"{write((path or ())[:passed])} has" if passed else "there are"
    if isinstance(here, dict):
        names = [clean(str(name), 40) for name in list(here)[:_NAMES_SHOWN]]
        more = f" and {len(here) - _NAMES_SHOWN:,} more" if len(here) > _NAMES_SHOWN else ""
        return f"{where} the keys {', '.join(names)}{more}" if names else f"{where} no keys"
    if isinstance(here, list):
        return f"{where} a list of {len(here):,}"
    return f"{write((path or ())[:passed])} is {clean(str(msgspec.json.encode(here), errors='replace'), 60)}"
