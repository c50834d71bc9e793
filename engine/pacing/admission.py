"""The decision whether the next request may be sent. The engine, the benchmarks and the tests all ask it here.

It combines the controller's limit, the caps, every budget, the penalty gate and the circuit breaker. A request is sent
only if all of them allow it. If one does not, the answer names this bound, and the screen shows it. All times are
monotonic seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engine.model.lane_state import Bound, LimitMode, Quota, SetBy
from engine.model.outside_wait import OutsideWait
from engine.pacing.budget_set import BudgetSet
from engine.pacing.budgets.budget import Ask, Budget
from engine.pacing.budgets.configured_window import ConfiguredWindow, WorkSeconds
from engine.pacing.budgets.fair_queue import FairQueue, Share
from engine.pacing.budgets.header_budgets import HeaderBudgets
from engine.pacing.budgets.learned import InferredLimits, Learned
from engine.pacing.budgets.request_cost import Costs, Price
from engine.pacing.circuit_breaker import Breaker
from engine.pacing.concurrency.controller import Controller, LoadSignal, Move
from engine.pacing.concurrency.policies import NO_RESTRAINT, Restraint
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.reachability import Reachability
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.response.throttling import Throttle
from engine.pacing.retry import SHORTEST_PENALTY
from engine.pacing.retry_quota import RetryQuota
from engine.pacing.room import Room
from engine.pacing.ticket import GO, GO_ALONE, Admit, Now, RequestResult, RetryTerms, Ticket, Wait, sample_of

FOR_ALL: Final = frozenset({Throttle.SECONDARY, Throttle.PLAIN})
"""Refusals that name no resource and so concern every lane of the host and credential, as GitHub's secondary limits do:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"""


@dataclass(slots=True, kw_only=True)
class Admission:
    """The admission of one limit domain: a host, a credential and a resource."""

    resource: str
    controller: Controller
    cap: int
    """Highest number in flight that the API allows."""
    gate: PenaltyGate
    configured: Sequence[ConfiguredWindow] = ()
    restraint: Restraint = NO_RESTRAINT
    """What the user leaves to others."""
    pin: int | None = None
    """The number in flight that the user set. Budgets, the gate and the API's cap still win."""
    manual_cap: int | None = None
    """The highest number in flight that the user allows."""
    spacing: float = 0.0
    """Least seconds between two sends, set by the user."""
    backlog: float = float("inf")
    """Cost of all requests that are known to be left. What fits into a budget is not paced."""
    hour: int | None = None
    """The hour of the user's wall clock, 0 to 23, for rules by time of day."""
    work: Sequence[WorkSeconds] = ()
    """Limits on the server's CPU time."""
    costs: Costs = field(default_factory=Costs)
    breaker: Breaker = field(default_factory=Breaker)
    reach: Reachability = field(default_factory=Reachability)
    """Whether the host answers at all; shared by all lanes that ask it."""
    room: Room = field(default_factory=Room)
    """How many requests the process has room for; shared by all lanes."""
    header_budgets: HeaderBudgets = field(default_factory=HeaderBudgets)
    inferred: InferredLimits = field(default_factory=InferredLimits)
    queue_share: Share = field(default_factory=lambda: FairQueue().join(""), repr=False, compare=False)
    """The place in the queue of the lanes that draw on the same budgets."""
    siblings: list["Admission"] = field(default_factory=list, repr=False, compare=False)
    """All admissions of this host and credential, or site. A refusal that names no resource closes all their gates."""
    quota: RetryQuota = field(default_factory=RetryQuota)
    _last_failure: str = ""
    _last_sent: float = float("-inf")
    _now: float = 0.0
    _budgets: BudgetSet = field(init=False)

    def __post_init__(self) -> None:
        counted: list[Budget] = [*self.configured, *self.work, self.inferred.overstated, self.inferred.hidden]
        self._budgets = BudgetSet(
            counted=counted, header_budgets=self.header_budgets, costs=self.costs, queue_share=self.queue_share
        )

    @property
    def limit(self) -> int:
        """How many requests may be in flight: the least of all caps, at least 1."""
        wanted = self.controller.limit if self.pin is None else self.pin
        secondary = self.inferred.secondary.limit(self._now)
        return max(1, int(min(self.cap, wanted, self.manual_cap or self.cap, secondary, self.room.limit)))

    def admit(
        self, now: float, in_flight: int, cost: float = 1.0, route: str = "", *, conditional: bool = False
    ) -> Admit:
        """Say whether one more request may be sent. A conditional one (If-None-Match) may cost less."""
        self._now = now
        answer = self._decide(now, in_flight, self.costs.price(route, cost, conditional=conditional), cost)
        if self.pin is None or isinstance(answer, Now) or answer.bound is Bound.PIN or in_flight >= self.pin:
            return answer
        return replace(answer, reason=f"pinned {self.pin}, running {in_flight}: {answer.reason}")

    def sent(
        self, now: float, in_flight: int, cost: float = 1.0, route: str = "", *, conditional: bool = False
    ) -> Ticket:
        """Record a send and return its ticket. `in_flight` includes this request."""
        self._last_sent = now
        self.inferred.began(now)
        price = self.costs.price(route, cost, conditional=conditional)
        self._budgets.sent(now, cost, price)
        # If gate and breaker are both shut, one request tests both. Both must know that it was sent: otherwise its
        # failure would not renew the breaker's pause.
        self.gate.on_sent(now)
        self.breaker.sent(now)
        self.room.sent()
        probe = self.reach.sent(now)
        tag = self.controller.sent(now, in_flight, route)
        return Ticket(
            sent_at=now,
            in_flight=in_flight,
            cost=cost,
            route=route,
            tag=tag,
            conditional=conditional,
            price=price,
            probe=probe,
        )

    def answered(self, now: float, ticket: Ticket, answer: RequestResult) -> Move | None:
        """Learn from a finished request. Return the move if the limit changed."""
        self._now = now
        self.room.ended()
        self.room.arrived()
        if answer.answered:
            self.reach.answered(now)
        else:
            self.reach.unanswered(now, answer.reason, answer.chance, probe=ticket.probe)
        self._budgets.finished(now, ticket, self._budgets.took(now, ticket, answer))
        self._budgets.learn(now, ticket.sent_at, answer.readings, refused=answer.refused)
        if answer.refused:
            self.breaker.gone(ticket.sent_at)
            return self._refused(now, ticket, answer)
        if answer.signal is LoadSignal.OK:
            return self._succeeded(now, ticket, answer)
        self.gate.on_gone(ticket.sent_at)
        self._last_failure = answer.reason
        if answer.signal is LoadSignal.NEUTRAL:
            self.breaker.gone(ticket.sent_at)
            return self.controller.observe(now, sample_of(ticket, answer))
        old = self.limit
        if self.breaker.failed(now, ticket.sent_at, old, answer.chance):
            return Move(old, self.limit, "nothing but errors: one request at a time asks whether the server is back")
        return self.controller.observe(now, sample_of(ticket, answer))

    def no_room(self, now: float, ticket: Ticket, why: str) -> Move | None:
        """Record that this process had no room for an answer. Return the move if fewer are in flight from now on."""
        old, lower = self.limit, self.room.missing(now, ticket.sent_at, why)
        self.gone(ticket)
        return Move(old, self.limit, why) if lower and self.limit < old else None

    def gone(self, ticket: Ticket) -> None:
        """Record that a request was cancelled. That says nothing about the server."""
        self.room.ended()
        self.costs.gone()
        self.reach.gone(probe=ticket.probe)
        self._budgets.finished(self._now, ticket, ticket.cost)
        self.gate.on_gone(ticket.sent_at)
        self.breaker.gone(ticket.sent_at)
        self.controller.observe(self._now, sample_of(ticket, RequestResult(signal=LoadSignal.NEUTRAL, latency=0.0)))

    def release(self) -> None:
        """Leave the queue and the group of admissions that share the budgets."""
        self.queue_share.release()
        self.siblings[:] = [one for one in self.siblings if one is not self]

    def quotas(self, now: float) -> tuple[Quota, ...]:
        """Return what is known of every budget."""
        return self._budgets.quotas(now)

    def left(self) -> float | None:
        """Return the share left of the tightest header budget, 0 to 1; None while it is unknown."""
        return self.header_budgets.share_left(self._now)

    def known_left(self, now: float) -> float | None:
        """Return the share left of the tightest budget of any kind, 0 to 1; None if none is known."""
        shares = [q.remaining / q.limit for q in self.quotas(now) if q.limit and q.remaining is not None]
        return min(shares, default=None)

    def recall(self, now: float, quotas: Iterable[Quota], sent: Iterable[tuple[float, int]]) -> None:
        """Restore what an earlier process stored: open header windows, and its sends as (seconds ago, how many)."""
        for quota in quotas:
            resets_at = None if quota.resets_in is None else now + quota.resets_in
            reading = QuotaReading(name=quota.name, limit=quota.limit, remaining=quota.remaining, resets_at=resets_at)
            self.header_budgets.learn(now, now, reading)
        for ago, many in sent:
            for window in self.configured:
                window.sent(now - ago, many)

    def learned(self, wall: float, *, now: float) -> Learned:
        """Return what a later process should know. `wall` is the time now, in seconds since the epoch."""
        rest = self.gate.blocked(now)
        learned = self.inferred.export(wall, knee=self.controller.limit)
        return replace(learned, resting_until=wall + rest) if rest else learned

    def restore(self, now: float, learned: Learned, *, age: float) -> None:
        """Begin with what an earlier process learned `age` seconds ago, which is below 0 if the clock was set back."""
        rest = (learned.resting_until or 0.0) - learned.at - max(age, 0.0)
        if rest > SHORTEST_PENALTY:
            self.gate.rest(now, rest)
        start = self.inferred.restore(now, learned, age=age)
        if start is not None:
            self.controller.resume(start)

    def mode(self) -> LimitMode:
        """Return who sets the concurrency."""
        if self.pin is not None:
            return LimitMode(SetBy.PIN, self.pin)
        return LimitMode() if self.manual_cap is None else LimitMode(SetBy.CAP, self.manual_cap)

    def _decide(self, now: float, in_flight: int, price: Price, cost: float) -> Admit:
        # The order decides which bound the screen names if several bind.
        resting = self._rest_wait(now)
        if resting is not None:
            return resting
        # A domain at rest does not ask the controller, so its share of the host is lent to other groups meanwhile.
        self.controller.ask(now)
        limit = self.limit
        if in_flight >= limit - self.breaker.doubt:
            return self._concurrency_wait(in_flight, limit)
        if self.room.full:
            return Wait(Bound.CAP, self.room.describe())
        hold = self._budgets.longest(now, Ask(cost, 0.0, self.backlog, *self.restraint.at(self.hour)), price)
        if hold is not None:
            return Wait(Bound.BUDGET, hold.reason, hold.seconds)
        apart = self._last_sent + self.spacing - now
        if apart > 0:
            return Wait(Bound.PACE, f"{self.spacing:g} s between requests, as you asked", apart)
        pace = self._last_sent + self.controller.spacing - now
        # This spacing only smooths bursts, and with nothing in flight there is none.
        if pace > 0 and in_flight > 0:
            return Wait(Bound.PACE, f"{in_flight} of {limit} in flight: sends are spread over a round trip", pace)
        return GO_ALONE if self.reach.offline or self.breaker.open or not self.gate.open else GO

    def outside(self, now: float, name: str) -> OutsideWait | None:
        """Return what keeps the domain of `name` waiting that is outside of fetchdeck, on the clock of `now`."""
        failing = self.breaker.outside(now, self._last_failure)
        return self.reach.outside(now) or self.gate.outside(now, name) or failing

    def resting(self, now: float) -> float:
        """Return for how many seconds a host that is offline or fails everything is left alone, at least."""
        return max(self.reach.blocked(now) or 0.0, self.breaker.blocked(now) or 0.0)

    def weigh(self, now: float, answer: RequestResult, *, retried: bool) -> RetryTerms:
        """Say on which terms a request is sent again if it failed in passing. `answered` has heard of it before.

        Args:
            now: the time of the answer, or of the failure.
            answer: how it ended.
            retried: whether it has failed before.
        """
        if answer.refused:
            self.quota.throttled()
        elif answer.signal is LoadSignal.OK:
            self.quota.succeeded(retried=retried)
        elif answer.signal is LoadSignal.OVERLOADED and not self.quota.failed():
            if not self.quota.storm:
                return RetryTerms(later=True)
            self.breaker.trip(now, self.limit, answer.chance)
        return RetryTerms(excused=self.breaker.excuses(self.backlog), held=self.breaker.open or self.reach.offline)

    def _rest_wait(self, now: float) -> Wait | None:
        offline = self.reach.blocked(now)
        if offline is None or offline > 0:
            return Wait(Bound.OUTSIDE, f"offline: {self.reach.words}", offline)
        penalty = self.gate.blocked(now)
        if penalty is None or penalty > 0:
            return Wait(Bound.PENALTY, self.gate.describe(now), penalty)
        outage = self.breaker.blocked(now)
        if outage is None or outage > 0:
            return Wait(Bound.PENALTY, self.breaker.describe(now), outage)
        return None

    def _concurrency_wait(self, in_flight: int, limit: int) -> Wait:
        counted = f"{in_flight} of {limit} in flight"
        if in_flight < limit:
            return Wait(Bound.CONCURRENCY, f"{counted}: the last answers were all errors")
        if limit >= self.room.limit:
            return Wait(Bound.CAP, f"{counted}: {self.room.why}")
        if limit >= self.inferred.secondary.limit(self._now):
            return Wait(Bound.CAP, f"{counted}: more were refused as too many at once")
        if self.pin is not None and limit == self.pin:
            return Wait(Bound.PIN, f"{counted}: pinned")
        if limit == self.manual_cap:
            return Wait(Bound.CAP, f"{counted}: capped by hand")
        if limit == self.cap:
            return Wait(Bound.CAP, f"{counted}: the cap of this API")
        return Wait(Bound.CONCURRENCY, f"{counted}: {self.controller.describe()}")

    def _succeeded(self, now: float, ticket: Ticket, answer: RequestResult) -> Move | None:
        self.inferred.passed(ticket.sent_at)
        self.inferred.secondary.passed(ticket.in_flight)
        if self.gate.on_success(ticket.sent_at):
            self.inferred.reopened(now)
        if self.breaker.succeeded(ticket.sent_at):
            return self.controller.resume(max(2.0, self.breaker.limit_before / 2))
        return self.controller.observe(now, sample_of(ticket, answer))

    def _refused(self, now: float, ticket: Ticket, answer: RequestResult) -> Move | None:
        old = self.limit
        self.controller.observe(now, sample_of(ticket, answer))
        news = self.gate.on_refused(now, ticket.sent_at, answer.wait, answer.reason, chance=answer.chance)
        if not news:
            # It was sent before an earlier refusal arrived, so its own refusal tells nothing new.
            return None
        if answer.throttle in FOR_ALL:
            # The limit is that of the host, so the other lanes would be refused next.
            for one in (one for one in self.siblings if one is not self):
                one.gate.join(now, answer.wait, f"{self.resource}: {answer.reason}", chance=answer.chance)
        penalty = self.gate.snapshot()
        first = penalty is None or penalty.strikes == 1
        self.inferred.struck(now, first=first)
        if not first:
            return None
        why = self._classify(now, ticket, answer)
        return Move(old, self.limit, why) if self.limit != old else None

    def _classify(self, now: float, ticket: Ticket, answer: RequestResult) -> str:
        """Find out which limit refused the request and teach only that one. Return the reason if the limit moved.

        The concurrency is cut only if the refusal is about concurrency. A rate budget is no reason to cut it.
        """
        if answer.throttle is Throttle.BUSY:  # the penalty gate rests, and no limit was hit
            return ""
        if answer.throttle is Throttle.SECONDARY:
            cap = self.inferred.secondary.refused(now, ticket.in_flight)
            return "" if cap is None else f"refused as too many at once: at most {cap:.0f} from now on"
        spent = any(reading.remaining == 0 for reading in answer.readings)
        if answer.throttle is Throttle.PRIMARY and (spent or self.header_budgets.left() is not None):
            return ""  # the headers announced it, so there is nothing to learn
        if self.configured:
            max(self.configured, key=lambda window: window.tightness).refused()
            return ""
        self.inferred.refused(now, ticket.sent_at, answer.wait, self.header_budgets.window())
        return ""
