"""What a run would cost: requests and time, from a source's estimates and the limits that are known. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.model.capabilities import Estimate
from engine.model.lane_state import Quota
from engine.model.source import RateBudget

LATENCY: Final = 0.4
"""Seconds assumed for an answer, in the range of the APIs that have a source here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Requests for one resource, and the seconds they take."""

    resource: str
    requests_low: int
    requests_high: int | None
    naive_requests: int
    seconds_low: float
    seconds_high: float | None
    naive_seconds: float
    """For the plainest client under the same limits and at the same concurrency."""
    naive_open: bool
    """Both `naive_` figures are lower bounds, and no upper bound is known."""
    timed: bool
    """Whether the duration of a request is known. If not, the seconds are only what the limits impose."""
    limits: tuple[str, ...]
    """The limits in words."""
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is known of a resource's limits before a run."""

    budgets: Sequence[RateBudget] = ()
    quotas: Sequence[Quota] = ()
    """What headers told an earlier run, if those windows are still open."""
    documented: int | None = None
    window: float = 3600.0
    concurrency: int = 32
    latency: float = LATENCY
    cost: float = 1.0
    """Units that a request takes from the budgets, on average."""


def costs(
    estimates: Iterable[Estimate],
    budgets: Sequence[RateBudget],
    quotas: Mapping[str, Sequence[Quota]],
    workers: int | None = None,
) -> list[Cost]:
    """Sum up estimates by resource, in the order of the estimates."""
    by_resource: dict[str, list[Estimate]] = {}
    for estimate in estimates:
        by_resource.setdefault(estimate.resource, []).append(estimate)
    sums = {name: _summed(found) for name, found in by_resource.items()}
    return [
        _cost(
            name,
            found,
            sums=sums[name],
            beside=[_total(sums, number) - (sums[name][number] or 0) for number in range(3)],
            budgets=[budget for budget in budgets if budget.resource == name],
            quotas=quotas.get(name, ()),
            workers=workers,
        )
        for name, found in by_resource.items()
    ]


def seconds(requests: int, limits: Limits, beside: int = 0) -> float:
    """Return how long requests take: the longest of what latency, each budget and the quota impose.

    Args:
        requests: their number, for this resource.
        limits: those of this resource.
        beside: requests for the source's other resources. They draw on the budgets that are shared.
    """
    if requests <= 0:
        return 0.0
    waits = [math.ceil(requests / limits.concurrency) * limits.latency]
    waits += [
        _paced(requests * limits.cost + (beside if budget.shared else 0), budget.requests, budget.per)
        for budget in limits.budgets
        if budget.requests
    ]
    waits.append(_windowed(requests * limits.cost, limits))
    return max(waits)


def _summed(found: Sequence[Estimate]) -> tuple[int, int | None, int]:
    """Return the lower bound of requests, the upper one if every estimate has one, and those of a plain client."""
    highs = [each.requests_high for each in found if each.requests_high is not None]
    high = sum(highs) if len(highs) == len(found) else None
    return sum(each.requests_low for each in found), high, sum(each.naive_requests for each in found)


def _total(sums: Mapping[str, tuple[int, int | None, int]], number: int) -> int:
    return sum(each[number] or 0 for each in sums.values())


def _cost(
    name: str,
    found: Sequence[Estimate],
    *,
    sums: tuple[int, int | None, int],
    beside: Sequence[int],
    budgets: Sequence[RateBudget],
    quotas: Sequence[Quota],
    workers: int | None,
) -> Cost:
    cap = min((budget.concurrency for budget in budgets), default=32)
    documented = next(((each.quota, each.window) for each in found if each.quota), (None, 3600.0))
    timed = all(each.timed for each in found)
    limits = Limits(
        budgets=budgets,
        quotas=quotas,
        documented=documented[0],
        window=documented[1],
        concurrency=min(cap, workers or cap),
        latency=LATENCY if timed else 0.0,
        cost=_cost_of_one(found),
    )
    low, high, naive = sums
    return Cost(
        resource=name,
        requests_low=low,
        requests_high=high,
        naive_requests=naive,
        seconds_low=seconds(low, limits, beside[0]),
        seconds_high=seconds(high, limits, beside[1]) if high is not None and (timed or not high) else None,
        naive_seconds=seconds(naive, limits, beside[2]),
        naive_open=any(each.naive_open for each in found),
        timed=timed,
        limits=_words(limits),
        why=tuple(each.why for each in found),
    )


def _cost_of_one(found: Sequence[Estimate]) -> float:
    """Return the average cost of a request. Where nothing is expected to be sent, the dearest one counts."""
    requests = sum(each.requests_low for each in found)
    if not requests:
        return max((each.cost for each in found), default=1.0)
    return sum(each.requests_low * each.cost for each in found) / requests


def _paced(requests: float, allowed: int, per: float) -> float:
    """Return the seconds of a sliding window: one windowful at once, then one request as each leaves the window."""
    return max(0, requests - allowed) / allowed * per


def _windowed(requests: float, limits: Limits) -> float:
    """Return the seconds spent waiting for resets of a quota, beginning with what is left now if that is known."""
    left, wait, limit = limits.documented, limits.window, limits.documented
    for quota in limits.quotas:
        if quota.remaining is not None and quota.limit:
            left, limit = math.floor(quota.remaining), math.floor(quota.limit)
            wait = quota.resets_in if quota.resets_in is not None else limits.window
    if left is None or not limit or requests <= left:
        return 0.0
    return wait + (math.ceil((requests - left) / limit) - 1) * limits.window


def _words(limits: Limits) -> tuple[str, ...]:
    found = [
        f"{budget.requests:,} per {budget.per:g} s{' for all lanes together' if budget.shared else ''}"
        for budget in limits.budgets
        if budget.requests
    ]
    known = [quota for quota in limits.quotas if quota.remaining is not None and quota.limit]
    found += [f"{quota.remaining:,.0f} of {quota.limit:,.0f} left" for quota in known]
    if limits.documented and not known:
        found.append(f"{limits.documented:,} per {limits.window:g} s as documented")
    return (*found, f"{limits.concurrency} at once")
