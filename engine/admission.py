"""When the next request may start: one pure question, asked by the engine, the benchmarks and the tests alike.

It puts together the controller (how many may be in flight), every budget, the penalty gate and the person's wishes.
The answer names the bound that binds, and that is the word the screen shows. All times are monotonic seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.budget import Budget, ConfiguredWindow, HeaderWindow, Reading, span
from engine.controller import Controller, Move, Outcome, Sample
from engine.penalty import PenaltyGate
from engine.snapshot import Bound, Quota


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A request under way, as admission remembers it."""

    sent_at: float
    in_flight: int
    cost: float
    route: str
    canary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of a request under way."""

    outcome: Outcome
    latency: float
    readings: Sequence[tuple[str, Reading]] = ()
    """What the answer said of budgets, by name."""
    refused: bool = False
    """The API refused it for its rate."""
    wait: float | None = None
    """Seconds the API asked to wait, where it did."""
    reason: str = ""
    chance: float = 0.0
    """0 to 1, the share of the jitter to add to a penalty's pause."""


@dataclass(slots=True, kw_only=True)
class Admission:
    """One limit domain: a host, a credential and a resource."""

    resource: str
    controller: Controller
    cap: int
    gate: PenaltyGate
    configured: Sequence[ConfiguredWindow] = ()
    pin: int | None = None
    """The person's number; budgets, the gate and the cap still win."""
    _learned: dict[str, HeaderWindow] = field(default_factory=dict)
    _under_way: float = 0.0
    """Cost of the requests that are not answered yet."""

    @property
    def limit(self) -> int:
        """How many may be in flight, all told."""
        return max(1, min(self.cap, self.controller.limit if self.pin is None else self.pin))

    def admit(self, now: float, in_flight: int, cost: float = 1.0) -> Admit:
        """Say whether one more may start, given how many are in flight."""
        penalty = self.gate.blocked(now)
        if penalty is None or penalty > 0:
            return Wait(Bound.PENALTY, self.gate.words(now), penalty)
        if in_flight >= self.limit:
            return Wait(self._binding(), f"{in_flight} of {self.limit} in flight")
        holds = [hold for budget in self._budgets() if (hold := budget.hold(now, self._under_way, cost))]
        if holds:
            longest = max(holds, key=lambda hold: float("inf") if hold.seconds is None else hold.seconds)
            return Wait(Bound.BUDGET, longest.reason, longest.seconds)
        return Now(canary=self.gate.snapshot() is not None)

    def sent(self, now: float, in_flight: int, cost: float = 1.0, route: str = "") -> Ticket:
        """Note that a request left; `in_flight` counts it."""
        self._under_way += cost
        for budget in self._budgets():
            budget.sent(now, cost)
        canary = self.gate.on_sent(now)
        return Ticket(sent_at=now, in_flight=in_flight, cost=cost, route=route, canary=canary)

    def answered(self, now: float, ticket: Ticket, answer: Answered) -> Move | None:
        """Learn from what became of a request; say whether the limit moved."""
        self._under_way = max(0.0, self._under_way - ticket.cost)
        for name, reading in answer.readings:
            self._learned.setdefault(name, HeaderWindow(name)).learn(now, reading)
        if answer.refused:
            self.gate.on_refused(now, ticket.sent_at, answer.wait, answer.reason, chance=answer.chance)
        elif answer.outcome is Outcome.OK:
            self.gate.on_success(ticket.sent_at)
        else:
            self.gate.on_gone(ticket.sent_at)
        sample = Sample(
            sent_at=ticket.sent_at,
            latency=answer.latency,
            in_flight=ticket.in_flight,
            route=ticket.route,
            outcome=answer.outcome,
        )
        return self.controller.observe(now, sample)

    def gone(self, ticket: Ticket) -> None:
        """Note that a request was cancelled: it says nothing about the server."""
        self._under_way = max(0.0, self._under_way - ticket.cost)
        self.gate.on_gone(ticket.sent_at)

    def quotas(self, now: float) -> tuple[Quota, ...]:
        """Say what is known of every budget."""
        return tuple(budget.quota(now) for budget in self._budgets())

    def recall(self, now: float, quotas: Iterable[Quota], sent: Iterable[tuple[float, int]]) -> None:
        """Take in what an earlier process knew: running windows, and how many left how many seconds ago."""
        for quota in quotas:
            resets_at = None if quota.resets_in is None else now + quota.resets_in
            reading = Reading(limit=quota.limit, remaining=quota.remaining, resets_at=resets_at)
            self._learned.setdefault(quota.name, HeaderWindow(quota.name)).learn(now, reading)
        for ago, many in sent:
            for window in self.configured:
                window.sent(now - ago, many)

    def mode(self) -> str:
        """Say who sets the concurrency."""
        return "auto" if self.pin is None else f"pin {self.pin}"

    def _budgets(self) -> Sequence[Budget]:
        return [*self.configured, *self._learned.values()]

    def _binding(self) -> Bound:
        if self.pin is not None and self.pin <= self.cap:
            return Bound.PIN
        return Bound.CAP if self.limit == self.cap else Bound.CONCURRENCY


PAUSED: Final = Wait(Bound.PAUSE, "paused")
DRAINING: Final = Wait(Bound.DRAIN, "finishing what is in flight")
FREE: Final = Wait(Bound.NONE, "")
IDLE: Final = Wait(Bound.WORK, "nothing to start")
CROWDED: Final = Wait(Bound.STORE, "answers wait for the database")


def backing_off(seconds: float) -> Wait:
    """Say that all that is left waits for its next attempt."""
    return Wait(Bound.BACKOFF, f"the next attempt is due in {span(seconds)}", seconds)
