"""Restores the terminal from any thread, even if it no longer accepts bytes."""

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

WITHIN: Final = 1.5
"""Seconds that the block of a `Deadline` may take."""
Modes = list[Any]
_SEQUENCES: Final = (
    "\x18"  # CAN ends a sequence of which only a part was sent
    "\x1b[<u\x1b[?1000;1002;1003;1004;1006;1015;1016;2004;2048l"
    f"{RESTORE_TITLE}\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m\r\n"
)
"""Keyboard protocol, mouse, focus, paste and size reports off; title, line wrap, main screen, cursor, colour reset."""


def modes() -> Modes | None:
    """Return the modes of the terminal; None if there is no terminal."""
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    except (termios.error, ValueError, OSError):
        return None


def restore(before: Modes | None) -> None:
    """Undo the screen's changes to the terminal, without ever waiting for it."""
    if before is None:
        return
    # TCSANOW: TCSADRAIN would wait for a stalled terminal to accept the bytes before.
    with suppress(OSError, termios.error):
        termios.tcsetattr(0, termios.TCSANOW, before)
    with suppress(OSError, termios.error):
        # Drop the bytes that a stalled terminal has not accepted: they would come before these sequences.
        termios.tcflush(2, termios.TCOFLUSH)
    with suppress(OSError):
        handle = os.open(os.ttyname(2), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)  # O_NONBLOCK only for this one
        os.write(handle, _SEQUENCES.encode())
        os.close(handle)


def stalled() -> bool:
    """Return whether the terminal accepts no more bytes."""
    try:
        return not select.select([], [2], [], 0)[1]
    except (OSError, ValueError):
        return False


def give_away() -> None:
    """Redirect standard input, output and error to /dev/null, because the terminal is gone."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)


class Deadline:
    """Ends the process if the block takes too long; `over` is called with the exit code.

    The block prints the summary. A stalled terminal would never accept it, and the process would not end.
    """

    def __init__(self, code: int, *, within: float = WITHIN, over: Callable[[int], object] | None = None) -> None:
        self._before = modes()
        self._timer = threading.Timer(within, over or self._end_process, [code])
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if stalled():
            restore(self._before)  # which also drops the waiting bytes, and so makes room for the summary
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()

    def _end_process(self, code: int) -> None:
        restore(self._before)
        os._exit(code)
