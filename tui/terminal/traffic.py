"""The line to the terminal: how much goes over it, and how far behind it is."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW: Final = 5.0
"""Seconds that the rate looks back."""


class Line:
    """Counts what is written and what waits. The writer and the screen are different threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = 0
        """Bytes the terminal has taken since the start."""
        self.backlog = 0
        """Bytes it has not yet taken."""
        self.took = 0.0
        """Seconds the last frame took until the terminal had it whole."""
        self.gone = False
        """There is no terminal any more: whatever is written is dropped."""
        self._clock = clock
        self._since: float | None = None
        self._past: deque[tuple[float, int]] = deque()
        self._lost = False
        self._lock = threading.Lock()

    def queued(self, octets: int) -> None:
        """Note bytes that wait to be taken."""
        with self._lock:
            self.backlog += octets
            if self._since is None:
                self._since = self._clock()

    def sent(self, octets: int) -> None:
        """Note bytes that were taken."""
        now = self._clock()
        with self._lock:
            self.total += octets
            self.backlog = max(0, self.backlog - octets)
            self._note(now, octets)
            if not self.backlog and self._since is not None:
                self.took, self._since = now - self._since, None

    def dropped(self, octets: int) -> None:
        """Note bytes that will never be sent: what the terminal shows is incomplete from now on."""
        with self._lock:
            self.backlog = max(0, self.backlog - octets)
            self._since = None if not self.backlog else self._since
            self._lost = True

    def rate(self) -> float:
        """Return bytes per second over the last seconds."""
        with self._lock:
            self._forget(self._clock())
            return sum(octets for _, octets in self._past) / WINDOW

    def recovered(self) -> bool:
        """Say, once, that the terminal takes bytes again after some were dropped."""
        with self._lock:
            back = self._lost and not self.backlog and not self.gone
            self._lost = self._lost and not back
            return back

    def _note(self, now: float, octets: int) -> None:
        last, before = self._past[-1] if self._past else (-1.0, 0)
        if now - last < 0.1:
            self._past[-1] = last, before + octets
        else:
            self._past.append((now, octets))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._past and now - self._past[0][0] > WINDOW:
            self._past.popleft()
