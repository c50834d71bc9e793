"""The state of one lane in a snapshot: what is in flight, what binds it, and what its budgets have left.

Snapshots are frozen, their texts are safe to show, and None means unknown.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.model.outside_wait import OutsideWait


class Bound(StrEnum):
    """What keeps a lane from sending one more request right now. docs/pacing.md explains each."""

    NONE = "none"
    """One more request may be sent."""
    WORK = "work"
    """The queue has no request to send."""
    CONCURRENCY = "concurrency"
    BUDGET = "budget"
    PENALTY = "penalty"
    PACE = "pace"
    PIN = "pin"
    CAP = "cap"
    BACKOFF = "backoff"
    """Every request that is left waits for its next attempt."""
    STORE = "store"
    """Answers arrive faster than the database writes them."""
    OUTSIDE = "outside"
    """A cause outside of fetchdeck: no network, no room on the disk, no login. `LaneState.outside` says which."""
    PAUSE = "pause"
    DRAIN = "drain"


class SetBy(StrEnum):
    """Who sets a lane's concurrency limit."""

    AUTO = "auto"
    """The controller."""
    PIN = "pin"
    """The user, exactly; budgets, penalties and the source's own cap may still keep it lower."""
    CAP = "cap"
    """The controller, up to the user's number."""


@dataclass(frozen=True, slots=True)
class LimitMode:
    """Who sets a lane's concurrency limit, and the user's number: "auto", "pin 12" or "cap 12"."""

    by: SetBy = SetBy.AUTO
    number: int | None = None

    def __str__(self) -> str:
        return self.by.value if self.number is None else f"{self.by} {self.number}"


class SlotState(StrEnum):
    """What a worker slot is doing."""

    IDLE = "idle"
    BUSY = "busy"
    CANARY = "canary"
    """It has the one request that tests whether a penalty is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSlot:
    """One worker slot of a lane: "worker 7" on the screen."""

    number: int
    state: SlotState
    what: str
    """Its current request, or the last one it had."""
    elapsed: float | None
    """Seconds since its current request was sent; None if idle."""
    done: int
    retried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The known state of one budget."""

    name: str
    origin: str
    """"headers", "configured" or "learned"."""
    limit: float | None
    remaining: float | None
    resets_in: float | None
    """Seconds until it is full again; None if the API does not say."""
    window: float | None = None
    """Seconds for which `limit` holds; None if unknown."""
    own: float | None = None
    """What this process has used since it first saw the window; None if that is not counted."""
    others: float | None = None
    """What other clients have used in the same time; None if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """One limit domain of a source: a host, a credential and a resource."""

    resource: str
    host: str
    limit: int
    """How many requests may be in flight now."""
    in_flight: int
    mode: LimitMode
    bound: Bound
    wait: float | None
    """Seconds until the next request may be sent; None if unknown."""
    reason: str
    """The bound in words: "budget core: 12 of 5,000 left, resets in 38 s"."""
    quotas: tuple[Quota, ...]
    slots: tuple[WorkerSlot, ...]
    cost: float = 1.0
    """Moving average of what one request costs of a header budget."""
    cap: int = 0
    """Highest number in flight by the source's own rules; 0 if unknown."""
    share: float = 1.0
    """Its share, by weight, of budgets that other sources use as well, 0 to 1."""
    beside: float = 0.0
    """How many requests those other sources are known to have left."""
    parked_until: float | None = None
    """When the lane sends again after a rest of more than ten minutes, in seconds since the epoch; else None."""
    outside: OutsideWait | None = None
    """The cause outside of fetchdeck that this lane waits for; None if there is none."""
