"""A rate limit nobody tells of: found by running into it, seldom. Pure.

The curve is that of CUBIC (RFC 9438) with its time in minutes: below the ceiling it climbs fast, stays there long, and
only then looks for more. So refusals grow with the logarithm of time.
"""

from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold, Pacer, span

USED: Final = 0.99
FIRST_CUT: Final = 0.85
CUT: Final = 0.95
SAME: Final = 0.15
"""A ceiling found again within this share is confirmed."""
SHORTEST: Final = 30.0
LONGEST: Final = 600.0
PATIENCE: Final = 10.0
"""Seconds of calm per second the server asked to wait."""
SLOWEST: Final = 1 / 600


class HiddenRate:
    """Paces just below the highest rate that passed."""

    def __init__(self) -> None:
        self.ceiling: float | None = None
        """Requests a second that passed when it refused; None while it never did."""
        self._began = 0.0
        self._cut = FIRST_CUT
        self._period = SHORTEST
        self._pacer = Pacer()

    def refused(self, now: float, rate: float, wait: float, *, measured: bool) -> None:
        """Learn from a refusal.

        Args:
            now: when requests may leave again.
            rate: requests a second that passed before it.
            wait: seconds the server asked to wait, 0 when it did not say.
            measured: whether `rate` includes the wait, so that it is the limit and no burst.
        """
        rate = max(SLOWEST, rate)
        confirmed = self.ceiling is not None and abs(rate - self.ceiling) <= SAME * self.ceiling
        self._period = min(LONGEST, 2 * self._period) if confirmed else SHORTEST
        self._period = min(LONGEST, max(self._period, PATIENCE * wait))
        self._cut = CUT if confirmed or measured else FIRST_CUT
        self.ceiling, self._began = rate, now

    def restore(self, now: float, ceiling: float) -> None:
        """Start with what an earlier process learned."""
        self.ceiling, self._began, self._cut, self._period = max(SLOWEST, ceiling), now, CUT, 2 * SHORTEST

    def rate(self, now: float) -> float:
        """Return the requests a second that are right now; infinite while no limit is known."""
        if self.ceiling is None:
            return float("inf")
        passed = max(0.0, now - self._began)
        if passed < self._period:
            return USED * self.ceiling * (1 - (1 - self._cut) * (1 - passed / self._period) ** 3)
        if passed < 1.5 * self._period:
            return USED * self.ceiling
        beyond = min(10.0, (passed - 1.5 * self._period) / (self._period / 3))
        return self.ceiling * (1 + 0.05 * beyond**2)

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pace."""
        _ = ask
        if self.ceiling is None:
            return None
        wait = self._pacer.wait(now, self.rate(now))
        return (
            Hold(wait, f"no more than {60 * self.rate(now):,.0f} a minute pass: found by being refused")
            if wait
            else None
        )

    def sent(self, now: float, cost: float) -> None:
        """Note the send for the pace."""
        if self.ceiling is not None:
            self._pacer.sent(now, self.rate(now), cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Nothing to do."""

    def quota(self, now: float) -> Quota | None:
        """Show the limit that was found out."""
        if self.ceiling is None:
            return None
        limit = 60 * self.rate(now)
        return Quota(name=f"hidden limit per {span(60)}", origin="learned", limit=limit, remaining=None, resets_in=None)
