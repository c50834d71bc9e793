"""Meters: ways to count requests against a budget. Pure: the time is a parameter."""

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from simulator.common.settings import Budget, MeterKind


class Meter(Protocol):
    """Counts what was taken from one budget."""

    limit: int

    def take(self, now: float, cost: float) -> bool:
        """Take a request's cost and return True; take nothing and return False where it exceeds the budget."""

    def give_back(self, cost: float) -> None: ...

    def left(self, now: float) -> int:
        """Return what can still be taken."""

    def resets_at(self, now: float) -> float:
        """Return when more becomes available."""


class FixedWindow:
    """A window that opens with its first request, as on GitHub. It ends at a whole second, which is announced."""

    def __init__(self, limit: int, per: float) -> None:
        self.limit = limit
        self._per = per
        self._used = 0.0
        self._ends = -math.inf

    def take(self, now: float, cost: float) -> bool:
        """Take from the open window, or open a new one."""
        if now >= self._ends:
            self._ends = math.ceil(now + self._per)
            self._used = 0.0
        if self._used + cost > self.limit:
            return False
        self._used += cost
        return True

    def give_back(self, cost: float) -> None:
        """Undo a take in the open window."""
        self._used = max(0.0, self._used - cost)

    def left(self, now: float) -> int:
        """Return what is left in the open window."""
        return self.limit if now >= self._ends else int(self.limit - self._used)

    def resets_at(self, now: float) -> float:
        """Return the end of the open window, or of the one that would open now."""
        return self._ends if now < self._ends else math.ceil(now + self._per)


class SlidingWindow:
    """At most `limit` in any `per` seconds."""

    def __init__(self, limit: int, per: float) -> None:
        self.limit = limit
        self._per = per
        self._taken: deque[tuple[float, float]] = deque()
        self._used = 0.0

    def take(self, now: float, cost: float) -> bool:
        """Take if the last `per` seconds leave room."""
        self._forget(now)
        if self._used + cost > self.limit:
            return False
        self._taken.append((now, cost))
        self._used += cost
        return True

    def give_back(self, cost: float) -> None:
        """Undo the last take, if it had this cost."""
        if self._taken and self._taken[-1][1] == cost:
            self._used -= self._taken.pop()[1]

    def left(self, now: float) -> int:
        """Return the room in the last `per` seconds."""
        self._forget(now)
        return int(self.limit - self._used)

    def resets_at(self, now: float) -> float:
        """Return when the oldest request leaves the window."""
        self._forget(now)
        return self._taken[0][0] + self._per if self._taken else now

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0][0] <= now - self._per:
            self._used -= self._taken.popleft()[1]


class TokenBucket:
    """A token bucket: it refills at `limit / per` a second, up to `limit`.

    https://en.wikipedia.org/wiki/Token_bucket
    """

    def __init__(self, limit: int, per: float) -> None:
        self.limit = limit
        self._rate = limit / per
        self._level = float(limit)
        self._at = -math.inf

    def take(self, now: float, cost: float) -> bool:
        """Take if the bucket holds enough."""
        self._fill(now)
        if cost > self._level + 1e-9:
            return False
        self._level -= cost
        return True

    def give_back(self, cost: float) -> None:
        self._level = min(self.limit, self._level + cost)

    def left(self, now: float) -> int:
        """Return the whole requests in the bucket."""
        self._fill(now)
        return int(self._level + 1e-9)

    def resets_at(self, now: float) -> float:
        """Return when the bucket holds one request more."""
        self._fill(now)
        return now + max(0.0, 1 - self._level) / self._rate

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._level = min(self.limit, self._level + (now - self._at) * self._rate)
            self._at = now


def meter(budget: Budget) -> Meter:
    kinds: dict[MeterKind, Callable[[int, float], Meter]] = {
        "fixed": FixedWindow,
        "sliding": SlidingWindow,
        "bucket": TokenBucket,
    }
    return kinds[budget.kind](budget.requests, budget.per)
