"""What decides how many requests may be in flight. The law is pluggable: a small pure class that sees samples.

All times are seconds on one monotonic clock, passed in.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class LoadSignal(StrEnum):
    """What an answer says about the server's load."""

    OK = "ok"
    OVERLOADED = "overloaded"
    """A timeout, a broken connection or a 5xx."""
    NEUTRAL = "neutral"
    """Nothing: refused for its rate, cancelled, or a mistake of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One finished request, as the controller sees it."""

    tag: int
    """What `Controller.sent` returned for it."""
    sent_at: float
    latency: float
    route: str
    """Latencies are comparable within one route only."""
    outcome: LoadSignal
    lagged: bool = False
    """The event loop was late meanwhile: the latency is partly our own."""


@dataclass(frozen=True, slots=True)
class Move:
    """The limit went from one number to another, for a reason in plain words."""

    old: int
    new: int
    reason: str


class Controller(Protocol):
    """Finds the concurrency a server takes. Pure: no clock, no chance, no I/O."""

    @property
    def limit(self) -> int:
        """How many may be in flight, at least 1."""

    @property
    def spacing(self) -> float:
        """Seconds to leave between two sends, so that a jump of the limit or the end of a pause is no burst."""

    def ask(self, now: float) -> None:
        """Note that a request wants to leave, whether it may or not."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Note that a request left, `in_flight` counting it; return the tag its sample must carry."""

    def observe(self, now: float, sample: Sample) -> Move | None:
        """Learn from one finished request; say what changed."""

    def resume(self, limit: float) -> Move | None:
        """Start again from half of what it was: after an outage, or with what an earlier run learned."""

    def try_out(self, limit: float, why: str) -> Move | None:
        """Go to a limit the person wants, and judge it as any other; None where nothing is ever judged."""

    def words(self) -> str:
        """Say in plain words what it is doing."""
