"""How the screen treats its terminal: the configuration, with the options of the command line on top."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.config.tables import ScreenSettings
from tui.terminal.pace import HZ

# Values of TERM, whole or by their beginning.
_PLAIN: Final = frozenset({"", "dumb", "unknown"})
_OLD: Final = ("linux", "vt", "ansi", "cons", "sun")


def moves_cursor(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal can move its cursor, so that a screen can be drawn."""
    return environ.get("TERM", "xterm") not in _PLAIN


def is_old(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal is a console: at most 16 colours, and it would print an OSC sequence as text."""
    return environ.get("TERM", "").startswith(_OLD)


def takes_osc(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal accepts OSC sequences, for the title and notifications."""
    return moves_cursor(environ) and not is_old(environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalPreferences:
    """How the screen treats its terminal."""

    hz: float = HZ
    """The most frames a second."""
    slow: bool = False
    """Whether to stay below 10 kB a second."""
    ascii_only: bool | None = None
    """Whether to draw ASCII only; None decides by the locale and the terminal."""
    title: bool = True
    bell: bool = True
    notify: bool = True
    mouse: bool = False
    """Whether the screen receives the mouse from the start."""

    @classmethod
    def of(
        cls, settings: ScreenSettings, *, hz: float | None, slow: bool, ascii_only: bool, mouse: bool = False
    ) -> "TerminalPreferences":
        """Combine the command line with the configuration; the command line wins."""
        return cls(
            hz=hz or settings.hz,
            slow=slow or settings.slow,
            ascii_only=True if ascii_only else settings.ascii,
            title=settings.title,
            bell=settings.bell,
            notify=settings.notify,
            mouse=mouse or settings.mouse,
        )
