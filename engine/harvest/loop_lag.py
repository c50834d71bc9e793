"""Knows when the event loop was late: latencies measured meanwhile are partly our own."""

import asyncio
from collections.abc import Callable
from typing import Final

BEAT: Final = 0.1
LATE: Final = 0.05


class LagWatch:
    """Sleeps a little, again and again, and notes when it woke too late."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._late_at = float("-inf")

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            due = self._now() + BEAT
            await asyncio.sleep(BEAT)
            if self._now() - due > LATE:
                self._late_at = self._now()

    def since(self, moment: float) -> bool:
        """Say whether the loop was late at any time since `moment`."""
        return self._late_at >= moment
