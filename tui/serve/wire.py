"""The messages of a browser on the websocket: the JSON protocol of textual-serve's front end."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

LARGEST: Final = 1000
"""The most cells of a side. A window of a million cells does not exist, but would cost the memory of one."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys, as a terminal would send them."""

    text: str


@dataclass(frozen=True, slots=True)
class Resized:
    """The new size of the window, in cells."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pinged:
    """A ping; the browser expects the same data back."""

    data: str


@dataclass(frozen=True, slots=True)
class FocusChanged:
    """The window got or lost the focus."""

    focused: bool


Message = Typed | Resized | Pinged | FocusChanged


def read(text: str) -> Message | None:
    """Parse a message; None if it is unknown."""
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
            return FocusChanged(word == "focus")
    return None


def side(value: Any, usual: int) -> int:
    """Return a length within bounds; the default if it is no number."""
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return usual
    return min(max(1, found), LARGEST)
