"""Puts a terminal back as it was, from any thread and also when it takes no more bytes."""

import os
import select
import sys
import termios
from contextlib import suppress
from typing import Any, Final

from tui.terminal.osc import RESTORE_TITLE

Modes = list[Any]
_SEQUENCES: Final = (
    "\x18"  # CAN ends a sequence that was cut short
    "\x1b[<u\x1b[?1000;1002;1003;1004;1006;1015;1016;2004;2048l"
    f"{RESTORE_TITLE}\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m\r\n"
)
"""Keyboard protocol, mouse, focus, paste and size reports off; title, line wrap, normal screen, cursor, no colour."""


def modes() -> Modes | None:
    """Return the modes of the terminal; None where there is none."""
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    except (termios.error, ValueError, OSError):
        return None


def restore(before: Modes | None) -> None:
    """Undo what a screen did to the terminal, without ever waiting for it."""
    if before is None:
        return
    with suppress(OSError, termios.error):
        termios.tcsetattr(0, termios.TCSANOW, before)
    with suppress(OSError, termios.error):
        # What a stalled terminal has not taken is stale, and would keep this from reaching it.
        termios.tcflush(2, termios.TCOFLUSH)
    with suppress(OSError):
        handle = os.open(os.ttyname(2), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)  # ours, so not waiting is ours too
        os.write(handle, _SEQUENCES.encode())
        os.close(handle)


def stalled() -> bool:
    """Say whether the terminal takes no more."""
    try:
        return not select.select([], [2], [], 0)[1]
    except (OSError, ValueError):
        return False


def give_away() -> None:
    """Let standard input, output and error lead nowhere: the terminal behind them has gone."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)
