"""The start of the knee tracker: it doubles round by round until requests queue. Pure."""

import math
from dataclasses import dataclass
from typing import Final

from engine.pacing.concurrency.rounds import Finding

# A sudden queue is put to the test: asked less, does it shorten as a queue of ours would? Pure.

CUTS: Final = 2


class Suspicion:
    """Compares the queue after two cuts with what it would be if it were ours."""

    def __init__(self) -> None:
        self._before: Finding | None = None
        self._cuts = 0

    def begin(self, found: Finding) -> None:
        """Suspect the queue of a round; the first cut follows."""
        self._before, self._cuts = found, 1

    def forget(self) -> None:
        """Suspect nothing."""
        self._before, self._cuts = None, 0

    def weigh(self, found: Finding) -> bool | None:
        """Say whether the queue is ours; None while another cut must show it."""
        before = self._before
        assert before is not None, "a verdict follows a suspicion"
        if self._cuts < CUTS:
            self._cuts += 1
            if found.queue > before.queue:
                # The first look was taken while the queue still built up.
                self._before = found
            return None
        self.forget()
        share = found.in_flight / max(before.in_flight, 1e-9)
        ours = (before.base + before.queue) * share - before.base
        return share > 0.95 or found.queue <= (before.queue + ours) / 2


# How much a server gets done at once, and whether that fell: what tells a slower server from a queue of ours. Pure.

GAIN: Final = 0.2
LEAST: Final = 0.1
"""So small a share less is none."""
DOUBT: Final = 2.0
"""So many standard errors less are none."""


class Throughput:
    """Answers a second by Little's law: mean in flight over mean latency, smoothed over rounds.

    More in flight than a server works on wait for each other, but as many are answered. So a queue that came without a
    loss of throughput is ours, and needs no test.
    """

    def __init__(self) -> None:
        self._usual = 0.0
        self.fell = False
        """Whether the last round was clearly below what was usual before it."""

    def note(self, found: Finding, *, restart: bool) -> None:
        """Take in a round; `restart` forgets what was usual, as the start does with every doubling."""
        rate = found.in_flight / found.latency
        tolerance = max(LEAST, DOUBT * found.variation / math.sqrt(found.count))
        self.fell = rate < self._usual * (1 - tolerance)
        if restart or self._usual == 0:
            self._usual = rate
        elif found.limited or rate > self._usual:
            self._usual += GAIN * (rate - self._usual)


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
