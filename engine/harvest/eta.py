"""Estimates when a source will be done, from its recent pace and its budgets with their resets. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import quantiles

from engine.model.lane_state import LaneState, Quota
from engine.model.snapshot import Second

FEW = 8
"""Seconds with requests that are needed for an estimate."""


@dataclass(frozen=True, slots=True)
class Eta:
    """The time until the queue is empty."""

    seconds: float
    resets: int
    """How many budget windows must end before that."""


def estimate(backlog: int, seconds: Iterable[Second], lanes: Iterable[LaneState]) -> Eta | None:
    """Estimate when `backlog` requests are done; None if too little is known.

    The pace is the upper quartile of the busy seconds, so that a wait for a budget does not count as slowness. The
    budgets then say how much of that pace is allowed.
    """
    if backlog <= 0:
        return Eta(0.0, 0)
    busy = [second.requests for second in seconds if second.requests]
    if len(busy) < FEW:
        return None
    pace = max(1e-6, quantiles(busy, n=4)[2])
    waits = [_within(_shared(backlog, lane), quota, lane.cost) for lane in lanes for quota in lane.quotas]
    longest = max((wait for wait in waits if wait is not None), key=lambda eta: eta.seconds, default=Eta(0.0, 0))
    return Eta(max(backlog / pace, longest.seconds), longest.resets)


def _shared(backlog: int, lane: LaneState) -> float:
    """Return how many requests a shared budget must serve until this backlog is done.

    Other sources take their share of it meanwhile, but no more than they have left.
    """
    return min(backlog + lane.beside, backlog / lane.share)


def _within(requests: float, quota: Quota, cost: float) -> Eta | None:
    """Return how long the requests take if only this budget limits them; None if too little of it is known."""
    if not quota.limit or not quota.window:
        return None
    backlog = requests * (cost if quota.origin == "headers" else 1.0)
    if quota.resets_in is None:
        # No reset: a budget that refills all the time, as a token bucket does.
        return Eta(max(0.0, backlog - (quota.remaining or 0.0)) * quota.window / quota.limit, 0)
    beyond = backlog - (quota.remaining or 0.0)
    if beyond <= 0:
        return Eta(0.0, 0)
    windows = math.ceil(beyond / quota.limit)
    rest = (beyond - (windows - 1) * quota.limit) / quota.limit
    return Eta(quota.resets_in + (windows - 1 + rest) * quota.window, windows)
