"""Scrapy's AutoThrottle: a delay between requests that follows the latency, with a target of one at a time.

https://docs.scrapy.org/en/latest/topics/autothrottle.html: delay = max(latency / N, (delay + latency / N) / 2), from
5 s, at most 60 s, N = 1; a response other than 200 may not lower it. Scrapy waits 0.5 to 1.5 times the delay, keeps at
most 8 requests per domain in flight, and queues failed requests again instead of holding a slot.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from bench.laws.peers.peer import Peer, PeerSettings
from bench.simulation.station import Sent

FIRST: Final = 5.0
LONGEST: Final = 60.0
TARGET: Final = 1.0


class AutoThrottle(Peer):
    """Delays requests instead of limiting their number."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=8)
        self.delay = FIRST
        self._free_at = -math.inf

    def gate(self, now: float, in_flight: int) -> float | None:
        crowded = super().gate(now, in_flight)
        return crowded if crowded is None else max(0.0, self._free_at - now)

    def on_send(self, now: float, request: Sent) -> None:
        """Draw the next delay."""
        _ = request
        self._free_at = now + self.delay * self.rng.uniform(0.5, 1.5)

    def on_resp(self, now: float, request: Sent, status: int, latency: float, headers: Mapping[str, Any]) -> None:
        """Adapt the delay. A failed request goes back to the queue."""
        _ = (now, request, headers)
        wanted = latency / TARGET
        delay = min(LONGEST, max(wanted, (self.delay + wanted) / 2))
        if status == 200 or delay > self.delay:
            self.delay = delay
