"""Netflix's AIMD: one more for every answer that used the limit, a tenth less for every failure.

https://github.com/Netflix/concurrency-limits, AIMDLimit: backoff ratio 0.9, timeout 5 s, first limit 20.
"""

from typing import Final

from bench.laws.peers.peer import Peer, PeerSettings

TIMEOUT: Final = 5.0


class Aimd(Peer):
    """Additive increase, multiplicative decrease. A latency below the timeout has no effect."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=20)

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        _ = now
        if dropped or latency > TIMEOUT:
            self.limit = self.bound(int(0.9 * self.limit))
        elif 2 * in_flight >= self.limit:
            self.limit = self.bound(self.limit + 1)
