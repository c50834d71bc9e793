"""botocore's adaptive retry mode: a rate that grows by a cubic from the last throttling, and a token bucket.

https://github.com/boto/botocore/blob/develop/botocore/retries/throttling.py and adaptive.py: rate = 0.4 (t - K)^3 + W,
K = cbrt(0.3 W / 0.4), 0.7 W when throttled, at most twice the measured rate, at least 0.5 a second; 10 connections.
It is off until the first throttling.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from bench.laws.peers.peer import Peer, PeerSettings
from bench.simulation.station import Sent

SCALE: Final = 0.4
BETA: Final = 0.7
LEAST: Final = 0.5
SMOOTHING: Final = 0.8
BIN: Final = 0.5
THROTTLED: Final = frozenset({403, 429, 503})


def plateau(rate: float) -> float:
    """Return the seconds until the cubic reaches the rate at which it was throttled."""
    return math.cbrt(rate * (1 - BETA) / SCALE)


class Botocore(Peer):
    """Limits the rate, from the first throttling on."""

    def __init__(self, settings: PeerSettings) -> None:
        super().__init__(settings, limit=10)
        self.rate = LEAST
        self._on = False
        self._most, self._throttled_at = 0.0, 0.0
        self._tokens, self._filled_at = 0.0, 0.0
        self._measured, self._count, self._bin = 0.0, 0, 0.0

    def gate(self, now: float, in_flight: int) -> float | None:
        crowded = super().gate(now, in_flight)
        if crowded is None or not self._on:
            return crowded
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self.rate)

    def on_send(self, now: float, request: Sent) -> None:
        _ = request
        if self._on:
            self._fill(now)
            self._tokens -= 1

    def on_resp(
        self, now: float, request: Sent, status: int, latency: float, headers: Mapping[str, Any]
    ) -> float | None:
        _ = latency
        self._measure(now)
        throttled = status in THROTTLED
        wanted = self._throttle(now) if throttled else self.cubic(now - self._throttled_at)
        self._set(now, min(wanted, 2 * self._measured))
        return None if status == 200 else self.backoff(now, request, headers)

    def cubic(self, since: float) -> float:
        """Return the rate so many seconds after a throttling."""
        return float(SCALE * (since - plateau(self._most)) ** 3 + self._most)

    def _throttle(self, now: float) -> float:
        self._most = min(self._measured, self.rate) if self._on else self._measured
        self._throttled_at, self._on = now, True
        return BETA * self._most

    def _measure(self, now: float) -> None:
        self._count += 1
        this = math.floor(now / BIN) * BIN
        if this > self._bin:
            self._measured += SMOOTHING * (self._count / (this - self._bin) - self._measured)
            self._count, self._bin = 0, this

    def _set(self, now: float, rate: float) -> None:
        self._fill(now)
        self.rate = max(rate, LEAST)
        self._tokens = min(self._tokens, max(1.0, self.rate))

    def _fill(self, now: float) -> None:
        self._tokens = min(max(1.0, self.rate), self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
