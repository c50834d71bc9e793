"""Where a request carries its place in a list: in a parameter, a header, or the JSON body."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from sources.rest.json_paths import above, compile_path, put

_SENDABLE: Final = re.compile(r"[!-~]+( [!-~]+)*")
_BEYOND: Final = 2**63
_LONGEST: Final = 4096
"""Characters of a cursor in a header. Servers refuse heads of more than 8 KB."""


def put_into(body: Any, path: str, value: Any) -> Any:
    """Return a JSON body with a value at a path."""
    return put(body, compile_path(path), value)


def field_name(path: str) -> str:
    """Return the field of a form that `in_body` names. A form has no levels: a name with dots needs no quotes."""
    holder, name = above(path)
    return name if isinstance(name, str) and not holder else path


def is_sendable(value: str) -> bool:
    """Say whether a header can hold a value that an API sent."""
    return not is_too_long(value) and _SENDABLE.fullmatch(value) is not None


def is_too_long(value: str) -> bool:
    """Say whether a value is too long for a header."""
    return len(value) > _LONGEST


def exact(value: Any, content: bytes, find: Callable[[Any], Any]) -> Any:
    """Return a cursor with all of its digits. An integer of more than 64 bits is decoded as a float with fewer."""
    if not isinstance(value, float) or abs(value) < _BEYOND:
        return value
    try:
        found = find(json.loads(content))
    except ValueError:
        return value
    return found if isinstance(found, int) else value


def stored_as(value: Any) -> Any:
    """Return a cursor as a request can store it: an integer of more than 64 bits as text."""
    return str(value) if isinstance(value, int) and not -_BEYOND <= value < _BEYOND else value


def as_text(value: Any) -> str:
    """Return a cursor as text: a string as it is, anything else as JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()


def is_cursor(value: Any, *, in_body: bool) -> bool:
    """Say whether a value names a place in a list. Only a body can carry an object or an array."""
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return in_body and bool(value)
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value not in {"", 0}
