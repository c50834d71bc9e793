"""Netflix's AIMD: one more for every answer that used the limit, a tenth less for every failure.

https://github.com/Netflix/concurrency-limits, AIMDLimit: backoff ratio 0.9, timeout 5 s, first limit 20.
"""

from typing import Final

from bench.peers.peer import Peer, Told

TIMEOUT: Final = 5.0


class Aimd(Peer):
    """Additive increase, multiplicative decrease; latency below the timeout says nothing."""

    def __init__(self, told: Told) -> None:
        super().__init__(told, limit=20)

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        """Move the limit by one sample."""
        _ = now
        if dropped or latency > TIMEOUT:
            self.limit = self.bound(int(0.9 * self.limit))
        elif 2 * in_flight >= self.limit:
            self.limit = self.bound(self.limit + 1)
