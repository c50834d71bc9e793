"""The data that admission takes and returns: send now or wait, the ticket of a request, and its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.common.text import span
from engine.model.lane_state import Bound
from engine.model.outside_wait import OutsideWait
from engine.pacing.budgets.request_cost import Price
from engine.pacing.concurrency.controller import LoadSignal, Sample
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.response.throttling import Throttle


@dataclass(frozen=True, slots=True)
class Now:
    """The request may be sent. `canary` marks the one that tests whether a penalty is over."""

    canary: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """The request must wait: for `seconds`, or until an answer comes if that is None."""

    bound: Bound
    reason: str
    seconds: float | None = None


Admit = Now | Wait
GO: Final = Now()
GO_ALONE: Final = Now(canary=True)
PAUSED: Final = Wait(Bound.PAUSE, "paused")
DRAINING: Final = Wait(Bound.DRAIN, "finishing what is in flight")
FREE: Final = Wait(Bound.NONE, "")
IDLE: Final = Wait(Bound.WORK, "nothing to start")
CROWDED: Final = Wait(Bound.STORE, "answers wait for the database")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A request in flight, as admission remembers it."""

    sent_at: float
    in_flight: int
    cost: float
    route: str
    tag: int = 0
    """The value that `Controller.sent` returned."""
    conditional: bool = False
    """It is a conditional request, which may be answered by 304."""
    price: Price | None = None
    """What was set aside for it; None for its declared cost."""
    probe: bool = False
    """It asks whether a host that was offline is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestResult:
    """The result of a request that was in flight."""

    signal: LoadSignal
    latency: float
    readings: Sequence[QuotaReading] = ()
    """What the answer said about budgets, by name."""
    refused: bool = False
    """The API refused it for its rate."""
    throttle: Throttle = Throttle.PLAIN
    """The kind of refusal, if `refused`."""
    wait: float | None = None
    """Seconds that the API asked to wait; None if it did not say."""
    reason: str = ""
    chance: float = 0.0
    """0 to 1, the share of the jitter to add to a pause. It is passed in because this package is pure."""
    lagged: bool = False
    """The event loop was late while the request was in flight, so part of the latency is the client's own."""
    unchanged: bool = False
    """The answer was 304 Not Modified."""
    answered: bool = True
    """Whether anything came back, however bad; else `reason` says why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTerms:
    """On which terms a request is sent again that failed in passing."""

    excused: bool = False
    """The server fails every request, so this failure uses up none of the request's attempts."""
    held: bool = False
    """The domain holds all requests back, so this one needs no wait of its own."""
    later: bool = False
    """The retry quota is spent: it waits as long as any backoff may be."""


def sample_of(ticket: Ticket, answer: RequestResult) -> Sample:
    """Return the sample that the controller learns from."""
    return Sample(
        tag=ticket.tag,
        sent_at=ticket.sent_at,
        latency=answer.latency,
        route=ticket.route,
        signal=answer.signal,
        lagged=answer.lagged,
    )


def backing_off(seconds: float) -> Wait:
    """Return the wait when every request that is left waits for its next attempt."""
    return Wait(Bound.BACKOFF, f"the next attempt is due in {span(seconds)}", seconds)


def outside(wait: OutsideWait, now: float) -> Wait:
    """Return the wait for a cause outside of fetchdeck. `now` is on the clock of the wait's times."""
    seconds = None if wait.next_try is None else max(wait.next_try - now, 0.0)
    return Wait(Bound.OUTSIDE, wait.describe(now), seconds)
