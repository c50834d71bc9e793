"""What the control laws of other systems have in common here: a limit, and a harness that favours them.

The harness: a worker whose request failed sleeps for the Retry-After in seconds, or else backs off exponentially, and
holds its slot meanwhile, so that even a law that knows no refusals slows down. Sources of the formulas are named in
each file; the code is written from the formulas.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from bench.station import Sent

LONGEST_BACKOFF: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a law is told before a run."""

    rng: Random
    cap: int
    """Never more in flight than this."""
    wall: Callable[[float], float]
    """The client's wall clock at a virtual time, seconds since the epoch."""


class Peer:
    """A law with the methods of the yardstick: as many in flight as `limit` says."""

    def __init__(self, told: Told, *, limit: float) -> None:
        self.rng = told.rng
        self.cap = told.cap
        self.limit = limit

    def gate(self, now: float, in_flight: int) -> float | None:
        """Let one more leave while there are fewer than the limit."""
        _ = now
        return 0.0 if in_flight < max(1, int(min(self.limit, self.cap))) else None

    def on_send(self, now: float, request: Sent) -> None:
        """Note nothing."""

    def on_resp(
        self, now: float, request: Sent, status: int, latency: float, headers: Mapping[str, Any]
    ) -> float | None:
        """Learn from an answer; a failed worker sleeps."""
        self.learn(now, latency, request.inflight, dropped=status != 200)
        return None if status == 200 else self.backoff(now, request, headers)

    def learn(self, now: float, latency: float, in_flight: int, *, dropped: bool) -> None:
        """Move the limit; `in_flight` were under way when the request left, itself among them."""

    def backoff(self, now: float, request: Sent, headers: Mapping[str, Any]) -> float:
        """Return the seconds a failed worker sleeps: Retry-After, or 0.5, 1, 2 .. 30 with up to a quarter more."""
        _ = now
        told = headers.get("retry-after")
        if told is not None:
            return float(told)
        return min(LONGEST_BACKOFF, 0.5 * 2.0**request.attempt) * self.rng.uniform(1.0, 1.25)

    def bound(self, limit: float) -> float:
        """Keep a limit between 1 and the cap."""
        return max(1.0, min(float(self.cap), limit))
