"""Detects a late event loop. A latency that was measured meanwhile contains time of our own."""

import asyncio
from collections.abc import Callable
from typing import Final

BEAT: Final = 0.1
"""Seconds between two checks."""
LATE: Final = 0.05
"""Seconds by which a check must be late to count."""


class LagWatch:
    """Sleeps for `BEAT` again and again, and records when it woke too late."""

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

    def late_since(self, moment: float) -> bool:
        """Return whether the loop was late at any time since `moment`."""
        return self._late_at >= moment
