"""What admission is asked and answers: a yes or a wait with its bound, the ticket of a request, what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.model.lane_state import Bound
from engine.pacing.budgets.budget import Reading, span
from engine.pacing.budgets.request_cost import Price
from engine.pacing.concurrency.controller import LoadSignal, Sample
from engine.pacing.response.throttling import Throttle


@dataclass(frozen=True, slots=True)
class Now:
    """It may start; `canary` when it is the one that tests whether a penalty is over."""

    canary: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """It must wait: `seconds`, or until an answer comes (None)."""

    bound: Bound
    reason: str
    seconds: float | None = None


Admit = Now | Wait
GO: Final = Now()
GO_ALONE: Final = Now(canary=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A request under way, as admission remembers it."""

    sent_at: float
    in_flight: int
    cost: float
    route: str
    tag: int = 0
    """The controller's mark."""
    conditional: bool = False
    """It asks whether anything has changed."""
    price: Price | None = None
    """What was set aside for it; None is its declared cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestResult:
    """What became of a request under way."""

    outcome: LoadSignal
    latency: float
    readings: Sequence[tuple[str, Reading]] = ()
    """What the answer said of budgets, by name."""
    refused: bool = False
    """The API refused it for its rate."""
    throttle: Throttle = Throttle.PLAIN
    """Which kind of refusal it was."""
    wait: float | None = None
    """Seconds the API asked to wait, where it did."""
    reason: str = ""
    chance: float = 0.0
    """0 to 1, the share of the jitter to add to a pause."""
    lagged: bool = False
    """The event loop was late meanwhile: the latency is partly our own."""
    unchanged: bool = False
    """Nothing had changed (304)."""


def sample_of(ticket: Ticket, answer: RequestResult) -> Sample:
    """Return what the controller sees of a request that is over."""
    return Sample(
        tag=ticket.tag,
        sent_at=ticket.sent_at,
        latency=answer.latency,
        route=ticket.route,
        outcome=answer.outcome,
        lagged=answer.lagged,
    )


PAUSED: Final = Wait(Bound.PAUSE, "paused")
DRAINING: Final = Wait(Bound.DRAIN, "finishing what is in flight")
FREE: Final = Wait(Bound.NONE, "")
IDLE: Final = Wait(Bound.WORK, "nothing to start")
CROWDED: Final = Wait(Bound.STORE, "answers wait for the database")


def backing_off(seconds: float) -> Wait:
    """Say that all that is left waits for its next attempt."""
    return Wait(Bound.BACKOFF, f"the next attempt is due in {span(seconds)}", seconds)
