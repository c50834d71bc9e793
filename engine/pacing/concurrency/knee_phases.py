"""The phases of the adaptive controller: doubling at the start, testing a sudden queue, and watching throughput."""

import math
from dataclasses import dataclass
from typing import Final

from engine.pacing.concurrency.rounds import Finding

CUTS: Final = 2
"""A test of a sudden queue cuts the limit so many times."""
GAIN: Final = 0.2
"""Weight of the newest round in the moving average of throughput."""
LEAST: Final = 0.1
"""A loss of throughput up to this share counts as none."""
DOUBT: Final = 2.0
"""A loss of up to so many standard errors counts as none."""
SURE: Final = 8
"""A round with fewer answers must show a longer queue to end the start by itself, because chance may look like a short
one."""


class Suspicion:
    """Tells a queue of our own from a server that became slower: only our own queue shortens when we send less.

    After two cuts, the queue is compared with the length that it would have if it were ours.
    """

    def __init__(self) -> None:
        self._before: Finding | None = None
        self._cuts = 0

    def begin(self, found: Finding) -> None:
        """Note the round whose queue is in doubt. The caller makes the first cut."""
        self._before, self._cuts = found, 1

    def forget(self) -> None:
        self._before, self._cuts = None, 0

    def weigh(self, found: Finding) -> bool | None:
        """Return whether the queue is ours; None as long as a further cut is needed to tell."""
        before = self._before
        assert before is not None, "a verdict follows a suspicion"
        if self._cuts < CUTS:
            self._cuts += 1
            if found.queue > before.queue:
                # The queue was still building up in the first round, so compare with this one.
                self._before = found
            return None
        self.forget()
        share = found.in_flight / max(before.in_flight, 1e-9)
        # If the queue is ours, throughput stays and latency falls with the number in flight (Little's law).
        ours = (before.base + before.queue) * share - before.base
        # Closer to that prediction than to no change at all. Without a real cut nothing was tested: assume ours.
        return share > 0.95 or found.queue <= (before.queue + ours) / 2


class Throughput:
    """Throughput by Little's law: mean number in flight over mean latency, smoothed over rounds.

    Requests beyond the server's capacity wait, but as many are answered a second. So a queue that appears without a
    loss of throughput is our own and needs no test (docs/decisions/0012-what-the-law-takes-for-proof.md).
    """

    def __init__(self) -> None:
        self._usual = 0.0
        self.fell = False
        """Whether the last round was clearly below the average of those before it."""

    def note(self, found: Finding, *, restart: bool) -> None:
        """Take in a round. `restart` drops the average: each round of the start runs at another limit."""
        rate = found.in_flight / found.latency
        tolerance = max(LEAST, DOUBT * found.variation / math.sqrt(found.count))
        self.fell = rate < self._usual * (1 - tolerance)
        if restart or self._usual == 0:
            self._usual = rate
        # With fewer requests sent than allowed, a low rate says nothing about the server.
        elif found.limited or rate > self._usual:
            self._usual += GAIN * (rate - self._usual)


@dataclass(frozen=True, slots=True)
class StartDecision:
    """The decision after one round of the start."""

    limit: float
    over: bool = False
    """Whether the start is over."""
    reason: str = ""


class SlowStart:
    """Slow start: doubles the limit until requests queue. A short queue must show in two rounds in a row."""

    def __init__(self, cap: int) -> None:
        self.threshold = math.inf
        """Upper bound of the doubling: what the server is known to take. TCP calls it ssthresh
        (https://www.rfc-editor.org/rfc/rfc5681#section-3.1)."""
        self._cap = float(cap)
        self._queued = 0
        """Rounds in a row with a queue."""

    def decide(self, found: Finding, limit: float, *, dead: float, enough: float) -> StartDecision:
        """Choose the next limit.

        Args:
            found: what the round showed.
            limit: the limit of that round.
            dead: seconds of queueing that count as none.
            enough: how many requests in flight the server takes, estimated from this round.
        """
        if found.queue > max(dead, 0.1 * found.base):
            self._queued += 1
            if self._queued < 2 and not _clear(found):
                return StartDecision(limit)
            self._queued = 0
            return StartDecision(min(limit, enough), over=True)
        self._queued = 0
        if not found.limited:
            return StartDecision(limit)
        most = min(self.threshold, self._cap)
        return StartDecision(
            min(2 * limit, most), over=2 * limit >= most, reason=f"no queue at {found.in_flight:.0f}: twice as many"
        )

    def again(self, threshold: float) -> None:
        """Restart, doubling up to a threshold."""
        self.threshold, self._queued = threshold, 0


def _clear(found: Finding) -> bool:
    """Whether the queue is so long that one round is proof enough."""
    return found.queue > (0.6 if found.count >= SURE else 1.5) * found.base
