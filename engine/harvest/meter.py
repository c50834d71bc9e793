"""Counts what a source does, second by second, in bounded memory. Times are monotonic seconds, passed in. Pure."""

import math
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Final

from engine.common.text import clean
from engine.model.snapshot import STEP_SECONDS, Second
from engine.model.source import Avoided

KEPT: Final = 300
"""Entries of each ring: five minutes of seconds, one hour of steps."""
SPAN: Final = KEPT * STEP_SECONDS
"""Seconds that the coarse ring covers."""


class RollingHistory:
    """Two ring buffers: the last minutes second by second, and the last hour in steps of `STEP_SECONDS` seconds."""

    def __init__(self) -> None:
        self._seconds: deque[Second] = deque(maxlen=KEPT)
        self._open: list[Second] = []
        self._steps: deque[Second] = deque(maxlen=KEPT)
        self._hour: tuple[Second, ...] = ()

    def add(self, second: Second) -> None:
        """Add a second that is over."""
        self._seconds.append(second)
        self._open.append(second)
        if len(self._open) == STEP_SECONDS:
            self._steps.append(merge(self._open))
            self._hour = tuple(self._steps)
            self._open.clear()

    def seconds(self) -> tuple[Second, ...]:
        """Return the last seconds, oldest first."""
        return tuple(self._seconds)

    def recent(self, many: int) -> Sequence[Second]:
        """Return at most `many` of the last seconds, oldest first."""
        return list(self._seconds)[-many:]

    def hour(self) -> tuple[Second, ...]:
        """Return the last hour in whole steps, oldest first."""
        return self._hour


def merge(seconds: Sequence[Second]) -> Second:
    """Merge seconds: sums, the highest in flight, the mean of the medians, the worst p95, the last limit and rest."""
    medians = [one.p50 for one in seconds if one.p50 is not None]
    return Second(
        requests=sum(one.requests for one in seconds),
        rows=sum(one.rows for one in seconds),
        bytes=sum(one.bytes for one in seconds),
        limit=seconds[-1].limit,
        in_flight=max(one.in_flight for one in seconds),
        p50=sum(medians) / len(medians) if medians else None,
        p95=max((one.p95 for one in seconds if one.p95 is not None), default=None),
        left=seconds[-1].left,
    )


__all__ = ["KEPT", "Meter"]

LATENCIES: Final = 500
RATE_SPAN: Final = 10


class Meter:
    """Counters, a history, the latest latencies, and how many requests were avoided for which reason."""

    def __init__(self, now: float) -> None:
        self.requests = self.rows = self.added = self.bytes = self.retries = self.throttled = self.failed = 0
        self.notes = 0
        self._avoided: Counter[str] = Counter()
        self._began = now
        self._second = math.floor(now)
        self._running = [0, 0, 0]
        self._peak = [1, 0]
        self._left: float | None = None
        self._history = RollingHistory()
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self._new_latencies: deque[float] = deque(maxlen=LATENCIES)

    def landed(self, now: float, *, rows: int, size: int, added: int = 0) -> None:
        """Count an answer that is on disk. Of the rows it wrote, `added` were not stored before."""
        self.roll(now, self._peak[0], 0, self._left)
        self.requests += 1
        self.rows += rows
        self.added += added
        self.bytes += size
        for index, value in enumerate((1, rows, size)):
            self._running[index] += value

    def count_avoided(self, avoided: Iterable[Avoided]) -> None:
        """Count requests that a client without any optimization would have sent, by reason."""
        for each in avoided:
            self._avoided[clean(each.why)] += each.requests

    def avoided(self) -> tuple[Avoided, ...]:
        """Return the avoided requests by reason, the most first. Sources may take counts back, so a sum may be 0."""
        return tuple(Avoided(requests, why) for why, requests in self._avoided.most_common() if requests > 0)

    def answered(self, now: float, latency: float) -> None:
        """Note how long an answer took that came now."""
        self.roll(now, self._peak[0], 0, self._left)
        self._latencies.append(latency)
        self._new_latencies.append(latency)

    def roll(self, now: float, limit: int, in_flight: int, left: float | None = None) -> None:
        """Close the seconds that are over; of the running one, keep the limit, the most in flight and what is left."""
        second = math.floor(now)
        for _ in range(min(second - self._second, SPAN)):
            self._close()
            self._peak = [limit, in_flight]
        self._second = max(self._second, second)
        self._peak = [limit, max(in_flight, self._peak[1])]
        self._left = left

    def seconds(self) -> tuple[Second, ...]:
        """Return the seconds that are over, oldest first."""
        return self._history.seconds()

    def hour(self) -> tuple[Second, ...]:
        """Return the last hour in coarser steps, oldest first."""
        return self._history.hour()

    def rate(self, now: float) -> float:
        """Return requests per second over the last ten seconds, or over what there was so far."""
        recent = self._history.recent(RATE_SPAN)
        span = min(now - self._began, len(recent) + (now - self._second))
        return (sum(second.requests for second in recent) + self._running[0]) / max(span, 1.0)

    def percentile(self, share: float) -> float | None:
        """Return a percentile of the latest latencies in seconds; None before the first."""
        return _percentile(self._latencies, share)

    def _close(self) -> None:
        requests, rows, size = self._running
        p50, p95 = _percentile(self._new_latencies, 0.5), _percentile(self._new_latencies, 0.95)
        limit, in_flight = self._peak
        self._history.add(
            Second(
                requests=requests,
                rows=rows,
                bytes=size,
                limit=limit,
                in_flight=in_flight,
                p50=p50,
                p95=p95,
                left=self._left,
            )
        )
        self._running = [0, 0, 0]
        self._new_latencies.clear()


def _percentile(latencies: Iterable[float], share: float) -> float | None:
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else None
