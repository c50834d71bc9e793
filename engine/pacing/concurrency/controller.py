"""The interface of a controller: how many requests may be in flight.

A controller is a small pure class that is told of every send and every answer. All times are seconds on one monotonic
clock and are passed in.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class LoadSignal(StrEnum):
    """What an answer says about the server's load."""

    OK = "ok"
    OVERLOADED = "overloaded"
    """A timeout, a broken connection or a 5xx status."""
    NEUTRAL = "neutral"
    """The answer says nothing about load: refused for its rate, cancelled, or an error of the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One finished request, as the controller sees it."""

    tag: int
    """The value that `Controller.sent` returned for this request."""
    sent_at: float
    latency: float
    route: str
    """The endpoint's path template. Latencies are comparable within one route only."""
    signal: LoadSignal
    lagged: bool = False
    """The event loop was late while the request was in flight, so part of the latency is the client's own."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of the limit, with its reason in plain words. It is logged and stored as a decision."""

    old: int
    new: int
    reason: str


class Controller(Protocol):
    """Finds the concurrency that a server takes. Pure: no clock, no random numbers, no I/O."""

    @property
    def limit(self) -> int:
        """How many may be in flight, at least 1."""

    @property
    def spacing(self) -> float:
        """Least seconds between two sends, so that a raised limit or the end of a pause does not cause a burst."""

    def ask(self, now: float) -> None:
        """Record that a request is ready to be sent, whether or not it may be."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Record a send and return the tag for its sample. `in_flight` includes this request."""

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Learn from one finished request. Return the move if the limit changed."""

    def resume(self, limit: float) -> Move | None:
        """Restart from `limit`, below what was in use before: after an outage, or from an earlier run's limit."""

    def try_out(self, limit: float, why: str) -> Move | None:
        """Set a limit that the user asked for and judge it like any other; None if this controller never adapts."""

    def describe(self) -> str:
        """Describe in plain words what the controller is doing now."""
