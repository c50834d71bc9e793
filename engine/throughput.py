"""How much a server gets done at once, and whether that fell: what tells a slower server from a queue of ours. Pure."""

import math
from typing import Final

from engine.pacing.concurrency.rounds import Finding

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
