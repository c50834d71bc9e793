"""Netflix's Gradient2: compares the mean latency of a second with its average over 600 of them.

https://github.com/Netflix/concurrency-limits, Gradient2Limit in a WindowedLimit: tolerance 1.5, queue 4, smoothing 0.2,
windows of a second with at least 10 samples, first limit 20.
"""

from typing import Final

from bench.laws.peers.peer import Peer, PeerSettings

WINDOW: Final = 1.0
ENOUGH: Final = 10
LONG: Final = 600
WARM_UP: Final = 10
TOLERANCE: Final = 1.5
QUEUE: Final = 4
SMOOTHING: Final = 0.2


class Gradient2(Peer):
    """Moves once a second. It ignores failures."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=20)
        self._sum, self._many, self._most = 0.0, 0, 0
        self._next = 0.0
        self._long, self._windows = 0.0, 0

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        _ = dropped
        self._sum += latency
        self._many += 1
        self._most = max(self._most, in_flight)
        if now > self._next:
            mean, many, most = self._sum / self._many, self._many, self._most
            self._sum, self._many, self._most, self._next = 0.0, 0, 0, now + WINDOW
            if many >= ENOUGH:
                self.window(mean, most)

    def window(self, short: float, most: int) -> None:
        """Adapt the limit, by the mean latency of a window and the most requests in flight."""
        self._average(short)
        if most < self.limit / 2:
            return
        gradient = max(0.5, min(1.0, TOLERANCE * self._long / short))
        wanted = gradient * self.limit + QUEUE
        self.limit = self.bound((1 - SMOOTHING) * self.limit + SMOOTHING * wanted)

    def _average(self, short: float) -> None:
        self._windows += 1
        weight = 1 / self._windows if self._windows <= WARM_UP else 2 / (LONG + 1)
        self._long += weight * (short - self._long)
        if self._long > 2 * short:
            self._long *= 0.95
