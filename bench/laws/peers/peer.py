"""The common part of the laws of other systems: a limit, and a harness that favours them.

In the harness, a worker whose request failed sleeps for the Retry-After in seconds, or else backs off exponentially,
and holds its slot meanwhile. So even a law that ignores refusals slows down. Each file names the source of its
formulas; the code is written from the formulas.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from bench.simulation.station import Sent

LONGEST_BACKOFF: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSettings:
    """What a law gets before a run."""

    rng: Random
    cap: int
    """The most requests in flight."""
    wall: Callable[[float], float]
    """The client's wall clock at a virtual time, in seconds since the epoch."""


class Peer:
    """A law with the interface of the yardstick: at most `limit` requests in flight."""

    def __init__(self, settings: PeerSettings, *, limit: float) -> None:
        self.rng = settings.rng
        self.cap = settings.cap
        self.limit = limit

    def gate(self, now: float, in_flight: int) -> float | None:
        _ = now
        return 0.0 if in_flight < max(1, int(min(self.limit, self.cap))) else None

    def on_send(self, now: float, request: Sent) -> None:
        """Note nothing."""

    def on_resp(
        self, now: float, request: Sent, status: int, latency: float, headers: Mapping[str, Any]
    ) -> float | None:
        """Learn from a response; return how long a failed worker sleeps."""
        self.learn(now, latency, request.inflight, dropped=status != 200)
        return None if status == 200 else self.backoff(now, request, headers)

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        """Adapt the limit; `in_flight` counts the requests in flight when this one was sent, including itself."""

    def backoff(self, now: float, request: Sent, headers: Mapping[str, Any]) -> float:
        """Return the seconds that a failed worker sleeps: Retry-After, or 0.5, 1, 2 .. 30 with up to a quarter more."""
        _ = now
        wait = headers.get("retry-after")
        if wait is not None:
            return float(wait)
        return min(LONGEST_BACKOFF, 0.5 * 2.0**request.attempt) * self.rng.uniform(1.0, 1.25)

    def bound(self, limit: float) -> float:
        """Limit a value to between 1 and the cap."""
        return max(1.0, min(float(self.cap), limit))
