"""Reads values from foreign JSON. A value of an unexpected type becomes None and raises nothing.

The row's raw JSON is stored beside its columns, so a None loses nothing.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Response

_INT64: Final = 1 << 63
_MANY: Final = 10**12
"""No list is this long."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Row(msgspec.Struct, frozen=True):
    """One JSON value of a response: its bytes as received, and their decoded value. Cheap to make, as `Record` is."""

    raw: bytes
    value: Any


def row(raw: msgspec.Raw, where: str) -> Row:
    """Decode one element of a response; `where` names the response in an error.

    Raises:
        BadBody: it is not JSON.
    """
    try:
        return Row(bytes(raw), msgspec.json.decode(raw))
    except _DECODE_ERRORS as error:
        raise BadBody(f"{where}: {error}") from error


def rows(response: Response) -> list[Row]:
    """Decode a response that is a JSON array.

    Raises:
        BadBody: it is no JSON array.
    """
    return [row(raw, response.url) for raw in response.json(list[msgspec.Raw])]


def part(raw: bytes, name: str) -> bytes:
    """Return the bytes of one member of a JSON object, unchanged; b"" where there is none."""
    try:
        return bytes(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get(name, b""))
    except _DECODE_ERRORS:
        return b""


def at(value: Any, *path: str) -> Any:
    """Return the value at a path of member names; None where the path ends early."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Any, *path: str) -> str | None:
    """Return the string at a path; None for any other value."""
    found = at(value, *path)
    return found if isinstance(found, str) else None


def integer(value: Any, *path: str) -> int | None:
    """Return the integer at a path if it fits 64 bits. A boolean counts as 0 or 1, a string of digits as its number."""
    found = at(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20:
        found = int(found)
    return int(found) if isinstance(found, int) and -_INT64 <= found < _INT64 else None


def whole_number(value: Any) -> int | None:
    """Return a number of items or pages; None for what cannot be one."""
    found = None if isinstance(value, bool) else integer({"value": value}, "value")
    return found if found is not None and 0 <= found < _MANY else None


def real(value: Any, *path: str) -> float | None:
    """Return the finite number at a path."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > _INT64:
        return None
    return float(found) if math.isfinite(found) else None


def instant(stamp: str | None) -> datetime | None:
    """Parse an ISO 8601 time as UTC. Without an offset it counts as UTC."""
    try:
        moment = datetime.fromisoformat(stamp or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def stamp(moment: datetime) -> str:
    """Format a UTC time the way APIs do: 2024-01-31T12:00:00Z."""
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def epoch(value: Any, *path: str) -> str | None:
    """Return the epoch seconds at a path as an ISO 8601 time."""
    seconds = integer(value, *path)
    try:
        return None if seconds is None else stamp(_EPOCH + timedelta(seconds=seconds))
    except OverflowError:
        return None


def members(value: Any, name: str, raw: bytes) -> Iterator[Row]:
    """Yield the elements of the array in one member of an object; nothing where it is no array.

    Raises:
        BadBody: an element is not JSON.
    """
    if isinstance(at(value, name), list):
        elements = msgspec.json.decode(part(raw, name), type=list[msgspec.Raw])
        yield from (row(element, name) for element in elements)
