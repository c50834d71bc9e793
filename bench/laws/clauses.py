"""The parts of the bars that concern time: settled latency, a used burst, and requests sent too early."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any, Final

from bench.laws.law import Law, SimRequest
from bench.simulation.rules import EPOCH

SETTLED: Final = 1.3
"""The multiple of the idle latency below which latency counts as settled."""
SPAN: Final = 2.0
"""Seconds over which latency is averaged."""


class WatchedLaw:
    """Counts how often a law sends before the moment that a refusal named."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.early = 0
        self._until = 0.0

    def gate(self, now: float, in_flight: int) -> float | None:
        return self.law.gate(now, in_flight)

    def on_send(self, now: float, request: SimRequest) -> None:
        """Count a request that is sent too early."""
        self.early += now < self._until
        self.law.on_send(now, request)

    def on_resp(
        self, now: float, request: SimRequest, status: int, latency: float, headers: Mapping[str, Any] | None
    ) -> None:
        """Record what a refusal says, in the server's time, which is that of the simulation."""
        fields = headers or {}
        if status in {403, 429}:
            wait = now + fields.get("retry-after", 0.0)
            self._until = max(self._until, wait, fields.get("retry-after-date", EPOCH) - EPOCH)
        self.law.on_resp(now, request, status, latency, headers)


def settled(answered_at: Sequence[float], latencies: Sequence[float], change: float, idle: float) -> float:
    """Return the seconds from a change until the mean latency of two seconds is below 1.3 times the idle latency."""
    start = bisect_left(answered_at, change)
    for index in range(start, len(answered_at)):
        end = bisect_left(answered_at, answered_at[index] + SPAN)
        if fmean(latencies[index:end]) < SETTLED * idle:
            return answered_at[index] - change
    return float("inf")


def spent(sent_at: Sequence[float], burst: float, rate: float) -> float:
    """Return the second in which nine tenths of a bucket's burst were used."""
    for index, at in enumerate(sent_at, start=1):
        if burst + rate * at - index <= 0.1 * burst:
            return at
    return float("inf")
