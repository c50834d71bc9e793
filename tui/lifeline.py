"""Leaves a screen on a signal, also when the terminal takes no more and the screen cannot end itself."""

import os
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from tui.exit_codes import Exit
from tui.interrupts import Interrupts

Modes = list[Any]
PATIENCE: Final = 3.0
"""Seconds the screen has to close once the harvest has ended."""
_RESTORE: Final = b"\x1b[<u\x1b[?1000;1002;1003;1004;1006;2004l\x1b[?1049l\x1b[?25h\x1b[0m\r\n"
"""Keyboard protocol, mouse, focus and paste reports off; the normal screen, the cursor, no colour."""


class Lifeline:
    """While entered, a signal calls `leave`; when that leads nowhere the process ends by itself.

    Args:
        leave: asks the screen to close; called in the main thread, once for each signal.
        ended: waits until the harvest has ended, in a thread of its own.
        give_up: ends the process; None restores the terminal first.
    """

    def __init__(
        self,
        *,
        leave: Callable[[], object],
        ended: Callable[[], object],
        give_up: Callable[[int], object] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._leave = leave
        self._ended = ended
        self._give_up = give_up or self._end_process
        self._patience = patience
        self._closed = threading.Event()
        self._guard: threading.Thread | None = None
        self._interrupts = Interrupts(self._signalled)
        self._modes = _terminal_modes()

    def __enter__(self) -> Self:
        self._interrupts.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed.set()
        self._interrupts.__exit__(kind, error, at)

    def _signalled(self) -> None:
        if self._guard is None:
            self._guard = threading.Thread(target=self._watch, name="lifeline", daemon=True)
            self._guard.start()
        self._leave()

    def _watch(self) -> None:
        self._ended()
        if not self._closed.wait(self._patience):
            self._give_up(Exit.INTERRUPTED)

    def _end_process(self, code: int) -> None:
        _restore_terminal(self._modes)
        os._exit(code)


def _terminal_modes() -> Modes | None:
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    except (termios.error, ValueError, OSError):
        return None


def _restore_terminal(modes: Modes | None) -> None:
    """Undo what the screen did to the terminal, without ever waiting for it."""
    with suppress(OSError, ValueError, termios.error, AttributeError):
        if modes is not None:
            termios.tcsetattr(0, termios.TCSANOW, modes)
        os.set_blocking(2, False)
        os.write(2, _RESTORE)
