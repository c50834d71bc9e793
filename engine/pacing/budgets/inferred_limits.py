"""A rate limit nobody tells of: found by running into it, seldom. Pure.

The curve is that of CUBIC (RFC 9438) with its time in minutes: below the ceiling it climbs fast, stays there long, and
only then looks for more. So refusals grow with the logarithm of time.
"""

import math
from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold, Pacer, span

# A limit that is lower than the headers say: refused while there is budget left. Pure.

OVERSTATED_USED: Final = 0.97
PROBE: Final = 1.1
OVERSTATED_SLOWEST: Final = 1 / 600


class OverstatedLimit:
    """Keeps to what really went through in a window, and tries a tenth more the rarer, the dearer the refusal was."""

    def __init__(self) -> None:
        self.rate: float | None = None
        """Requests a second; None while the headers tell the truth."""
        self._hits = 0
        self._probe_at = float("inf")
        self._patience = 0.0
        self._pacer = Pacer()

    def refused(self, now: float, passed: float, window: float, wait: float) -> None:
        """Learn from a refusal that the headers did not announce.

        Args:
            now: when it came.
            passed: how many requests went through in the last window.
            window: seconds.
            wait: seconds the server asked to wait.
        """
        self.rate = max(OVERSTATED_SLOWEST, OVERSTATED_USED * passed / window)
        self._patience = max(10 * window, 20 * wait) * 2.0 ** min(self._hits, 10)
        self._hits += 1
        self._probe_at = now + self._patience

    def restore(self, now: float, rate: float) -> None:
        """Start with what an earlier process learned."""
        self.rate, self._hits, self._patience = max(OVERSTATED_SLOWEST, rate), 1, 600.0
        self._probe_at = now + self._patience

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pace."""
        _ = ask
        if self.rate is None:
            return None
        if now >= self._probe_at:
            self.rate *= PROBE
            self._probe_at = now + self._patience
        wait = self._pacer.wait(now, self.rate)
        return (
            Hold(wait, f"the headers promise more than {60 * self.rate:,.0f} a minute, but no more pass")
            if wait
            else None
        )

    def sent(self, now: float, cost: float) -> None:
        """Note the send for the pace."""
        if self.rate is not None:
            self._pacer.sent(now, self.rate, cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Nothing to do."""

    def quota(self, now: float) -> Quota | None:
        """Show the limit that was found out."""
        _ = now
        if self.rate is None:
            return None
        return Quota(
            name=f"true limit per {span(60)}", origin="learned", limit=60 * self.rate, remaining=None, resets_in=None
        )


# A limit on how many requests may be in flight that no header shows: learned from the refusal. Pure.

SHARE: Final = 0.9
CALM: Final = 240.0
STEP_EVERY: Final = 20.0
PLAUSIBLE: Final = 0.5
"""A refusal with fewer in flight than this share of what has passed before is about something else."""


class SecondaryCap:
    """As many as were served until the server refused; after a long calm, one more every 20 seconds.

    What was in flight when a request was refused is no bound: it may have met those that left after it, and nobody
    knows whether a server counts what has arrived or what the client still waits for. What was served is one, in
    either way of counting.
    """

    def __init__(self) -> None:
        self._cap = math.inf
        self._hits = 0
        self._calm_until = 0.0
        self._proven = 0

    def limit(self, now: float) -> float:
        """Return how many may be in flight; infinite while none is known."""
        if self._cap == math.inf or now <= self._calm_until:
            return self._cap
        return self._cap + math.floor((now - self._calm_until) / STEP_EVERY)

    @property
    def known(self) -> float | None:
        """The cap that was learned, without what was tried since."""
        return None if self._cap == math.inf else self._cap

    def passed(self, in_flight: int) -> None:
        """Note how many were in flight, itself included, when a request that was served left."""
        self._proven = max(self._proven, in_flight)

    def refused(self, now: float, in_flight: float) -> float | None:
        """Learn from a refusal with so many in flight; return the new cap, None when concurrency was not the reason.

        GitHub, for one, words several limits alike: so many at once, so many points a minute, so much CPU time.
        """
        if in_flight < PLAUSIBLE * self._proven:
            return None
        served, limit = self._proven or in_flight - 1, self.limit(now)
        # Refused at what had been served before: no longer a bound, so it is cut.
        self._cap = max(1.0, math.floor(served if served < limit else SHARE * limit))
        self._calm_until = now + CALM * 2.0 ** min(self._hits, 10)
        self._hits += 1
        self._proven = 0
        return self._cap

    def restore(self, now: float, cap: float) -> None:
        """Start with what an earlier process learned."""
        self._cap, self._hits, self._calm_until = max(1.0, cap), 1, now + CALM


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
