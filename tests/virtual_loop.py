"""An event loop whose clock jumps to the next timer when everything is blocked.

It stands still while a thread it was told of works, and calls it a deadlock when nothing can ever happen again.
"""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class Deadlock(AssertionError):
    """Every task waits, no timer is set and no thread is at work."""


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for no timeout: it moves the clock instead."""

    def __init__(self, loop: "VirtualLoop") -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0) if self._someone_may_call() else []
        if ready or timeout == 0:
            return ready
        if any(busy() for busy in self._loop.threads):
            return super().select(5)
        if timeout is None:
            raise Deadlock("nothing can happen any more: every task waits and no timer is set")
        self._loop.clock += timeout
        return ready

    def _someone_may_call(self) -> bool:
        """Say whether a socket is watched besides the loop's own, or a thread works: else a look finds nothing."""
        return len(self.get_map()) > 1 or any(busy() for busy in self._loop.threads)


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's loop on virtual time. `threads` holds what says whether a thread outside still works."""

    def __init__(self) -> None:
        self.clock = 1000.0
        self.threads: list[Callable[[], bool]] = []
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self.clock
