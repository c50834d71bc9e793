"""Limits that no header tells of, inferred from refusals. Pure.

`OverstatedLimit` is a rate lower than the headers promise, `SecondaryCap` a concurrency limit, and `HiddenRate` the
rate limit of a server without rate-limit headers.
"""

import math
from typing import Final

from engine.common.text import span
from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import Ask, Hold, Pacer

OVERSTATED_USED: Final = 0.97
"""Share of the rate that succeeded which is used."""
PROBE: Final = 1.1
"""Factor of one probe."""
OVERSTATED_SLOWEST: Final = 1 / 600
"""Least rate in requests a second."""

SHARE: Final = 0.9
"""A cap that refused at what had been served before is reduced to this share."""
CALM: Final = 240.0
"""Seconds without a probe after the first refusal. Each further refusal doubles them."""
STEP_EVERY: Final = 20.0
"""Seconds from one probe of one more request to the next."""
PLAUSIBLE: Final = 0.5
"""A refusal with fewer in flight than this share of what was served has another reason than concurrency."""

USED: Final = 0.99
"""Share of the ceiling that is used."""
FIRST_CUT: Final = 0.85
"""Rate after a first refusal, as a share of the ceiling."""
CUT: Final = 0.95
"""The same after a refusal that confirmed or measured the ceiling."""
SAME: Final = 0.15
"""A ceiling found again within this share is confirmed."""
SHORTEST: Final = 30.0
"""Seconds until the ceiling is reached again after a refusal; each confirmation doubles them."""
LONGEST: Final = 600.0
"""Upper bound of those seconds."""
PATIENCE: Final = 10.0
"""Least of those seconds, for each second that the server asked to wait."""
SLOWEST: Final = 1 / 600
"""Least ceiling in requests a second."""


class OverstatedLimit:
    """Paces to the rate that succeeded while the headers promise more.

    Probes 10 % higher. The longer a refusal cost, the longer until the next probe.
    """

    def __init__(self) -> None:
        self.rate: float | None = None
        """Requests a second; None as long as the headers are true."""
        self._hits = 0
        self._probe_at = float("inf")
        self._patience = 0.0
        self._pacer = Pacer()

    def refused(self, now: float, passed: float, window: float, wait: float) -> None:
        """Learn from a refusal while the headers showed units left.

        Args:
            now: the time of the refusal.
            passed: how many requests succeeded in the last window.
            window: its length in seconds.
            wait: seconds that the server asked to wait.
        """
        self.rate = max(OVERSTATED_SLOWEST, OVERSTATED_USED * passed / window)
        self._patience = max(10 * window, 20 * wait) * 2.0 ** min(self._hits, 10)
        self._hits += 1
        self._probe_at = now + self._patience

    def restore(self, now: float, rate: float) -> None:
        """Begin with the rate that an earlier run learned."""
        self.rate, self._hits, self._patience = max(OVERSTATED_SLOWEST, rate), 1, 600.0
        self._probe_at = now + self._patience

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
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
        """Record a send for the pacing."""
        if self.rate is not None:
            self._pacer.sent(now, self.rate, cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Ignored."""

    def quota(self, now: float) -> Quota | None:
        """Return the inferred limit as a gauge."""
        _ = now
        if self.rate is None:
            return None
        return Quota(
            name=f"true limit per {span(60)}", origin="learned", limit=60 * self.rate, remaining=None, resets_in=None
        )


class SecondaryCap:
    """A concurrency limit of the server: the highest number that was served before it refused.

    The number in flight at the refusal is no bound. Requests sent later may have arrived first, and servers differ in
    whether they count requests received or requests not answered. The number that was served holds either way
    (docs/decisions/0012-what-the-law-takes-for-proof.md). After a calm time the cap grows by one every 20 seconds.
    """

    def __init__(self) -> None:
        self._cap = math.inf
        self._hits = 0
        self._calm_until = 0.0
        self._proven = 0

    def limit(self, now: float) -> float:
        """Return how many requests may be in flight; infinite if no cap is known."""
        if self._cap == math.inf or now <= self._calm_until:
            return self._cap
        return self._cap + math.floor((now - self._calm_until) / STEP_EVERY)

    @property
    def known(self) -> float | None:
        """The cap that was learned, without later probes; None if there is none."""
        return None if self._cap == math.inf else self._cap

    def passed(self, in_flight: int) -> None:
        """Record how many were in flight, itself included, when a request was sent that succeeded."""
        self._proven = max(self._proven, in_flight)

    def refused(self, now: float, in_flight: float) -> float | None:
        """Learn from a refusal. Return the new cap; None if concurrency cannot have been the reason.

        GitHub words several limits alike: requests at once, points a minute, and CPU time.
        """
        if in_flight < PLAUSIBLE * self._proven:
            return None
        served, limit = self._proven or in_flight - 1, self.limit(now)
        # Refused at the number that was served before: it is no longer a bound, so it is cut.
        self._cap = max(1.0, math.floor(served if served < limit else SHARE * limit))
        self._calm_until = now + CALM * 2.0 ** min(self._hits, 10)
        self._hits += 1
        self._proven = 0
        return self._cap

    def restore(self, now: float, cap: float) -> None:
        """Begin with the cap that an earlier run learned."""
        self._cap, self._hits, self._calm_until = max(1.0, cap), 1, now + CALM


class HiddenRate:
    """A rate limit without headers: paces just below the highest rate that succeeded.

    After a refusal the rate returns to the ceiling on the curve of CUBIC (https://www.rfc-editor.org/rfc/rfc9438), fast
    at first and then flatter. It stays there for half as long again, and then grows quadratically to look for more.
    CUBIC's period is a few seconds; here it is 30 s to 10 min, so refusals become rarer with time.
    """

    def __init__(self) -> None:
        self.ceiling: float | None = None
        """Requests a second that succeeded up to the last refusal; None if there was none."""
        self._began = 0.0
        self._cut = FIRST_CUT
        self._period = SHORTEST
        self._pacer = Pacer()

    def refused(self, now: float, rate: float, wait: float, *, measured: bool) -> None:
        """Learn from a refusal.

        Args:
            now: when sending may start again.
            rate: requests a second that succeeded before it.
            wait: seconds that the server asked to wait; 0 if it did not say.
            measured: whether `rate` includes the wait. It is then the limit itself and not a burst.
        """
        rate = max(SLOWEST, rate)
        confirmed = self.ceiling is not None and abs(rate - self.ceiling) <= SAME * self.ceiling
        self._period = min(LONGEST, 2 * self._period) if confirmed else SHORTEST
        self._period = min(LONGEST, max(self._period, PATIENCE * wait))
        self._cut = CUT if confirmed or measured else FIRST_CUT
        self.ceiling, self._began = rate, now

    def restore(self, now: float, ceiling: float) -> None:
        """Begin with the ceiling that an earlier run learned."""
        self.ceiling, self._began, self._cut, self._period = max(SLOWEST, ceiling), now, CUT, 2 * SHORTEST

    def rate(self, now: float) -> float:
        """Return the rate for now in requests a second; infinite if no limit is known."""
        if self.ceiling is None:
            return float("inf")
        passed = max(0.0, now - self._began)
        if passed < self._period:
            return USED * self.ceiling * (1 - (1 - self._cut) * (1 - passed / self._period) ** 3)
        if passed < 1.5 * self._period:
            return USED * self.ceiling
        beyond = min(10.0, (passed - 1.5 * self._period) / (self._period / 3))
        return self.ceiling * (1 + 0.05 * beyond**2)

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
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
        """Record a send for the pacing."""
        if self.ceiling is not None:
            self._pacer.sent(now, self.rate(now), cost)

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Ignored."""

    def quota(self, now: float) -> Quota | None:
        """Return the inferred limit as a gauge."""
        if self.ceiling is None:
            return None
        limit = 60 * self.rate(now)
        return Quota(name=f"hidden limit per {span(60)}", origin="learned", limit=limit, remaining=None, resets_in=None)
