"""What a kind of terminal understands, by its name in TERM."""

from collections.abc import Mapping
from typing import Final

_PLAIN: Final = frozenset({"", "dumb", "unknown"})
_OLD: Final = ("linux", "vt", "ansi", "cons", "sun")


def moves_cursor(environ: Mapping[str, str]) -> bool:
    """Say whether a screen can be drawn at all."""
    return environ.get("TERM", "xterm") not in _PLAIN


def is_old(environ: Mapping[str, str]) -> bool:
    """Say whether it is a console: 16 colours at most, and no OSC sequences, which it would print."""
    return environ.get("TERM", "").startswith(_OLD)


def takes_osc(environ: Mapping[str, str]) -> bool:
    """Say whether a title and a notification may be sent."""
    return moves_cursor(environ) and not is_old(environ)
