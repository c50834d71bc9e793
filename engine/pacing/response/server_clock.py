"""The server's clock, from the Date header of every answer. Pure: local times are passed in.

A reset is an epoch on the server's clock. The local clock may differ from it by a minute or more, so the two are never
compared directly.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from engine.pacing.response import headers
from engine.pacing.response.headers import RateLimitInfo
from engine.pacing.response.http_time import Reset
from engine.pacing.response.rate_limit_headers import QuotaReading

SAMPLES: Final = 64
"""Answers whose bounds are kept."""
_Bounds = tuple[float, float]


class SkewClock:
    """Bounds the difference between server time and local time.

    A server writes its Date between receiving and answering a request, and cuts it to whole seconds. So each answer
    bounds the offset to [Date - received, Date + 1 - sent]. The intersection over the last 64 answers is kept. Its
    lower bound is used, so that a reset is never expected too early.

    Args:
        offset: server time minus local time, assumed before the first answer. If `loop.time()` is the local clock, that
            is the wall clock minus the loop's clock.
    """

    def __init__(self, *, offset: float = 0.0) -> None:
        self._assumed = offset
        self._bounds: deque[_Bounds] = deque(maxlen=SAMPLES)
        self._stray: _Bounds | None = None
        self._within: _Bounds = (float("-inf"), float("inf"))
        """Cache of the intersection of all bounds. It is needed with every answer."""

    def __repr__(self) -> str:
        return f"<SkewClock offset {self.offset:+.2f} s from {len(self._bounds)} answers>"

    @property
    def known(self) -> bool:
        """Whether any answer had a Date."""
        return bool(self._bounds)

    @property
    def offset(self) -> float:
        """Lower bound of server time minus local time, in seconds."""
        return self._within[0] if self._bounds else self._assumed

    def observe(self, date: float, *, sent_at: float, received_at: float) -> None:
        """Learn from an answer with this Date that was sent and received at these local times.

        A sample that contradicts the others is set aside, because a server may have machines with different clocks. If
        the next one agrees with it, a clock was set, and all earlier samples are dropped.
        """
        sample = date - received_at, date + 1 - sent_at
        if sample[0] > sample[1]:
            return
        if _overlap(self._within, sample):
            self._add(sample)
            self._stray = None
        elif self._stray and _overlap(self._stray, sample):
            self._bounds = deque([self._stray, sample], maxlen=SAMPLES)
            self._within = _intersection(self._bounds)
            self._stray = None
        else:
            self._stray = sample

    def _add(self, sample: _Bounds) -> None:
        oldest = self._bounds[0] if len(self._bounds) == SAMPLES else None
        self._bounds.append(sample)
        # Only if the oldest sample was a bound can the intersection grow when it is dropped.
        if oldest is not None and (oldest[0] == self._within[0] or oldest[1] == self._within[1]):
            self._within = _intersection(self._bounds)
        else:
            self._within = max(self._within[0], sample[0]), min(self._within[1], sample[1])

    def server_now(self, local_now: float) -> float:
        """Return the server's time in seconds since the epoch, or slightly less."""
        return local_now + self.offset


class HeaderReader:
    """Reads the headers of one host's answers and keeps the offset of its clock.

    Args:
        offset: wall clock minus monotonic clock, assumed until the first answer with a Date.
    """

    def __init__(self, *, offset: float = 0.0) -> None:
        self._clock = SkewClock(offset=offset)

    def read(self, fields: Mapping[str, str], *, sent_at: float, now: float) -> RateLimitInfo:
        """Read an answer's headers and learn the server's time from its Date."""
        limits = headers.read(fields, server_now=self._clock.server_now(now))
        if limits.date is not None:
            self._clock.observe(limits.date, sent_at=sent_at, received_at=now)
        return limits

    def server_now(self, now: float) -> float:
        """Return the server's time in seconds since the epoch."""
        return self._clock.server_now(now)

    def readings(self, limits: RateLimitInfo, now: float, *, unnamed: str) -> list[QuotaReading]:
        """Return the quotas with their resets in local time. `unnamed` names a quota without a name."""
        return [
            replace(quota, name=quota.name or unnamed, resets_at=self._resets_at(quota.reset, now))
            for quota in limits.quotas
        ]

    def _resets_at(self, reset: Reset | None, now: float) -> float | None:
        if reset is None:
            return None
        # Not `Reset.wait`: a reset that is over stays in the past, which tells an old window from a new one.
        return now + (reset.seconds if reset.clock == "delta" else reset.seconds - self._clock.server_now(now))


def _intersection(bounds: Iterable[_Bounds]) -> _Bounds:
    lows, highs = zip(*bounds, strict=True)
    return max(lows), min(highs)


def _overlap(one: _Bounds, other: _Bounds) -> bool:
    return max(one[0], other[0]) <= min(one[1], other[1])
