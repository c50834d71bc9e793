"""Take values out of JSON from outside: a value of another type than its column is None, never an exception.

The row's raw JSON is kept beside its columns, so nothing is lost by a None.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Response

_INT64: Final = 1 << 63
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON value of an answer: its bytes as they came, and what they decode to."""

    raw: bytes
    value: Any


def row(raw: msgspec.Raw, where: str) -> Row:
    """Decode one element of an answer; `where` names the answer in the message.

    Raises:
        BadBody: it is no JSON.
    """
    try:
        return Row(bytes(raw), msgspec.json.decode(raw))
    except _DECODE_ERRORS as error:
        raise BadBody(f"{where}: {error}") from error


def rows(response: Response) -> list[Row]:
    """Decode an answer that is a JSON array.

    Raises:
        BadBody: it is none.
    """
    return [row(raw, response.url) for raw in response.json(list[msgspec.Raw])]


def part(raw: bytes, name: str) -> bytes:
    """Return the bytes of one member of a JSON object, as they stand in it; b"" where there is none."""
    try:
        return bytes(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get(name, b""))
    except _DECODE_ERRORS:
        return b""


def at(value: Any, *path: str) -> Any:
    """Return what stands at a path of member names, None where it leads nowhere."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Any, *path: str) -> str | None:
    """Return a string."""
    found = at(value, *path)
    return found if isinstance(found, str) else None


def integer(value: Any, *path: str) -> int | None:
    """Return a whole number that fits 64 bits; a boolean counts as 0 or 1, and so does a string of digits."""
    found = at(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20:
        found = int(found)
    return int(found) if isinstance(found, int) and -_INT64 <= found < _INT64 else None


def real(value: Any, *path: str) -> float | None:
    """Return a finite number."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > _INT64:
        return None
    return float(found) if math.isfinite(found) else None


def instant(stamp: str | None) -> datetime | None:
    """Read an ISO 8601 time as UTC; one without an offset is taken to be UTC."""
    try:
        moment = datetime.fromisoformat(stamp or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def stamp(moment: datetime) -> str:
    """Write a UTC time as APIs do: 2024-01-31T12:00:00Z."""
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}Z"


def epoch(value: Any, *path: str) -> str | None:
    """Return seconds since 1970 as an ISO 8601 time."""
    seconds = integer(value, *path)
    try:
        return None if seconds is None else stamp(_EPOCH + timedelta(seconds=seconds))
    except OverflowError:
        return None


def members(value: Any, name: str, raw: bytes) -> Iterator[Row]:
    """Walk the array that stands under one name of an object; anything else there is an empty one.

    Raises:
        BadBody: an element is no JSON.
    """
    if isinstance(at(value, name), list):
        elements = msgspec.json.decode(part(raw, name), type=list[msgspec.Raw])
        yield from (row(element, name) for element in elements)
