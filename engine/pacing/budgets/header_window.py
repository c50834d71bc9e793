"""A budget the API tells of with its reset: limit, remaining, and when it is full again. Pure."""

from typing import Final

from engine.model.lane_state import Quota
from engine.pacing.budgets.budget import LONGEST, Ask, Hold, Pacer, Reading, span
from engine.pacing.budgets.window_usage import ForeignUse, Shares

CLUSTER: Final = 2.5
"""Resets within so many seconds of each other are one window: replicas of a server differ by a second or two."""
AFTER_RESET: Final = 0.3
GUARD: Final = 0.003
FOREIGN_GUARD: Final = 0.03
FASTEST: Final = 4.0
"""Never faster than so many times the window's own rate."""
FARTHEST_SHIFT: Final = 120.0


class HeaderWindow:
    """Spends what is left evenly until the reset; then one request goes alone, until an answer tells of the new window.

    Of every window, the lowest remaining counts. An old window seen after its end proves that our idea of the server's
    clock is early: it is shifted.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._limit: float | None = None
        self._remaining: float | None = None
        self._told = float("-inf")
        """The reset as told, in our seconds; the shift is not in it."""
        self._shift = 0.0
        self._window: float | None = None
        self._ahead = 60.0
        """Seconds the window had before it when it was first seen: so long it is at least."""
        self._canary_sent_at: float | None = None
        self._pacer = Pacer()
        self._rate = 0.0
        self._foreign = ForeignUse()
        self._shares = Shares()

    @property
    def over(self) -> float:
        """When the window is over, in monotonic seconds."""
        return self._told + self._shift

    @property
    def remaining(self) -> float | None:
        """What the last answers said is left."""
        return self._remaining

    @property
    def window(self) -> float | None:
        """Seconds the window is long, where that is known."""
        return self._window

    def learn(self, now: float, sent_at: float, reading: Reading) -> None:
        """Take in what an answer said; answers of a window that is over are ignored."""
        if reading.remaining is None:
            return
        resets_at = self._told if reading.resets_at is None else min(reading.resets_at, now + 31 * 86_400.0)
        if reading.limit is not None:
            self._limit = reading.limit
        fuller = sent_at > self.over and reading.remaining > (self._remaining or 0.0)
        if self._remaining is None or resets_at > self._told + CLUSTER or (fuller and resets_at > now):
            self._begin(now, resets_at, reading)
        elif resets_at >= self._told - CLUSTER:
            if sent_at > self.over:
                self._shift = min(FARTHEST_SHIFT, self._shift + 2 * (sent_at - self.over) + 0.5)
            self._told = min(self._told, resets_at)
            self._remaining = min(self._remaining, reading.remaining)
            self._foreign.observe(now, self._remaining, self._window or 60.0)

    def hold(self, now: float, ask: Ask) -> Hold | None:
        """Wait for the pace, or for the reset when what is left does not cover the cost."""
        if self._remaining is None:
            return None
        if now >= self.over + AFTER_RESET:
            alone = f"budget {self._name}: window over, one request asks for the new one"
            return None if self._canary_sent_at is None else Hold(None, alone)
        spare = self._remaining - ask.under_way - ask.kept(self._limit) - self._guard()
        left = spare - self._theirs()
        until = self.over - now
        if left < ask.cost or until <= 0:
            return Hold(min(LONGEST, until + AFTER_RESET), self._words(now))
        if ask.backlog <= left:
            self._rate = 0.0
            return None
        self._rate = self._pace(max(0.0, spare - self._foreign.since(now)), until)
        wait = self._pacer.wait(now, self._rate)
        if wait <= 0:
            return None
        return Hold(min(wait, until + AFTER_RESET), f"{self._words(now)}: spread evenly")

    def sent(self, now: float, cost: float) -> None:
        """Note the send for the pace; after the reset it is the canary."""
        self._pacer.sent(now, self._rate, cost)
        self._shares.sent(now, cost)
        if self._remaining is not None and now >= self.over + AFTER_RESET:
            self._canary_sent_at = now

    def answered(self, now: float, sent_at: float, cost: float) -> None:
        """Count our own use; a canary that is over makes room for another."""
        _ = now
        self._foreign.answered(cost)
        self._shares.answered(sent_at, cost)
        if sent_at == self._canary_sent_at:
            self._canary_sent_at = None

    def correct(self, units: float) -> None:
        """Keep the pace by what an answer really took: so much less than was thought when it left."""
        self._pacer.earn(units)

    def quota(self, now: float) -> Quota:
        """Say what the last answers said; after the reset what is left is unknown."""
        over = now >= self.over
        remaining = None if over else self._remaining
        resets_in = None if over else self.over - now
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

    def _begin(self, now: float, resets_at: float, reading: Reading) -> None:
        fresh = self._remaining is not None
        if fresh and resets_at - self._told < 86_400.0:
            self._window = resets_at - self._told
        self._shares.begin(reading.remaining or 0.0, self._limit if fresh else None)
        self._window = reading.window or self._window
        self._told, self._remaining, self._ahead = resets_at, reading.remaining, max(1e-3, resets_at - now)
        self._canary_sent_at = None
        self._foreign.restart(now, reading.remaining or 0.0)

    def _pace(self, left: float, until: float) -> float:
        whole = None if self._limit is None else self._limit / max(self._window or self._ahead, 1e-3)
        rate = self._foreign.ours(left / max(until, 1e-3), whole)
        return rate if whole is None or self._window is None else min(rate, FASTEST * whole)

    def _guard(self) -> float:
        return max(1.0, GUARD * (self._limit or 0.0))

    def _theirs(self) -> float:
        """Return what others may take in the next second: so much is not spent even when it is left at the end."""
        return min(FOREIGN_GUARD * (self._limit or 0.0), self._foreign.rate + 1.0) if self._foreign.rate > 0.2 else 0.0

    def _words(self, now: float) -> str:
        limit = f" of {self._limit:,.0f}" if self._limit is not None else ""
        return f"budget {self._name}: {self._remaining or 0:,.0f}{limit} left, resets in {span(self.over - now)}"
