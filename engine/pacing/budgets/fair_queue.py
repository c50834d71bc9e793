"""Whose turn it is to draw on a budget that several groups use: stride scheduling by weight. Pure.

Every draw moves a group's mark on by its cost over its weight, and the mark that lies farthest back draws next
(https://www.waldspurger.org/carl/papers/phd-mit-tr667.pdf). The mark of one that did not want to draw for a while is
where the draws are now: it gets no credit for its rest, and owes nothing for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engine.pacing.budgets.budget import Ask, Budget, Hold

GRACE: Final = 0.05
"""Seconds in which whoever is called must draw; then the others go first."""


class FairQueue:
    """All who draw on the budgets of one host and credential."""

    def __init__(self) -> None:
        self.seats: list[Share] = []

    def join(self, owner: str, weight: float = 1.0) -> "Share":
        """Let one more draw; `owner` names the group for whom."""
        turn = Share(self, owner=owner, weight=max(weight, 1e-6))
        self.seats.append(turn)
        return turn

    def leave(self, turn: "Share") -> None:
        """Let one draw no more; what it had under way is nobody's."""
        self.seats = [seat for seat in self.seats if seat is not turn]


class Share:
    """One lane's place among those who draw."""

    def __init__(self, turns: FairQueue, *, owner: str, weight: float) -> None:
        self.owner = owner
        self.weight = weight
        self.draws: Sequence[Budget] = ()
        """What it draws on."""
        self.under_way = 0.0
        """What is set aside for its requests that are not answered yet."""
        self.flying = 0
        """How many requests those are."""
        self.backlog = 0.0
        """Cost of all that its group is known to have left."""
        self.ready: Callable[[float], bool] = lambda _: False
        """Says whether its budgets would let it draw now, were it to ask what it asked last."""
        self.freed: Callable[[], None] = lambda: None
        """Called when it should ask again: it is its turn, or another has drawn to whom it gave way."""
        self.mark = 0.0
        """How far on it is; the least draws next."""
        self._turns = turns
        self._due: float | None = None
        """When its wait for a budget was said to be over; None while it waits for none."""
        self._for: Budget | None = None
        self._called_at: float | None = None
        self._gave_way = False
        self._passed = False
        """Whether another drew since it was last asked about."""

    def leave(self) -> None:
        """Draw no more."""
        self._turns.leave(self)

    @property
    def company(self) -> bool:
        """Whether there are others at all, as there are not for most."""
        return len(self._turns.seats) > 1

    def draws_on(self, budgets: Sequence[Budget]) -> bool:
        """Say whether one of these budgets is among its own."""
        return any(one is other for one in self.draws for other in budgets)

    def together(self, budget: Budget, ask: Ask, unit: float) -> Ask:
        """Return what is asked of a budget, with what others who draw on it have left and under way.

        `unit` is what of the budget a unit of backlog takes.
        """
        sharers = [seat for seat in self._turns.seats if seat is not self and seat.draws_on((budget,))]
        if not sharers:
            return ask
        left = {seat.owner: seat.backlog for seat in sharers if seat.owner != self.owner}
        backlog = ask.backlog + unit * sum(left.values())
        return replace(ask, backlog=backlog, under_way=ask.under_way + sum(seat.under_way for seat in sharers))

    def share(self) -> float:
        """Return how much of what it draws on is its group's own, 0 to 1, next to other groups that draw on it."""
        weights = {seat.owner: seat.weight for seat in self._company()} | {self.owner: self.weight}
        return self.weight / sum(weights.values())

    def beside(self) -> float:
        """Return what other groups that draw on the same are known to have left; 0 where one does not say."""
        left = {seat.owner: seat.backlog for seat in self._company() if seat.owner != self.owner}
        return sum(backlog for backlog in left.values() if backlog < float("inf"))

    def before(self, now: float) -> "Share | None":
        """Return another who draws first: it is farther behind, waits for one of these budgets and may draw now."""
        for seat in self._turns.seats:
            if seat is not self and seat.mark < self.mark and seat.waiting(now, self.draws) and seat.ready(now):
                return seat
        return None

    def give_way(self, now: float, first: "Share") -> Hold:
        """Call another to draw, and wait until it has."""
        self._gave_way = True
        first.call(now)
        return Hold(GRACE, f"it is the turn of {first.owner}")

    def waiting(self, now: float, budgets: Sequence[Budget]) -> bool:
        """Say whether it waits for one of these budgets, as far as it did not let a call pass."""
        if self._due is None or now > self._due + GRACE:
            return False
        late = self._called_at is not None and now > self._called_at + GRACE
        return not late and any(one is self._for for one in budgets)

    def call(self, now: float) -> None:
        """Let it draw: its turn passes soon."""
        if self._called_at is None:
            self._called_at = now
            self.freed()

    def waits(self, due: float | None, budget: Budget | None) -> None:
        """Note until when it waits for a budget; None for an answer, or for nothing at all."""
        self._due, self._for, self._called_at = due, budget, None

    def drew(self, likely: float, most: float) -> None:
        """Note a draw; who rested is where this one was, and who gave way looks again.

        `likely` is what the request will take; `most` is set aside until it is over.
        """
        self.waits(None, None)
        self._gave_way = False
        self.flying += 1
        self.under_way += most
        for seat in self._company():
            seat.passed(self.mark)
        self.mark += likely / self.weight

    def over(self, most: float) -> None:
        """Note that a request is over."""
        self.flying = max(0, self.flying - 1)
        self.under_way = max(0.0, self.under_way - most) if self.flying else 0.0

    def passed(self, mark: float) -> None:
        """Take note that another drew from there."""
        self._passed = True
        self.mark = max(self.mark, mark)
        if self._gave_way:
            self._gave_way = False
            self.freed()

    def alone(self) -> bool:
        """Say whether no other drew since the last time, nor has anything under way."""
        passed, self._passed = self._passed, False
        return not passed and not any(seat.flying for seat in self._company())

    def _company(self) -> Sequence["Share"]:
        """Return the others who draw on any of its budgets."""
        if not self.company:
            return ()
        return [seat for seat in self._turns.seats if seat is not self and seat.draws_on(self.draws)]
