"""Puts a terminal back as it was, from any thread and also when it takes no more bytes."""

import os
import select
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

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


# Ends the process when the last words on a terminal take too long: one that is stalled would never take them.

WITHIN: Final = 1.5
"""Seconds that last words may take."""


class Deadline:
    """While entered, time runs; `over` is called with the exit code when it is up."""

    def __init__(self, code: int, *, within: float = WITHIN, over: Callable[[int], object] | None = None) -> None:
        self._before = modes()
        self._timer = threading.Timer(within, over or self._end_process, [code])
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if stalled():
            restore(self._before)  # which makes room as well
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()

    def _end_process(self, code: int) -> None:
        restore(self._before)
        os._exit(code)
