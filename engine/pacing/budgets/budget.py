"""The interface of a budget, which says how long the next request must wait.

Budgets are pure: all times are monotonic seconds and are passed in.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from engine.model.lane_state import Quota

LONGEST: Final = 3600.0
"""Longest wait that a budget asks for at once. After it the budget is asked again."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The budget makes a request wait: for `seconds`, or until an answer comes if that is None."""

    seconds: float | None
    reason: str


@dataclass(slots=True)
class Ask:
    """A request that is ready to be sent, as a budget sees it."""

    cost: float
    under_way: float
    """Cost of the requests that are sent and not answered."""
    backlog: float = float("inf")
    """Cost of all requests that are known to be left, including this one."""
    reserve: float = 0.0
    """Units that the user leaves to others."""
    share: float = 1.0
    """Largest share of a budget that may be used, 0 to 1."""

    def kept(self, limit: float | None) -> float:
        """Return the units of a budget that must not be spent."""
        return max(self.reserve, (1.0 - self.share) * (limit or 0.0))


class Budget(Protocol):
    """Something that requests use up and that refills with time."""

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
        """Return the wait of a request; None if it may be sent now."""

    def sent(self, now: float, cost: float) -> None:
        """Record a send."""

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Record that a request is over, whatever its outcome."""

    def quota(self, now: float) -> Quota | None:
        """Return what the screen shows of it; None if there is nothing to show."""


class Pacer:
    """Spreads sends evenly at a rate that may change at any time. After a delay it catches up by less than one send."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._credit = 0.0
        """Share of an interval earned by sending late. Negative after requests that cost more than one unit."""

    def wait(self, now: float, rate: float) -> float:
        """Return the seconds until the next send; 0 for now."""
        if rate <= 0:
            return LONGEST
        return min(LONGEST, max(0.0, self._last + (1.0 - self._credit) / rate - now))

    def sent(self, now: float, rate: float, cost: float = 1.0) -> None:
        """Record a send at this rate. Sending late by a part of an interval earns that part."""
        late = (now - self._last) * rate - (1.0 - self._credit) if self._last > float("-inf") else 0.0
        self._credit = max(1.0 - cost, -LONGEST) + min(1.0, max(0.0, late))
        self._credit = min(0.9, self._credit)
        self._last = now

    def earn(self, units: float) -> None:
        """Correct the credit when requests cost fewer units than assumed, or more if `units` is negative."""
        self._credit = max(-LONGEST, min(0.9, self._credit + units))
