"""Budgets: each says how long the next request must wait for it. Pure; all times are monotonic seconds, passed in.

Two kinds: `ConfiguredWindow` keeps a limit that is documented or set by the person; `HeaderWindow` follows what the
answers say in their rate-limit headers.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

import humanize

from engine.snapshot import Quota

CLUSTER: Final = 2.5
"""Resets within so many seconds of each other are one window: replicas of a server differ by a second or two."""
AFTER_RESET: Final = 1.0
"""Wait so much longer than the reset says: it is told in whole seconds."""


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


class Budget(Protocol):
    """Something that is used up by requests and comes back with time."""

    def hold(self, now: float, in_flight: float, cost: float) -> Hold | None:
        """Say whether a request of this cost must wait; `in_flight` is the cost of those not answered yet."""

    def sent(self, now: float, cost: float) -> None:
        """Take note that a request left."""

    def quota(self, now: float) -> Quota:
        """Say what is known of it."""


class ConfiguredWindow:
    """At most `requests` in any `per` seconds: legal for fixed windows, sliding windows and buckets alike."""

    def __init__(self, name: str, requests: int, per: float) -> None:
        self._name = name
        self._requests = requests
        self._per = per
        self._span = per * (1.05 if per <= 5 else 1.01)
        self._log: deque[tuple[float, float]] = deque()
        self._used = 0.0

    def hold(self, now: float, in_flight: float, cost: float) -> Hold | None:
        """Wait until enough of the log is older than the window."""
        _ = in_flight
        self._forget(now)
        over = self._used + cost - self._requests
        if over <= 0 or not self._log:
            return None
        for at, used in self._log:
            over -= used
            if over <= 0:
                return Hold(at + self._span - now, self._words(now, at))
        return Hold(self._log[-1][0] + self._span - now, self._words(now, self._log[-1][0]))

    def sent(self, now: float, cost: float) -> None:
        """Note the request in the log."""
        self._log.append((now, cost))
        self._used += cost

    def quota(self, now: float) -> Quota:
        """Say how much of the window is left; it comes back bit by bit, so there is no reset."""
        self._forget(now)
        left = max(0.0, self._requests - self._used)
        wait = self._log[0][0] + self._span - now if self._log and left < 1 else None
        return Quota(name=self._name, origin="configured", limit=self._requests, remaining=left, resets_in=wait)

    def _forget(self, now: float) -> None:
        while self._log and self._log[0][0] + self._span <= now:
            self._used -= self._log.popleft()[1]

    def _words(self, now: float, frees: float) -> str:
        seconds = max(0.0, frees + self._span - now)
        return f"budget {self._name}: {self._requests:,} per {span(self._per)} used, next in {span(seconds)}"


class HeaderWindow:
    """A window the API tells of: limit, remaining, reset. Of every window, the lowest remaining counts.

    `guard` is left unspent: what others use of the same budget between two answers. After the reset one request goes
    alone, until an answer tells of the new window.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._limit: float | None = None
        self._remaining: float | None = None
        self._resets_at: float | None = None

    def learn(self, now: float, reading: Reading) -> None:
        """Take in what an answer said; answers of a window that is over are ignored."""
        if reading.remaining is None:
            return
        new = self._is_new(now, reading.resets_at)
        if new is None:
            return
        self._limit = reading.limit if reading.limit is not None else self._limit
        if new or self._remaining is None:
            self._remaining, self._resets_at = reading.remaining, reading.resets_at
        else:
            self._remaining = min(self._remaining, reading.remaining)

    def hold(self, now: float, in_flight: float, cost: float) -> Hold | None:
        """Wait for the reset when what is left, less what is under way, does not cover the cost."""
        if self._remaining is None:
            return None
        if self._resets_at is not None and now >= self._resets_at + AFTER_RESET:
            alone = f"budget {self._name}: window over, one request asks for the new one"
            return Hold(None, alone) if in_flight > 0 else None
        if self._remaining - in_flight - self._guard() >= cost:
            return None
        if self._resets_at is None:
            return Hold(None, self._words(now)) if in_flight > 0 else None
        return Hold(self._resets_at + AFTER_RESET - now, self._words(now))

    def sent(self, now: float, cost: float) -> None:
        """Nothing to do: a request under way counts as in flight, an answered one is in `remaining`."""

    def quota(self, now: float) -> Quota:
        """Say what the last answers said; after the reset what is left is unknown."""
        over = self._resets_at is not None and now >= self._resets_at
        remaining = None if over else self._remaining
        resets_in = None if over or self._resets_at is None else self._resets_at - now
        return Quota(name=self._name, origin="headers", limit=self._limit, remaining=remaining, resets_in=resets_in)

    def _is_new(self, now: float, resets_at: float | None) -> bool | None:
        """Say whether a reading tells of a new window (True), of this one (False) or of one that is over (None)."""
        if resets_at is None or self._resets_at is None:
            return self._resets_at is None and resets_at is not None
        if resets_at > self._resets_at + CLUSTER:
            return True
        return None if resets_at < self._resets_at - CLUSTER or now > self._resets_at + CLUSTER else False

    def _guard(self) -> float:
        return max(1.0, 0.003 * (self._limit or 0))

    def _words(self, now: float) -> str:
        limit = f" of {self._limit:,.0f}" if self._limit is not None else ""
        reset = f", resets in {span(self._resets_at - now)}" if self._resets_at is not None else ""
        return f"budget {self._name}: {self._remaining or 0:,.0f}{limit} left{reset}"


def span(seconds: float) -> str:
    """Say a number of seconds in words: "38 s", "4 min", "2 h"."""
    if seconds < 100:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{humanize.intcomma(round(seconds / 3600))} h"
