"""Budgets: each says how long the next request must wait for it. Pure; all times are monotonic seconds, passed in."""

from dataclasses import dataclass
from typing import Final, Protocol

import humanize

from engine.model.lane_state import Quota

LONGEST: Final = 3600.0
"""No budget holds a request longer than this at once; it is asked again then."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The budget says wait: for `seconds`, or (None) until an answer comes."""

    seconds: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one answer said of a budget, its reset turned into monotonic seconds."""

    limit: float | None
    remaining: float | None
    resets_at: float | None
    window: float | None = None
    """Seconds in which `limit` is allowed, where the answer says so."""


@dataclass(slots=True)
class Ask:
    """A request that wants to leave, as a budget sees it."""

    cost: float
    under_way: float
    """Cost of the requests that are not answered yet."""
    backlog: float = float("inf")
    """Cost of all that is known to be left, this one included."""
    reserve: float = 0.0
    """Units to leave for others."""
    share: float = 1.0
    """How much of a budget may be used at all, 0 to 1."""

    def kept(self, limit: float | None) -> float:
        """Return how many units of a budget are not ours to spend."""
        return max(self.reserve, (1.0 - self.share) * (limit or 0.0))


class Budget(Protocol):
    """Something that is used up by requests and comes back with time."""

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Say whether a request must wait."""

    def sent(self, now: float, cost: float) -> None:
        """Take note that a request left."""

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Take note that a request is over, one way or another."""

    def quota(self, now: float) -> Quota | None:
        """Say what is known of it; None when there is nothing to show."""


class Pacer:
    """Spreads sends evenly at a rate that may change any time. A late send is caught up with, but only by one."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._credit = 0.0

    def wait(self, now: float, rate: float) -> float:
        """Return the seconds until the next send, 0 for now."""
        if rate <= 0:
            return LONGEST
        return min(LONGEST, max(0.0, self._last + (1.0 - self._credit) / rate - now))

    def sent(self, now: float, rate: float, cost: float = 1.0) -> None:
        """Note a send at this rate; a send that came late by a part of the interval earns that part."""
        late = (now - self._last) * rate - (1.0 - self._credit) if self._last > float("-inf") else 0.0
        self._credit = max(1.0 - cost, -LONGEST) + min(1.0, max(0.0, late))
        self._credit = min(0.9, self._credit)
        self._last = now

    def earn(self, units: float) -> None:
        """Take back what the last sends cost less than was thought; a negative number is what they cost more."""
        self._credit = max(-LONGEST, min(0.9, self._credit + units))


def span(seconds: float) -> str:
    """Say a number of seconds in words: "0.4 s", "38 s", "4 min", "2 h"."""
    if 0.0 < seconds < 0.95:
        return f"{max(0.1, seconds):.1f} s"
    if seconds < 100:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{humanize.intcomma(round(seconds / 3600))} h"
