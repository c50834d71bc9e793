"""Ends the process when the last words on a terminal take too long: one that is stalled would never take them."""

import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from tui.terminal.restore import modes, restore, stalled

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
