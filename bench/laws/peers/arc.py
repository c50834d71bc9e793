"""Vector's Adaptive Request Concurrency: one more while latency is not above its mean, a tenth less when it is far off.

https://vector.dev/docs/about/under-the-hood/networking/arc/: first limit 1, decrease 0.9, moving average with alpha
0.4, threshold 2.5 deviations, and one decision per mean round trip. Any refusal or 5xx in it counts as far off.
"""

import math
from typing import Final

from bench.laws.peers.peer import Peer, PeerSettings
from bench.simulation.station import Sent

ALPHA: Final = 0.4
DEVIATIONS: Final = 2.5


class Arc(Peer):
    """Moves once for each mean round trip."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=1)
        self._mean: float | None = None
        self._variance = 0.0
        self._next = 0.0
        self._sum, self._many = 0.0, 0
        self._pushed_back = self._reached = False

    def on_send(self, now: float, request: Sent) -> None:
        """Record whether the limit is used."""
        _ = now
        self._reached = self._reached or request.inflight >= self.limit

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        """Collect the samples of a round trip."""
        _ = in_flight
        if dropped:
            self._pushed_back = True
        else:
            self._sum, self._many = self._sum + latency, self._many + 1
        if now < self._next:
            return
        current = self._sum / self._many if self._many else None
        if self._mean is not None:
            self.decide(current)
        if current is not None:
            self._average(current)
        self._next = now + (self._mean or 0.0)
        self._sum, self._many, self._pushed_back, self._reached = 0.0, 0, False, False

    def decide(self, current: float | None) -> None:
        """Move by the mean latency of the last round trip; None if it had no good response."""
        mean = self._mean or 0.0
        if self._reached and not self._pushed_back and current is not None and current <= mean:
            self.limit = self.bound(self.limit + 1)
        elif self._pushed_back or (current or 0.0) >= mean + DEVIATIONS * math.sqrt(self._variance):
            self.limit = self.bound(int(0.9 * self.limit))

    def _average(self, current: float) -> None:
        if self._mean is None:
            self._mean = current
            return
        off = current - self._mean
        self._mean += ALPHA * off
        self._variance = (1 - ALPHA) * (self._variance + ALPHA * off * off)
