"""Counts what a source does, second by second, in bounded memory. All times are monotonic seconds, passed in."""

import math
from collections import Counter, deque
from collections.abc import Iterable
from typing import Final

from engine.snapshot import Second, Spared
from engine.source import Avoided
from engine.text import clean

KEPT: Final = 300
LATENCIES: Final = 500
RATE_SPAN: Final = 10


class Meter:
    """Counters, a ring of seconds and the latest latencies."""

    def __init__(self, now: float) -> None:
        self.requests = self.rows = self.bytes = self.retries = self.throttled = self.failed = 0
        self._avoided: Counter[str] = Counter()
        self._began = now
        self._second = math.floor(now)
        self._running = [0, 0, 0]
        self._most = [1, 0]
        self._seconds: deque[Second] = deque(maxlen=KEPT)
        self._latencies: deque[float] = deque(maxlen=LATENCIES)

    def landed(self, now: float, *, rows: int, size: int) -> None:
        """Count an answer that is on disk."""
        self.roll(now, self._most[0], 0)
        self.requests += 1
        self.rows += rows
        self.bytes += size
        for index, value in enumerate((1, rows, size)):
            self._running[index] += value

    def spared(self, avoided: Iterable[Avoided]) -> None:
        """Count requests that a plainer client would have made, by why."""
        for each in avoided:
            self._avoided[clean(each.why)] += each.requests

    def avoided(self) -> tuple[Spared, ...]:
        """Return them, the most first. What a source takes back never makes a sum less than none."""
        return tuple(Spared(why, requests) for why, requests in self._avoided.most_common() if requests > 0)

    def answered(self, latency: float) -> None:
        """Note how long an answer took."""
        self._latencies.append(latency)

    def roll(self, now: float, limit: int, in_flight: int) -> None:
        """Close the seconds that are over; of the running one, keep the limit and the most seen in flight."""
        second = math.floor(now)
        missed = min(second - self._second, KEPT)
        for _ in range(missed):
            requests, rows, size = self._running
            self._seconds.append(
                Second(requests=requests, rows=rows, bytes=size, limit=self._most[0], in_flight=self._most[1])
            )
            self._running = [0, 0, 0]
            self._most = [limit, in_flight]
        self._second = max(self._second, second)
        self._most = [limit, max(in_flight, self._most[1])]

    def seconds(self) -> tuple[Second, ...]:
        """Return the seconds that are over, oldest first."""
        return tuple(self._seconds)

    def rate(self, now: float) -> float:
        """Return requests per second over the last ten seconds, or over what there was so far."""
        recent = list(self._seconds)[-RATE_SPAN:]
        span = min(now - self._began, len(recent) + (now - self._second))
        return (sum(second.requests for second in recent) + self._running[0]) / max(span, 1.0)

    def percentile(self, share: float) -> float | None:
        """Return a percentile of the latest latencies in seconds; None before the first."""
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
