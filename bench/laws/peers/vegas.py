"""Netflix's Vegas: keeps the estimated queue between 3 and 6 times the decimal logarithm of the limit.

https://github.com/Netflix/concurrency-limits, VegasLimit: queue = ceil(L (1 - noload / rtt)), first limit 20, and now
and then (every 15 to 30 times L samples) the next sample becomes the new noload.
"""

import math

from bench.laws.peers.peer import Peer, PeerSettings


def step(limit: float) -> int:
    """Return the decimal logarithm of a limit as a whole number, at least 1."""
    return max(1, int(math.log10(max(1.0, limit))))


class Vegas(Peer):
    """Moves with every sample."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=20)
        self._noload = math.inf
        self._samples = 0
        self._jitter = self._draw()

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        """Take a sample as the new noload, or compare it with the present one."""
        _ = now
        self._samples += 1
        if self._samples >= 30 * self._jitter * self.limit:
            self._samples, self._jitter, self._noload = 0, self._draw(), latency
        elif latency < self._noload:
            self._noload = latency
        else:
            self.limit = self.bound(self.limit + self._move(latency, in_flight, dropped=dropped))

    def _move(self, latency: float, in_flight: int, *, dropped: bool) -> int:
        unit = step(self.limit)
        if dropped:
            return -unit
        if 2 * in_flight < self.limit:
            return 0
        queue = math.ceil(self.limit * (1 - self._noload / latency))
        if queue <= unit:
            return 6 * unit
        if queue < 3 * unit:
            return unit
        return -unit if queue > 6 * unit else 0

    def _draw(self) -> float:
        return self.rng.uniform(0.5, 1.0)
