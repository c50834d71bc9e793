"""A budget whose headers give limit and remaining but no reset, such as a token bucket. Pure."""

from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import LONGEST, Ask, Hold, Pacer
from engine.pacing.response.rate_limit_headers import QuotaReading

SPEND_OVER: Final = 30.0
"""What is above the reserve is spent over so many seconds."""
RESERVE: Final = 0.1
"""Share of the limit that is kept for the case that the refill is slower than measured."""
MARK: Final = 3.0
"""Least seconds between two measurements of the refill."""
JUMP: Final = 0.4
"""A change by more than this share of the limit is a new window, not refill."""
GAIN: Final = 0.3
"""Weight of the newest measurement of the refill."""
CRAWL: Final = 0.1
"""Least rate as a share of the guessed one. Without any sends no refill would ever be measured."""


def usual_window(limit: float) -> float:
    """Guess the window of a limit: servers count small limits by the minute and large ones by the hour."""
    return 60.0 if limit <= 1000 else 3600.0


class HeaderBucket:
    """Measures the refill rate and spends that, plus what is above a reserve of a tenth.

    The token bucket: https://en.wikipedia.org/wiki/Token_bucket.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._limit = 1.0
        self._remaining = 0.0
        self._refill: float | None = None
        self._window = 60.0
        self._mark: tuple[float, float] | None = None
        """Time and remaining units at which the running measurement began."""
        self._own = 0.0
        self._read_at = float("-inf")
        self._pacer = Pacer()
        self._rate = 0.0

    @property
    def remaining(self) -> float | None:
        """Units left according to the last answer."""
        return self._remaining

    @property
    def window(self) -> float:
        """Seconds for which the limit holds, from the headers or guessed."""
        return self._window

    def learn(self, now: float, sent_at: float, reading: QuotaReading) -> None:
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

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pacing; if too little is left, wait until enough should have come back."""
        left = self._remaining - ask.under_way - ask.kept(self._limit)
        if left < ask.cost:
            if ask.under_way > 0:
                # The answers in flight will tell what is left by then.
                return Hold(None, self._words())
            wait = self._read_at + (ask.cost - left) / self._slowest() - now
            return Hold(min(wait, LONGEST), self._words()) if wait > 0 else None
        reserve = RESERVE * self._limit
        # The backlog fits: pacing would only make the run longer.
        if ask.backlog <= left - reserve:
            self._rate = 0.0
            return None
        refill = self._refilled()
        above = refill + (left - reserve) / SPEND_OVER
        self._rate = max(above if left > reserve else refill * left / reserve, self._slowest())
        wait = self._pacer.wait(now, self._rate)
        return Hold(wait, f"{self._words()}: spent bit by bit") if wait > 0 else None

    def sent(self, now: float, cost: float) -> None:
        """Record a send for the pacing."""
        self._pacer.sent(now, self._rate, cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Count our own use, which is no loss of refill."""
        _ = (now, sent_at)
        self._own += cost

    def correct(self, units: float) -> None:
        """Correct the pacing when a request cost `units` less than assumed."""
        self._pacer.earn(units)

    def quota(self, now: float) -> Quota:
        """Return what the last answer said."""
        _ = now
        return Quota(name=self._name, origin="headers", limit=self._limit, remaining=self._remaining, resets_in=None)

    def _measure(self, now: float) -> None:
        assert self._mark is not None, "a measurement has a beginning"
        began, before = self._mark
        risen = self._remaining - before
        # A full bucket hides its refill.
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
