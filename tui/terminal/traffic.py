"""The traffic to the terminal: bytes sent, and bytes still waiting."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW: Final = 5.0
"""Seconds over which the rate is measured."""


class Line:
    """Counts bytes that were sent and bytes that wait. The writer's thread writes it, the screen's thread reads it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = 0
        """Bytes that the terminal has accepted since the start."""
        self.backlog = 0
        """Bytes that wait to be accepted."""
        self.took = 0.0
        """Seconds until the terminal had accepted the last frame in full."""
        self.gone = False
        """Whether the terminal is gone; everything written is then dropped."""
        self._clock = clock
        self._since: float | None = None
        self._recent: deque[tuple[float, int]] = deque()
        self._lost = False
        self._lock = threading.Lock()

    def queued(self, octets: int) -> None:
        """Count bytes that wait to be sent."""
        with self._lock:
            self.backlog += octets
            if self._since is None:
                self._since = self._clock()

    def sent(self, octets: int) -> None:
        """Count bytes that the terminal accepted."""
        now = self._clock()
        with self._lock:
            self.total += octets
            self.backlog = max(0, self.backlog - octets)
            self._note(now, octets)
            if not self.backlog and self._since is not None:
                self.took, self._since = now - self._since, None

    def dropped(self, octets: int) -> None:
        """Count bytes that are never sent. What the terminal shows is incomplete until it is repainted."""
        with self._lock:
            self.backlog = max(0, self.backlog - octets)
            self._since = None if not self.backlog else self._since
            self._lost = True

    def rate(self) -> float:
        """Return bytes per second over the last `WINDOW` seconds."""
        with self._lock:
            self._forget(self._clock())
            return sum(octets for _, octets in self._recent) / WINDOW

    def recovered(self) -> bool:
        """Return, once, whether the terminal accepts bytes again after some were dropped."""
        with self._lock:
            back = self._lost and not self.backlog and not self.gone
            self._lost = self._lost and not back
            return back

    def _note(self, now: float, octets: int) -> None:
        last, before = self._recent[-1] if self._recent else (-1.0, 0)
        if now - last < 0.1:
            self._recent[-1] = last, before + octets
        else:
            self._recent.append((now, octets))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._recent and now - self._recent[0][0] > WINDOW:
            self._recent.popleft()
