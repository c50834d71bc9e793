"""What a run has left to do, counted: with the last of it the run is over. Pure."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from engine.harvest.outcomes import Settled


class Todo:
    """Requests that are queued, under way or waiting for another attempt, and what a person may still add."""

    def __init__(self, *, open_: int, done: int) -> None:
        self.open = open_
        self.done = done

    def settle(self, settled: Settled) -> None:
        """Count an outcome."""
        self.open += settled.opened
        self.done += settled.done

    def expect(self, coming: Awaitable[int], then: Callable[[], None]) -> Coroutine[Any, Any, None]:
        """Count one for what may come, so that the run does not end while the disk is asked; `then` once it is known.

        It is taken off again whatever becomes of the question: a run that could not be added to must end all the same.
        """
        self.open += 1
        return self._take(coming, then)

    async def _take(self, coming: Awaitable[int], then: Callable[[], None]) -> None:
        many = 0
        try:
            many = await coming
        finally:
            self.open += many - 1
            then()
