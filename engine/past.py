"""A source's past in bounded memory: the last minutes second by second, the last hour in coarser steps. Pure."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from engine.model.snapshot import STEP, Second

KEPT: Final = 300
"""Entries of each kind."""
SPAN: Final = KEPT * STEP
"""Seconds all of it covers."""


class Past:
    """Two rings: what leaves the fine one has long been added to the coarse one."""

    def __init__(self) -> None:
        self._seconds: deque[Second] = deque(maxlen=KEPT)
        self._open: list[Second] = []
        self._steps: deque[Second] = deque(maxlen=KEPT)
        self._hour: tuple[Second, ...] = ()

    def add(self, second: Second) -> None:
        """Add a second that is over."""
        self._seconds.append(second)
        self._open.append(second)
        if len(self._open) == STEP:
            self._steps.append(together(self._open))
            self._hour = tuple(self._steps)
            self._open.clear()

    def seconds(self) -> tuple[Second, ...]:
        """Return the last seconds, oldest first."""
        return tuple(self._seconds)

    def recent(self, many: int) -> Sequence[Second]:
        """Return at most so many of the last seconds, oldest first."""
        return list(self._seconds)[-many:]

    def hour(self) -> tuple[Second, ...]:
        """Return the last hour in whole steps, oldest first."""
        return self._hour


def together(seconds: Sequence[Second]) -> Second:
    """Put seconds together: sums, the highest in flight, the mean median, the worst p95, the last limit and rest."""
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
