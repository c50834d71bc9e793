"""Which lane may draw next on budgets that several lanes share: stride scheduling by weight. Pure.

Stride scheduling (Waldspurger and Weihl, https://www.waldspurger.org/carl/papers/phd-mit-tr667.pdf): each lane has a
mark, called pass in the paper. Every draw advances it by cost / weight, and the lane with the lowest mark draws next.
After a rest a lane's mark is raised to those of the others, so it neither gains credit by resting nor has a debt.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engine.pacing.budgets.budget import Ask, Budget, Hold

GRACE: Final = 0.05
"""Seconds that a called lane has to draw. After them the others need no longer wait for it."""


class FairQueue:
    """The lanes that draw on the budgets of one host and credential."""

    def __init__(self) -> None:
        self.shares: list[Share] = []

    def join(self, owner: str, weight: float = 1.0) -> "Share":
        """Add a lane. `owner` is the name of its group."""
        share = Share(self, owner=owner, weight=max(weight, 1e-6))
        self.shares.append(share)
        return share

    def release(self, share: "Share") -> None:
        """Remove a lane. What it had in flight is no longer counted."""
        self.shares = [other for other in self.shares if other is not share]


class Share:
    """The place of one lane in a `FairQueue`."""

    def __init__(self, queue: FairQueue, *, owner: str, weight: float) -> None:
        self.owner = owner
        self.weight = weight
        self.draws: Sequence[Budget] = ()
        """The budgets this lane draws on. Only lanes with a budget in common compete."""
        self.under_way = 0.0
        """Cost set aside for requests in flight."""
        self.in_flight = 0
        """Number of requests in flight."""
        self.backlog = 0.0
        """Cost of all requests that its group is known to have left."""
        self.ready: Callable[[float], bool] = lambda _: False
        """Whether its budgets would now admit the request it asked for last."""
        self.freed: Callable[[], None] = lambda: None
        """Called when it should ask again: it is its turn, or the lane it waited for has drawn."""
        self.mark = 0.0
        """Work done so far by weight; the lane with the lowest mark draws next."""
        self._queue = queue
        self._waits_until: float | None = None
        """When the wait it was told ends; None if it waits for no budget."""
        self._waits_for: Budget | None = None
        self._called_at: float | None = None
        self._gave_way = False
        self._passed = False
        """Whether another lane drew since `take_alone` was last called."""

    def release(self) -> None:
        self._queue.release(self)

    @property
    def has_company(self) -> bool:
        """Whether there are other lanes. Mostly there are none, and everything below is skipped."""
        return len(self._queue.shares) > 1

    def draws_on(self, budgets: Sequence[Budget]) -> bool:
        """Whether one of these budgets is among its own."""
        return any(one is other for one in self.draws for other in budgets)

    def together(self, budget: Budget, ask: Ask, unit: float) -> Ask:
        """Add to a request what the other lanes have left and in flight on the same budget.

        `unit` converts the backlog of others into units of this budget.
        """
        sharers = [share for share in self._queue.shares if share is not self and share.draws_on((budget,))]
        if not sharers:
            return ask
        # The lanes of one group report the same backlog, so it counts once a group.
        left = {share.owner: share.backlog for share in sharers if share.owner != self.owner}
        backlog = ask.backlog + unit * sum(left.values())
        return replace(ask, backlog=backlog, under_way=ask.under_way + sum(share.under_way for share in sharers))

    def share(self) -> float:
        """Return the group's fair share of the budgets it draws on, 0 to 1, by weight."""
        weights = {share.owner: share.weight for share in self._others()} | {self.owner: self.weight}
        return self.weight / sum(weights.values())

    def beside(self) -> float:
        """Return the backlog of the other groups on the same budgets. A group that reports none counts as 0."""
        left = {share.owner: share.backlog for share in self._others() if share.owner != self.owner}
        return sum(backlog for backlog in left.values() if backlog < float("inf"))

    def before(self, now: float) -> "Share | None":
        """Return a lane that draws first: it has a lower mark, waits for one of these budgets and could draw now."""
        for share in self._queue.shares:
            if share is not self and share.mark < self.mark and share.waiting(now, self.draws) and share.ready(now):
                return share
        return None

    def give_way(self, now: float, first: "Share") -> Hold:
        """Call another lane to draw, and wait until it has."""
        self._gave_way = True
        first.call(now)
        return Hold(GRACE, f"it is the turn of {first.owner}")

    def waiting(self, now: float, budgets: Sequence[Budget]) -> bool:
        """Whether it waits for one of these budgets. A lane that let its call pass does not count as waiting.

        A lane may have stopped asking because it was paused or has nothing left. Nobody waits for it beyond `GRACE`.
        """
        if self._waits_until is None or now > self._waits_until + GRACE:
            return False
        late = self._called_at is not None and now > self._called_at + GRACE
        return not late and any(one is self._waits_for for one in budgets)

    def call(self, now: float) -> None:
        """Wake the lane, once, so that it draws within `GRACE`."""
        if self._called_at is None:
            self._called_at = now
            self.freed()

    def waits(self, due: float | None, budget: Budget | None) -> None:
        """Note until when it waits for a budget. `due` is None if it waits for an answer, or for nothing."""
        self._waits_until, self._waits_for, self._called_at = due, budget, None

    def drew(self, likely: float, most: float) -> None:
        """Record a draw. Lanes that rested catch up to this mark; lanes that gave way ask again.

        `likely` is the expected cost of the request; `most` is set aside until its answer.
        """
        self.waits(None, None)
        self._gave_way = False
        self.in_flight += 1
        self.under_way += most
        for share in self._others():
            share.passed(self.mark)
        self.mark += likely / self.weight

    def finished(self, most: float) -> None:
        """Release what was set aside for a request."""
        self.in_flight = max(0, self.in_flight - 1)
        # Setting to 0 rather than subtracting removes the rounding errors of a long run.
        self.under_way = max(0.0, self.under_way - most) if self.in_flight else 0.0

    def passed(self, mark: float) -> None:
        """Learn that another lane drew at this mark."""
        self._passed = True
        self.mark = max(self.mark, mark)
        if self._gave_way:
            self._gave_way = False
            self.freed()

    def take_alone(self) -> bool:
        """Return whether costs can be measured: no other lane drew since the last call or has requests in flight.

        Each call starts a new interval.
        """
        passed, self._passed = self._passed, False
        return not passed and not any(share.in_flight for share in self._others())

    def _others(self) -> Sequence["Share"]:
        """Return the other lanes that draw on any of its budgets."""
        if not self.has_company:
            return ()
        return [share for share in self._queue.shares if share is not self and share.draws_on(self.draws)]
