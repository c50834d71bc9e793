"""All the budgets of one limit domain: asks each whether a request must wait, and tells each what was used. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from engine.admit import Ticket
from engine.advertised import Advertised
from engine.budget import Ask, Budget, Hold, Reading
from engine.costs import Costs, Price
from engine.header_bucket import HeaderBucket
from engine.header_window import HeaderWindow
from engine.snapshot_lane import Quota

_ORDER: Final = {"configured": 0, "headers": 1, "learned": 2}


class Ledger:
    """`counted` budgets take a request at its declared cost; what answers tell of, at the cost that was learned."""

    def __init__(self, *, counted: Sequence[Budget], advertised: Advertised, costs: Costs) -> None:
        self.costs = costs
        self._counted = counted
        self._advertised = advertised
        self._under_way = 0.0
        """Set aside for the requests that are not answered yet."""
        self._told: Sequence[HeaderWindow | HeaderBucket] = ()
        """What answers told of, kept at hand: it is gone through with every request."""
        self.listed()

    def listed(self) -> None:
        """Take note of budgets that answers told of for the first time."""
        self._told = self._advertised.budgets

    def longest(self, now: float, ask: Ask, price: Price) -> Hold | None:
        """Return the longest of all waits; None when there is none. `ask` is as declared."""
        holds = [hold for budget in self._counted if (hold := budget.hold(now, ask)) is not None]
        if self._told:
            told = Ask(price.most, self._under_way, ask.backlog * self.costs.mean, ask.reserve, ask.share)
            holds += [hold for budget in self._told if (hold := budget.hold(now, told)) is not None]
        longest = max(holds, key=_seconds) if holds else None
        return longest if longest is not None and _seconds(longest) > 0 else None

    def sent(self, now: float, cost: float, price: Price) -> None:
        """Note that a request left."""
        self._under_way += price.most
        self.costs.sent()
        for budget in self._counted:
            budget.sent(now, cost)
        for told in self._told:
            told.sent(now, price.likely)

    def over(self, now: float, ticket: Ticket, took: float) -> None:
        """Note that a request is over and what it took; the pace is corrected by what was expected in vain."""
        sent_at, cost = ticket.sent_at, ticket.cost
        price = ticket.price or Price(cost, cost)
        self._under_way = max(0.0, self._under_way - price.most)
        for budget in self._counted:
            budget.answered(now, sent_at, cost)
        for told in self._told:
            told.answered(now, sent_at, took)
            if price.likely != took:
                told.correct(price.likely - took)

    def learn(self, now: float, sent_at: float, readings: Iterable[tuple[str, Reading]], *, refused: bool) -> None:
        """Take in what an answer said of budgets."""
        for name, reading in readings:
            if self._advertised.learn(now, sent_at, name, reading, refused=refused):
                self.listed()

    def quotas(self, now: float) -> tuple[Quota, ...]:
        """Say what is known of every budget: what is set, what answers tell, what was found out."""
        known = [quota for budget in (*self._counted, *self._told) if (quota := budget.quota(now)) is not None]
        return tuple(sorted(known, key=lambda quota: _ORDER.get(quota.origin, len(_ORDER))))


def _seconds(hold: Hold) -> float:
    return float("inf") if hold.seconds is None else hold.seconds
