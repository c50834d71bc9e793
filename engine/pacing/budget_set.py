"""All budgets of one limit domain, asked and told of each request together. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Budget, Hold
from engine.pacing.budgets.fair_queue import Share
from engine.pacing.budgets.header_bucket import HeaderBucket
from engine.pacing.budgets.header_budgets import HeaderBudgets
from engine.pacing.budgets.header_window import HeaderWindow
from engine.pacing.budgets.request_cost import Costs, Price
from engine.pacing.response.rate_limit_headers import QuotaReading
from engine.pacing.ticket import RequestResult, Ticket

_ORDER: Final = {"configured": 0, "headers": 1, "learned": 2}
"""Order of the gauges, by origin."""


class BudgetSet:
    """Asks every budget how long a request must wait, and tells every budget what was used.

    `counted` budgets charge a request its declared cost. Header budgets charge the cost that was learned. Other lanes
    may share the budgets: what they have in flight counts as spent, and `queue_share` decides who draws next.
    """

    def __init__(
        self, *, counted: Sequence[Budget], header_budgets: HeaderBudgets, costs: Costs, queue_share: Share
    ) -> None:
        self.costs = costs
        self._counted = counted
        self._header_budgets = header_budgets
        self._queue_share = queue_share
        self._from_headers: Sequence[HeaderWindow | HeaderBucket] = ()
        """A cache of `header_budgets.budgets`, because every request goes through it."""
        self._changes = -1
        self._asked: tuple[Ask, Price] | None = None
        """The last request that was asked for, so that `_ready` can answer for it."""
        queue_share.ready = self._ready
        self._renew()

    def longest(self, now: float, ask: Ask, price: Price) -> Hold | None:
        """Return the longest of all waits; None if the request may be sent. `ask` has the declared cost."""
        self._renew()
        self._asked = ask, price
        self._queue_share.backlog = ask.backlog
        # `before` asks the budgets for other lanes' requests, and a budget keeps the pace of the last request it was
        # asked for. So our own request comes second.
        first = self._queue_share.before(now)
        hold, budget = self._longest(now, ask, price)
        if hold is None and first is not None:
            return self._queue_share.give_way(now, first)
        due = None if hold is None or hold.seconds is None else now + hold.seconds
        self._queue_share.waits(due, budget)
        return hold

    def sent(self, now: float, cost: float, price: Price) -> None:
        """Record a send."""
        self._queue_share.drew(price.likely, price.most)
        self.costs.sent()
        for budget in self._counted:
            budget.sent(now, cost)
        for header_budget in self._from_headers:
            header_budget.sent(now, price.likely)

    def took(self, now: float, ticket: Ticket, answer: RequestResult) -> float:
        """Learn the cost of a finished request, if no other lane's request can be part of the step. Return the cost."""
        if not self._queue_share.take_alone():
            self.costs.disturb()
        kind = (ticket.route, ticket.cost, answer.unchanged)
        took = self.costs.answered(now, kind, answer.readings, conditional=ticket.conditional, refused=answer.refused)
        # The readings of this answer begin the next step, which a request of another lane would lengthen, too.
        if not self._queue_share.take_alone():
            self.costs.disturb()
        return took

    def finished(self, now: float, ticket: Ticket, took: float) -> None:
        """Record that a request ended and what it cost. The pacing is corrected by the error of its price."""
        self._renew()
        sent_at, cost = ticket.sent_at, ticket.cost
        price = ticket.price or Price(cost, cost)
        self._queue_share.finished(price.most)
        for budget in self._counted:
            budget.answered(now, sent_at, cost)
        for header_budget in self._from_headers:
            header_budget.answered(now, sent_at, took)
            if price.likely != took:
                header_budget.correct(price.likely - took)

    def learn(self, now: float, sent_at: float, readings: Iterable[QuotaReading], *, refused: bool) -> None:
        """Take in what an answer said about budgets."""
        for reading in readings:
            self._header_budgets.learn(now, sent_at, reading, refused=refused)
        self._renew()

    def quotas(self, now: float) -> tuple[Quota, ...]:
        """Return the gauges: configured budgets first, then those of headers, then inferred limits."""
        self._renew()
        known = [quota for budget in (*self._counted, *self._from_headers) if (quota := budget.quota(now)) is not None]
        return tuple(sorted(known, key=lambda quota: _ORDER.get(quota.origin, len(_ORDER))))

    def _ready(self, now: float) -> bool:
        return self._asked is not None and self._longest(now, *self._asked)[0] is None

    def _longest(self, now: float, ask: Ask, price: Price) -> tuple[Hold | None, Budget | None]:
        """Ask every budget. Return the longest wait and its budget."""
        queue_share = self._queue_share
        header_ask = Ask(price.most, queue_share.under_way, ask.backlog, ask.reserve, ask.share)
        header_ask.backlog *= self.costs.mean
        found: tuple[Hold | None, Budget | None] = (None, None)
        longest = 0.0
        for budgets, asked, unit in ((self._counted, ask, 1.0), (self._from_headers, header_ask, self.costs.mean)):
            for budget in budgets:
                hold = budget.wait_for(
                    now, queue_share.together(budget, asked, unit) if queue_share.has_company else asked
                )
                if hold is not None and _seconds(hold) > longest:
                    longest, found = _seconds(hold), (hold, budget)
        return found

    def _renew(self) -> None:
        """Renew the cache after answers told of new budgets."""
        if self._changes != self._header_budgets.changes:
            self._changes = self._header_budgets.changes
            self._from_headers = self._header_budgets.budgets
            self._queue_share.draws = (*self._counted, *self._from_headers)


def _seconds(hold: Hold) -> float:
    return float("inf") if hold.seconds is None else hold.seconds
