"""How the screen behaves towards its terminal: what was configured, and what the command line says instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.config.tables import ScreenSettings
from tui.terminal.pace import HZ

# What a kind of terminal understands, by its name in TERM.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalPreferences:
    """What a screen does with its terminal."""

    hz: float = HZ
    """Frames a second, at most."""
    slow: bool = False
    """Keep below 10 kB a second."""
    ascii_only: bool | None = None
    """Plain letters; None finds out."""
    title: bool = True
    bell: bool = True
    notify: bool = True
    mouse: bool = False
    """Whether the mouse is the screen's from the start."""

    @classmethod
    def of(
        cls, settings: ScreenSettings, *, hz: float | None, slow: bool, ascii_only: bool, mouse: bool = False
    ) -> "TerminalPreferences":
        """Put the wishes of the command line on top of the configuration."""
        return cls(
            hz=hz or settings.hz,
            slow=slow or settings.slow,
            ascii_only=True if ascii_only else settings.ascii,
            title=settings.title,
            bell=settings.bell,
            notify=settings.notify,
            mouse=mouse or settings.mouse,
        )
