"""A budget the API tells of without a reset: limit and remaining only. Pure."""

from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import LONGEST, Ask, Hold, Pacer, Reading

SPEND_OVER: Final = 30.0
RESERVE: Final = 0.1
MARK: Final = 3.0
JUMP: Final = 0.4
"""A rise by this share of the limit is a new window, no refill."""
GAIN: Final = 0.3
CRAWL: Final = 0.1
"""So much of the guessed rate is used even when nothing seems to come back."""


def usual_window(limit: float) -> float:
    """Guess the window of a limit that names none: small ones count per minute, large ones per hour."""
    return 60.0 if limit <= 1000 else 3600.0


class HeaderBucket:
    """Learns how fast the budget comes back, spends that and, over half a minute, what lies above a tenth of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._limit = 1.0
        self._remaining = 0.0
        self._refill: float | None = None
        self._window = 60.0
        self._mark: tuple[float, float] | None = None
        self._own = 0.0
        self._read_at = float("-inf")
        self._pacer = Pacer()
        self._rate = 0.0

    @property
    def remaining(self) -> float | None:
        """What the last answer said is left."""
        return self._remaining

    @property
    def window(self) -> float:
        """Seconds in which the limit is allowed, as told or guessed."""
        return self._window

    def learn(self, now: float, sent_at: float, reading: Reading) -> None:
        """Take in what an answer said."""
        _ = sent_at
        if reading.remaining is None:
            return
        self._remaining, self._read_at = reading.remaining, now
        self._limit = max(1.0, reading.limit or max(self._limit, reading.remaining))
        self._window = reading.window or usual_window(self._limit)
        if self._mark is None:
            self._mark, self._own = (now, self._remaining), 0.0
        elif now - self._mark[0] >= MARK:
            self._measure(now)

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pace; with nothing left, until a unit should have come back."""
        left = self._remaining - ask.under_way - ask.kept(self._limit)
        if left < ask.cost:
            if ask.under_way > 0:
                return Hold(None, self._words())
            wait = self._read_at + (ask.cost - left) / self._slowest() - now
            return Hold(min(wait, LONGEST), self._words()) if wait > 0 else None
        reserve = RESERVE * self._limit
        if ask.backlog <= left - reserve:
            self._rate = 0.0
            return None
        refill = self._refilled()
        above = refill + (left - reserve) / SPEND_OVER
        self._rate = max(above if left > reserve else refill * left / reserve, self._slowest())
        wait = self._pacer.wait(now, self._rate)
        return Hold(wait, f"{self._words()}: spent bit by bit") if wait > 0 else None

    def sent(self, now: float, cost: float) -> None:
        """Note the send for the pace."""
        self._pacer.sent(now, self._rate, cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Count our own use."""
        _ = (now, sent_at)
        self._own += cost

    def correct(self, units: float) -> None:
        """Keep the pace by what an answer really took: so much less than was thought when it left."""
        self._pacer.earn(units)

    def quota(self, now: float) -> Quota:
        """Say what the last answer said."""
        _ = now
        return Quota(name=self._name, origin="headers", limit=self._limit, remaining=self._remaining, resets_in=None)

    def _measure(self, now: float) -> None:
        assert self._mark is not None, "a measurement has a beginning"
        began, before = self._mark
        risen = self._remaining - before
        full = before >= self._limit - 1 and self._remaining >= self._limit - 1
        if abs(risen) <= JUMP * self._limit and not full:
            seen = max(0.0, risen + self._own) / (now - began)
            self._refill = self._refilled() + GAIN * (seen - self._refilled())
        self._mark, self._own = (now, self._remaining), 0.0

    def _refilled(self) -> float:
        return self._limit / self._window if self._refill is None else self._refill

    def _slowest(self) -> float:
        return max(self._refilled() * CRAWL, CRAWL * self._limit / self._window, 1e-6)

    def _words(self) -> str:
        return f"budget {self._name}: {self._remaining:,.0f} of {self._limit:,.0f} left"
