"""The state of one lane, in the present tense: what is in flight, what binds it, what its budgets have left.

As all snapshots it is frozen, its texts are safe to show, and None means unknown.
"""

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """What keeps a lane from starting one more request right now."""

    NONE = "none"
    """Nothing does."""
    WORK = "work"
    """There is nothing to start."""
    CONCURRENCY = "concurrency"
    BUDGET = "budget"
    PENALTY = "penalty"
    PACE = "pace"
    PIN = "pin"
    CAP = "cap"
    BACKOFF = "backoff"
    """What is left waits for its next attempt."""
    STORE = "store"
    """Answers arrive faster than the database takes them."""
    PAUSE = "pause"
    DRAIN = "drain"


class SetBy(StrEnum):
    """Who sets a lane's concurrency limit."""

    AUTO = "auto"
    """The controller."""
    PIN = "pin"
    """The person, exactly; budgets, penalties and the source's own cap may still keep it lower."""
    CAP = "cap"
    """The controller, up to a number of the person's."""


@dataclass(frozen=True, slots=True)
class LimitMode:
    """Who sets a lane's concurrency limit, and the person's number: "auto", "pin 12" or "cap 12"."""

    by: SetBy = SetBy.AUTO
    number: int | None = None

    def __str__(self) -> str:
        return self.by.value if self.number is None else f"{self.by} {self.number}"


class PlaceState(StrEnum):
    """What a numbered place ("worker 7") is doing."""

    IDLE = "idle"
    BUSY = "busy"
    CANARY = "canary"
    """Sends the one request that tests whether a penalty is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSlot:
    """One numbered place in a lane: "worker 7" on the screen."""

    number: int
    state: PlaceState
    what: str
    """The request it works on, or the last one it had."""
    elapsed: float | None
    """Seconds it has been at it; None when idle."""
    done: int
    retried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What is known of one budget."""

    name: str
    origin: str
    """Where it is known from: "headers" or "configured"."""
    limit: float | None
    remaining: float | None
    resets_in: float | None
    """Seconds until it is full again; None when the API does not say."""
    window: float | None = None
    """Seconds in which `limit` requests are allowed, where that is known."""
    own: float | None = None
    """What this process used of it, as far back as it saw this window; None where nobody counts."""
    others: float | None = None
    """What somebody else used of it meanwhile; None where that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """One limit domain of a source: a host, a credential and a resource."""

    resource: str
    host: str
    limit: int
    """How many may be in flight."""
    in_flight: int
    mode: LimitMode
    bound: Bound
    wait: float | None
    """Seconds until the next may start, where that is known."""
    reason: str
    """The bound in words: "budget core: 12 of 5,000 left, resets in 38 s"."""
    quotas: tuple[Quota, ...]
    places: tuple[WorkerSlot, ...]
    cost: float = 1.0
    """What an answer takes of a budget it tells of, on average of late."""
    cap: int = 0
    """Never more in flight than this, by the source's own rules; 0 is unknown."""
    share: float = 1.0
    """How much of its budgets is its own where other sources draw on them too, 0 to 1, by weight."""
    beside: float = 0.0
    """Requests that those are known to have left."""
    parked_until: float | None = None
    """When the API is asked again, seconds since the epoch, where it asked for a rest of more than ten minutes."""
