"""What time it is at the server, from the Date header of every answer. Pure: local times are passed in.

A reset is told as an epoch on the server's clock. Comparing it with the local clock is wrong by however far the two
are apart, which is a minute often enough to matter.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from engine.pacing.budgets.budget import Reading
from engine.pacing.response import headers
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.response.rate_limit_headers import QuotaReading

SAMPLES: Final = 64

_Bounds = tuple[float, float]


class SkewClock:
    """Narrows down server time minus local time.

    A Date is cut to the whole second and was written between sending and receiving, so each answer bounds the offset
    to [Date - received, Date + 1 - sent]; the intersection over the last 64 answers is kept. The lower bound is used:
    a reset is never taken to be earlier than it is.

    Args:
        offset: server time minus local time to assume before the first answer. With `loop.time()` as the local
            clock, that is the wall clock's reading minus the loop's.
    """

    def __init__(self, *, offset: float = 0.0) -> None:
        self._assumed = offset
        self._bounds: deque[_Bounds] = deque(maxlen=SAMPLES)
        self._stray: _Bounds | None = None
        self._within: _Bounds = (float("-inf"), float("inf"))
        """The intersection of all bounds, kept at hand: it is asked for with every answer."""

    def __repr__(self) -> str:
        return f"<SkewClock offset {self.offset:+.2f} s from {len(self._bounds)} answers>"

    @property
    def known(self) -> bool:
        """Whether any answer told the server's time."""
        return bool(self._bounds)

    @property
    def offset(self) -> float:
        """Seconds to add to a local time to get the server's, at least."""
        return self._within[0] if self._bounds else self._assumed

    def observe(self, date: float, *, sent_at: float, received_at: float) -> None:
        """Learn from an answer whose Date header said `date`, sent and received at these local times.

        An answer that contradicts the others is put aside: one may come from a machine with a clock of its own. When
        the next one agrees with it, a clock was stepped, and all that was known before is forgotten.
        """
        sample = date - received_at, date + 1 - sent_at
        if sample[0] > sample[1]:
            return
        if _agree(self._within, sample):
            self._add(sample)
            self._stray = None
        elif self._stray and _agree(self._stray, sample):
            self._bounds = deque([self._stray, sample], maxlen=SAMPLES)
            self._within = _meet(self._bounds)
            self._stray = None
        else:
            self._stray = sample

    def _add(self, sample: _Bounds) -> None:
        oldest = self._bounds[0] if len(self._bounds) == SAMPLES else None
        self._bounds.append(sample)
        if oldest is not None and (oldest[0] == self._within[0] or oldest[1] == self._within[1]):
            self._within = _meet(self._bounds)
        else:
            self._within = max(self._within[0], sample[0]), min(self._within[1], sample[1])

    def server_now(self, local_now: float) -> float:
        """Return the server's time in seconds since the epoch, or a little less."""
        return local_now + self.offset


def _meet(bounds: Iterable[_Bounds]) -> _Bounds:
    lows, highs = zip(*bounds, strict=True)
    return max(lows), min(highs)


def _agree(one: _Bounds, other: _Bounds) -> bool:
    return max(one[0], other[0]) <= min(one[1], other[1])


# Reads an answer's headers with the server's clock in mind: what admission learns budgets from. Pure.


class HeaderReader:
    """Keeps the skew between the server's clock and ours, one per host.

    Args:
        offset: wall clock minus monotonic clock, assumed until the first answer tells the server's time.
    """

    def __init__(self, *, offset: float = 0.0) -> None:
        self._clock = SkewClock(offset=offset)

    def read(self, fields: Mapping[str, str], *, sent_at: float, now: float) -> RateLimitInfo:
        """Read an answer's headers, and learn from its Date what time it is at the server."""
        advice = headers.read(fields, server_now=self._clock.server_now(now))
        if advice.date is not None:
            self._clock.observe(advice.date, sent_at=sent_at, received_at=now)
        return advice

    def server_now(self, now: float) -> float:
        """Return the server's time in seconds since the epoch."""
        return self._clock.server_now(now)

    def readings(self, advice: RateLimitInfo, now: float, *, unnamed: str) -> list[tuple[str, Reading]]:
        """Turn quotas into readings by name, resets told by the server's clock into times of ours."""
        return [(quota.name or unnamed, self._reading(quota, now)) for quota in advice.quotas]

    def _reading(self, quota: QuotaReading, now: float) -> Reading:
        resets_at = None
        if quota.reset is not None:
            delta = quota.reset.clock == "delta"
            wait = quota.reset.seconds if delta else quota.reset.seconds - self._clock.server_now(now)
            resets_at = now + wait
        return Reading(limit=quota.limit, remaining=quota.remaining, resets_at=resets_at, window=quota.window)
