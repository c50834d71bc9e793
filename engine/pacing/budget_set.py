"""All the budgets of one limit domain: asks each whether a request must wait, and tells each what was used. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Budget, Hold, Reading
from engine.pacing.budgets.fair_queue import Share
from engine.pacing.budgets.header_bucket import HeaderBucket
from engine.pacing.budgets.header_budgets import HeaderBudgets
from engine.pacing.budgets.header_window import HeaderWindow
from engine.pacing.budgets.request_cost import Costs, Price
from engine.pacing.ticket import RequestResult, Ticket

_ORDER: Final = {"configured": 0, "headers": 1, "learned": 2}


class BudgetSet:
    """`counted` budgets take a request at its declared cost; what answers tell of, at the cost that was learned.

    Others may draw on the same budgets: what they have under way is spent, and they have their `turn`.
    """

    def __init__(self, *, counted: Sequence[Budget], advertised: HeaderBudgets, costs: Costs, turn: Share) -> None:
        self.costs = costs
        self._counted = counted
        self._advertised = advertised
        self._turn = turn
        self._told: Sequence[HeaderWindow | HeaderBucket] = ()
        """What answers told of, kept at hand: it is gone through with every request."""
        self._changes = -1
        self._asked: tuple[Ask, Price] | None = None
        turn.ready = self._ready
        self._list()

    def longest(self, now: float, ask: Ask, price: Price) -> Hold | None:
        """Return the longest of all waits; None when there is none. `ask` is as declared."""
        self._list()
        self._asked = ask, price
        self._turn.backlog = ask.backlog
        first = self._turn.before(now)
        hold, budget = self._longest(now, ask, price)
        if hold is None and first is not None:
            return self._turn.give_way(now, first)
        due = None if hold is None or hold.seconds is None else now + hold.seconds
        self._turn.waits(due, budget)
        return hold

    def sent(self, now: float, cost: float, price: Price) -> None:
        """Note that a request left."""
        self._turn.drew(price.likely, price.most)
        self.costs.sent()
        for budget in self._counted:
            budget.sent(now, cost)
        for told in self._told:
            told.sent(now, price.likely)

    def took(self, now: float, ticket: Ticket, answer: RequestResult) -> float:
        """Learn what a request took, where no other can have had a part in it; return it."""
        if not self._turn.alone():
            self.costs.disturb()
        kind = (ticket.route, ticket.cost, answer.unchanged)
        took = self.costs.answered(now, kind, answer.readings, conditional=ticket.conditional, refused=answer.refused)
        if not self._turn.alone():
            self.costs.disturb()
        return took

    def over(self, now: float, ticket: Ticket, took: float) -> None:
        """Note that a request is over and what it took; the pace is corrected by what was expected in vain."""
        self._list()
        sent_at, cost = ticket.sent_at, ticket.cost
        price = ticket.price or Price(cost, cost)
        self._turn.over(price.most)
        for budget in self._counted:
            budget.answered(now, sent_at, cost)
        for told in self._told:
            told.answered(now, sent_at, took)
            if price.likely != took:
                told.correct(price.likely - took)

    def learn(self, now: float, sent_at: float, readings: Iterable[tuple[str, Reading]], *, refused: bool) -> None:
        """Take in what an answer said of budgets."""
        for name, reading in readings:
            self._advertised.learn(now, sent_at, name, reading, refused=refused)
        self._list()

    def quotas(self, now: float) -> tuple[Quota, ...]:
        """Say what is known of every budget: what is set, what answers tell, what was found out."""
        self._list()
        known = [quota for budget in (*self._counted, *self._told) if (quota := budget.quota(now)) is not None]
        return tuple(sorted(known, key=lambda quota: _ORDER.get(quota.origin, len(_ORDER))))

    def _ready(self, now: float) -> bool:
        return self._asked is not None and self._longest(now, *self._asked)[0] is None

    def _longest(self, now: float, ask: Ask, price: Price) -> tuple[Hold | None, Budget | None]:
        """Ask every budget; return the longest wait, and for which."""
        turn, told = self._turn, Ask(price.most, self._turn.under_way, ask.backlog, ask.reserve, ask.share)
        told.backlog *= self.costs.mean
        found: tuple[Hold | None, Budget | None] = (None, None)
        longest = 0.0
        for budgets, asked, unit in ((self._counted, ask, 1.0), (self._told, told, self.costs.mean)):
            for budget in budgets:
                hold = budget.hold(now, turn.together(budget, asked, unit) if turn.company else asked)
                if hold is not None and _seconds(hold) > longest:
                    longest, found = _seconds(hold), (hold, budget)
        return found

    def _list(self) -> None:
        """Take note of budgets that answers told of for the first time."""
        if self._changes != self._advertised.changes:
            self._changes = self._advertised.changes
            self._told = self._advertised.budgets
            self._turn.draws = (*self._counted, *self._told)


def _seconds(hold: Hold) -> float:
    return float("inf") if hold.seconds is None else hold.seconds
