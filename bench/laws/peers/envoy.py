"""Envoy's gradient controller: compares the median of a second with one measured at 3 in flight every minute.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter: buffer 25 %,
minRTT from 50 requests every 60 s with up to 15 % jitter, and again after 5 windows at the lowest limit. The windows
are of 1 s: with the 100 ms of its example it oscillates wherever the latency is longer than that.
"""

import math
from collections.abc import Mapping
from statistics import median
from typing import Any, Final

from bench.laws.peers.peer import Peer, PeerSettings
from bench.simulation.station import Sent

LEAST: Final = 3
PROBES: Final = 50
WINDOW: Final = 1.0
EVERY: Final = 60.0
JITTER: Final = 0.15
BUFFER: Final = 1.25
AT_LEAST: Final = 5


class Envoy(Peer):
    """Alternates between measuring the latency without load and adapting the limit window by window."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=LEAST)
        self._latencies: list[float] = []
        self._probing = True
        self._since = 0.0
        """The start of the probe. Responses to earlier requests are not counted, as they were sent under load."""
        self._kept = float(LEAST)
        self._idle = math.inf
        self._next = self._probe_at = math.inf
        self._at_least = 0

    def gate(self, now: float, in_flight: int) -> float | None:
        """Advance the state when it is time, even without responses."""
        self.tick(now)
        return super().gate(now, in_flight)

    def on_resp(
        self, now: float, request: Sent, status: int, latency: float, headers: Mapping[str, Any]
    ) -> float | None:
        """Collect a latency, of a good response or not."""
        if request.t_send >= self._since:
            self._latencies.append(latency)
        if self._probing and len(self._latencies) >= PROBES:
            self._probed(now)
        self.tick(now)
        return None if status == 200 else self.backoff(now, request, headers)

    def tick(self, now: float) -> None:
        """Start a probe or end a window, if it is time."""
        if self._probing:
            return
        if now >= self._probe_at or self._at_least >= AT_LEAST:
            self._probing, self._since, self._at_least = True, now, 0
            self._kept, self.limit = self.limit, LEAST
            self._latencies = []
        elif now >= self._next:
            self._next = now + WINDOW
            if self._latencies:
                self.window(median(self._latencies), self._idle)
                self._latencies = []

    def window(self, short: float, idle: float) -> None:
        """Adapt the limit, by a window's median latency and the latency without load."""
        old = self.limit
        wanted = self.limit * max(0.5, min(2.0, BUFFER * idle / short))
        self.limit = max(LEAST, int(self.bound(wanted + math.sqrt(wanted))))
        self._at_least = self._at_least + 1 if old == self.limit == LEAST else 0

    def _probed(self, now: float) -> None:
        self._idle, self._latencies, self._probing = median(self._latencies), [], False
        self.limit = self._kept
        self._next = now + WINDOW
        self._probe_at = now + EVERY * (1 + JITTER * self.rng.random())
