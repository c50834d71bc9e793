"""Limits on clients: budgets of requests, secondary limits, and which refusals a client could have foreseen.

Pure: the time is a parameter.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

from simulator.common.meters import Meter, meter
from simulator.common.settings import Limits

Reason = Literal["primary", "points", "concurrency", "retry-after", "injected"]

MAX_ACCOUNTS = 10_000
"""Accounts remembered; the oldest is dropped first."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The state of a credential's budget."""

    limit: int
    remaining: int
    resets_at: float

    @property
    def used(self) -> int:
        return self.limit - self.remaining


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused."""

    reason: Reason
    violation: bool
    """The client could have known."""
    retry_after: float | None = None
    """Seconds for Retry-After; None sends no such header."""


@dataclass(slots=True)
class _Account:
    """The state of one credential."""

    meter: Meter | None
    knows: bool
    points: dict[str, Meter] = field(default_factory=dict)
    blocked: tuple[float, float] = (-math.inf, -math.inf)
    """Since when and until when a secondary limit refuses everything."""
    told: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Retry-Afters of injected faults, as (since, until) by the address they hold for; "" is every address."""


class Limiter:
    """Enforces the limits of one API."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._accounts: dict[str, _Account] = {}

    def clear(self) -> None:
        """Drop every account."""
        self._accounts.clear()

    def admit(self, credential: str, *, route: str, in_flight: int, now: float, cost: float = 1.0) -> Refusal | None:
        """Charge a request to every budget, or return the refusal. `in_flight` counts the other requests."""
        account = self._account(credential)
        if now < account.blocked[1]:
            return Refusal("retry-after", self._past_grace(account.blocked[0], now), account.blocked[1] - now)
        if self._limits.concurrency is not None and in_flight >= self._limits.concurrency:
            return self._block(account, "concurrency", now)
        if (points := self._points(account, route)) is not None and not points.take(now, 1):
            return self._block(account, "points", now)
        if cost and account.meter is not None and not account.meter.take(now, cost):
            wait = account.meter.resets_at(now) - now if self._limits.retry_after else None
            if wait is not None and self._limits.known == "never":
                self.tell(credential, wait, now)
            return Refusal("primary", account.knows, wait)
        return None

    def answered(self, credential: str) -> None:
        """Record that a client saw a response, and so the headers with its budget."""
        if self._limits.known == "headers":
            self._account(credential).knows = True

    def give_back(self, credential: str, cost: float) -> None:
        """Return the cost of an unchanged response, where a 304 is free."""
        free = self._limits.unchanged_is_free
        account = self._account(credential)
        if account.meter is not None and (free == "always" or (free == "authorized" and credential)):
            account.meter.give_back(cost)

    def quota(self, credential: str, now: float) -> Quota | None:
        """Return the state of a credential's budget; None without a budget."""
        found = self._account(credential).meter
        return Quota(found.limit, found.left(now), found.resets_at(now)) if found else None

    def tell(self, credential: str, seconds: float, now: float, *, address: str = "") -> None:
        """Record that a fault sent a Retry-After to a client, for one address or for all."""
        told = self._account(credential).told
        for old in [name for name, (_, until) in told.items() if until <= now]:
            del told[old]
        told[address] = (now, now + seconds)

    def too_early(self, credential: str, address: str, now: float) -> bool:
        """Say whether a request ignores the Retry-After of a fault."""
        told = self._account(credential).told
        if not told:
            return False
        return any(
            now < until and self._past_grace(since, now)
            for since, until in (told.get("", (0, 0)), told.get(address, (0, 0)))
        )

    def _past_grace(self, since: float, now: float) -> bool:
        return now - since > self._limits.grace

    def _block(self, account: _Account, reason: Reason, now: float) -> Refusal:
        account.blocked = (now, now + self._limits.penalty)
        return Refusal(reason, violation=True, retry_after=self._limits.penalty)

    def _points(self, account: _Account, route: str) -> Meter | None:
        """Return the meter of an endpoint's secondary limit. GraphQL has a limit of its own."""
        budget = self._limits.points
        if route.endswith("/graphql") and self._limits.query_points is not None:
            budget = self._limits.query_points
        if budget is None:
            return None
        found = account.points.get(route)
        if found is None:
            found = account.points[route] = meter(budget)
        return found

    def _account(self, credential: str) -> _Account:
        found = self._accounts.get(credential)
        if found is None:
            if len(self._accounts) >= MAX_ACCOUNTS:
                del self._accounts[next(iter(self._accounts))]
            limits = self._limits
            budget = limits.budget if credential else limits.anonymous or limits.budget
            found = _Account(meter(budget) if budget else None, knows=limits.known == "documented")
            self._accounts[credential] = found
        return found
