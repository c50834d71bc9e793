"""A wall clock that does not jump: the time that retries are due by.

The due time of a request is stored, so it must be a wall time; but a wall clock is set, by hand or by NTP, and an hour
back would make every retry wait an hour. So within a process due times are counted on from the wall time of its start.
When the two drift apart, the stored times are moved along, in the transaction that moves this clock.

A laptop that sleeps: CLOCK_MONOTONIC stands still, CLOCK_BOOTTIME goes on, and so does what an API counts. The engine's
event loop therefore runs on the latter: a wait that ended during the sleep is over when the machine wakes.

Daylight saving moves no clock: the seconds since the epoch go on, only their names change.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

DRIFT: Final = 2.0
"""Seconds by which the clocks may differ. NTP corrects less than that by a slightly faster or slower clock."""
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On macOS there is no CLOCK_BOOTTIME, and CLOCK_MONOTONIC counts sleep."""


class SleepCountingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is never set, and goes on while the machine sleeps.

    The kernel does not count sleep while the loop waits for its next timer. The engine has one every second, which is
    by how much the others are late after a sleep.
    """

    def time(self) -> float:
        """Return seconds since the machine was started."""
        return time.clock_gettime(_CLOCK)


class SteadyClock:
    """Counts wall time on from its beginning.

    Args:
        wall: seconds since the epoch, UTC, which may jump.
        now: seconds that do not.
    """

    def __init__(self, *, wall: Callable[[], float], now: Callable[[], float]) -> None:
        self._wall = wall
        self._now = now
        self.offset = wall() - now()
        """Added to `now`. It is set by the thread that reads this clock: the store's."""

    def __call__(self) -> float:
        """Return seconds since the epoch, UTC, without jumps."""
        return self._now() + self.offset

    def drifted(self) -> float:
        """Return by how many seconds the wall clock was set forward, below 0 for back; 0.0 if it was not."""
        moved = self._wall() - self()
        return moved if abs(moved) > DRIFT else 0.0
