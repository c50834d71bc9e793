"""What a browser may say on the websocket, read from JSON: textual-serve's own front end speaks it."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

LARGEST: Final = 1000
"""Cells of a side: a screen of a million cells is nobody's window."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys, as a terminal would send them."""

    text: str


@dataclass(frozen=True, slots=True)
class Resized:
    """The window has another size, in cells."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pinged:
    """The browser wants the same back."""

    data: str


@dataclass(frozen=True, slots=True)
class Looked:
    """The window got the focus, or lost it."""

    here: bool


Said = Typed | Resized | Pinged | Looked


def read(text: str) -> Said | None:
    """Read one message; None where it is none that is known."""
    try:
        parts = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    match parts:
        case ["stdin", str(data)]:
            return Typed(data)
        case ["resize", {"width": width, "height": height}]:
            return Resized(side(width, 80), side(height, 24))
        case ["ping", str(data)]:
            return Pinged(data[:64])
        case ["focus" | "blur" as word]:
            return Looked(word == "focus")
    return None


def side(value: Any, usual: int) -> int:
    """Take a side's length within bounds, the usual one where it is no number."""
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return usual
    return min(max(1, found), LARGEST)
