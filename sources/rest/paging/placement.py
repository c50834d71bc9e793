"""Where a request carries its place in a list: in a parameter, a header, or the JSON body."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

_SENDABLE: Final = re.compile(r"[!-~]+( [!-~]+)*")
_LONGEST: Final = 4096
"""Characters of a cursor in a header. Servers refuse heads of more than 8 KB."""


def place(body: Any, path: str, value: Any) -> Any:
    """Return a JSON body with a value at a path. Objects that are missing on the way are made."""
    head, _, rest = path.partition(".")
    inner = dict(body) if isinstance(body, Mapping) else {}
    inner[head] = place(inner.get(head), rest, value) if rest else value
    return inner


def is_sendable(value: str) -> bool:
    """Say whether a header can hold a value that an API sent."""
    return len(value) <= _LONGEST and _SENDABLE.fullmatch(value) is not None


def as_text(value: Any) -> str:
    """Return a cursor as text: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()


def is_cursor(value: Any, *, in_body: bool) -> bool:
    """Say whether a value names a place in a list. Only a body can carry an object or an array."""
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return in_body and bool(value)
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value not in {"", 0}
