"""A budget whose headers give limit, remaining and reset. Pure."""

from typing import Final

from engine.common.text import span
from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import LONGEST, Ask, Hold, Pacer
from engine.pacing.budgets.window_usage import ForeignUse, Shares
from engine.pacing.response.rate_limit_headers import QuotaReading

CLUSTER: Final = 2.5
"""Resets within so many seconds belong to one window. The clocks of a server's replicas differ by a second or two, for
example https://github.com/badges/shields/issues/4590."""
AFTER_RESET: Final = 0.3
"""Seconds after the reset until a request is sent."""
GUARD: Final = 0.003
"""Share of the limit that is never spent."""
FOREIGN_GUARD: Final = 0.03
"""Largest share of the limit that is left unspent for other clients."""
FASTEST: Final = 4.0
"""Largest rate, in multiples of limit / window."""
FARTHEST_SHIFT: Final = 120.0
"""Largest correction of the reset in seconds."""


class HeaderWindow:
    """Spends what is left evenly until the reset. Then one request goes alone to read the new window: the canary.

    Answers may arrive in another order than they were sent, so the lowest `remaining` of a window counts. If an answer
    to a request sent after the reset still shows the old window, our estimate of the reset is early and is shifted.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._limit: float | None = None
        self._remaining: float | None = None
        self._resets_at = float("-inf")
        """The reset as the headers give it, in monotonic seconds, without the shift."""
        self._shift = 0.0
        self._window: float | None = None
        self._least_window = 60.0
        """Seconds to the reset when the window was first seen. The window is at least so long."""
        self._canary_sent_at: float | None = None
        self._pacer = Pacer()
        self._rate = 0.0
        self._foreign = ForeignUse()
        self._shares = Shares()

    @property
    def ends_at(self) -> float:
        """End of the window in monotonic seconds."""
        return self._resets_at + self._shift

    @property
    def remaining(self) -> float | None:
        """Units left according to the answers so far."""
        return self._remaining

    @property
    def window(self) -> float | None:
        """Length of the window in seconds; None if unknown."""
        return self._window

    def learn(self, now: float, sent_at: float, reading: QuotaReading) -> None:
        """Take in a reading. Readings of an earlier window are ignored."""
        if reading.remaining is None:
            return
        resets_at = self._resets_at if reading.resets_at is None else min(reading.resets_at, now + 31 * 86_400.0)
        if reading.limit is not None:
            self._limit = reading.limit
        # More units left, in an answer to a request sent after the reset: a new window, even if it names the old reset.
        fuller = sent_at > self.ends_at and reading.remaining > (self._remaining or 0.0)
        if self._remaining is None or resets_at > self._resets_at + CLUSTER or (fuller and resets_at > now):
            self._begin(now, resets_at, reading)
        elif resets_at >= self._resets_at - CLUSTER:
            if sent_at > self.ends_at:
                self._shift = min(FARTHEST_SHIFT, self._shift + 2 * (sent_at - self.ends_at) + 0.5)
            self._resets_at = min(self._resets_at, resets_at)
            self._remaining = min(self._remaining, reading.remaining)
            self._foreign.observe(now, self._remaining, self._window or 60.0)

    def wait_for(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pacing, or for the reset if what is left does not cover the cost."""
        if self._remaining is None:
            return None
        if now >= self.ends_at + AFTER_RESET:
            alone = f"budget {self._name}: window over, one request asks for the new one"
            return None if self._canary_sent_at is None else Hold(None, alone)
        spare = self._remaining - ask.under_way - ask.kept(self._limit) - self._guard()
        left = spare - self._theirs()
        until = self.ends_at - now
        if left < ask.cost or until <= 0:
            return Hold(min(LONGEST, until + AFTER_RESET), self._words(now))
        # The backlog fits: pacing would only make the run longer.
        if ask.backlog <= left:
            self._rate = 0.0
            return None
        self._rate = self._pace(max(0.0, spare - self._foreign.since(now)), until)
        wait = self._pacer.wait(now, self._rate)
        if wait <= 0:
            return None
        return Hold(min(wait, until + AFTER_RESET), f"{self._words(now)}: spread evenly")

    def sent(self, now: float, cost: float) -> None:
        """Record a send for the pacing. A send after the reset is the canary."""
        self._pacer.sent(now, self._rate, cost)
        self._shares.sent(now, cost)
        if self._remaining is not None and now >= self.ends_at + AFTER_RESET:
            self._canary_sent_at = now

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Count our own use. If the canary is over without news of the window, the next request is one."""
        _ = now
        self._foreign.answered(cost)
        self._shares.answered(sent_at, cost)
        if sent_at == self._canary_sent_at:
            self._canary_sent_at = None

    def correct(self, units: float) -> None:
        """Correct the pacing when a request cost `units` less than assumed."""
        self._pacer.earn(units)

    def quota(self, now: float) -> Quota:
        """Return what the answers said. After the reset it is unknown what is left."""
        ended = now >= self.ends_at
        remaining = None if ended else self._remaining
        resets_in = None if ended else self.ends_at - now
        own, others = (None if remaining is None else self._shares.split(remaining)) or (None, None)
        return Quota(
            name=self._name,
            origin="headers",
            limit=self._limit,
            remaining=remaining,
            resets_in=resets_in,
            own=own,
            others=others,
        )

    def _begin(self, now: float, resets_at: float, reading: QuotaReading) -> None:
        seen_before = self._remaining is not None
        if seen_before and resets_at - self._resets_at < 86_400.0:
            self._window = resets_at - self._resets_at
        self._shares.begin(reading.remaining or 0.0, self._limit if seen_before else None)
        self._window = reading.window or self._window
        self._resets_at, self._remaining = resets_at, reading.remaining
        self._least_window = max(1e-3, resets_at - now)
        self._canary_sent_at = None
        self._foreign.restart(now, reading.remaining or 0.0)

    def _pace(self, left: float, until: float) -> float:
        """Return the rate that spends what is left by the reset, less what other clients use."""
        whole = None if self._limit is None else self._limit / max(self._window or self._least_window, 1e-3)
        rate = self._foreign.ours(left / max(until, 1e-3), whole)
        return rate if whole is None or self._window is None else min(rate, FASTEST * whole)

    def _guard(self) -> float:
        return max(1.0, GUARD * (self._limit or 0.0))

    def _theirs(self) -> float:
        """Return what others may take in the second before the reset. It is not spent even if it is left then."""
        return min(FOREIGN_GUARD * (self._limit or 0.0), self._foreign.rate + 1.0) if self._foreign.rate > 0.2 else 0.0

    def _words(self, now: float) -> str:
        limit = f" of {self._limit:,.0f}" if self._limit is not None else ""
        return f"budget {self._name}: {self._remaining or 0:,.0f}{limit} left, resets in {span(self.ends_at - now)}"
