"""The start of the knee tracker: it doubles round by round until requests queue. Pure."""

import math
from dataclasses import dataclass
from typing import Final

from engine.pacing.concurrency.rounds import Finding

SURE: Final = 8
"""A round of fewer answers must show a longer queue to end the start by itself: chance looks like a short one."""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows a round of the start."""

    limit: float
    over: bool = False
    """Whether this was the last of them."""
    reason: str = ""


class Start:
    """Twice as many while nothing queues; one short queue is asked about once more, by another round."""

    def __init__(self, cap: int) -> None:
        self.threshold = math.inf
        """Double no further than this: twice what the server is known to take."""
        self._cap = float(cap)
        self._queued = 0
        """Rounds in a row with a queue."""

    def decide(self, found: Finding, limit: float, *, dead: float, enough: float) -> Step:
        """Choose the next limit.

        Args:
            found: what the round said.
            limit: in that round.
            dead: seconds of queueing that count as none.
            enough: how many in flight the server takes, going by this round.
        """
        if found.queue > max(dead, 0.1 * found.base):
            self._queued += 1
            if self._queued < 2 and not _clear(found):
                return Step(limit)
            self._queued = 0
            return Step(min(limit, enough), over=True)
        self._queued = 0
        if not found.limited:
            return Step(limit)
        most = min(self.threshold, self._cap)
        return Step(
            min(2 * limit, most), over=2 * limit >= most, reason=f"no queue at {found.in_flight:.0f}: twice as many"
        )

    def again(self, threshold: float) -> None:
        """Begin anew, up to a threshold."""
        self.threshold, self._queued = threshold, 0


def _clear(found: Finding) -> bool:
    return found.queue > (0.6 if found.count >= SURE else 1.5) * found.base
