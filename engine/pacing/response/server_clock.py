"""What time it is at the server, from the Date header of every answer. Pure: local times are passed in.

A reset is told as an epoch on the server's clock. Comparing it with the local clock is wrong by however far the two
are apart, which is a minute often enough to matter.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

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
