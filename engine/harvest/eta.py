"""When a source will be done: at its fastest recent pace, and within its budgets with their resets. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import quantiles

from engine.model.lane_state import LaneState, Quota
from engine.model.snapshot import Second

FEW = 8
"""Seconds with requests in them before a pace is told."""


@dataclass(frozen=True, slots=True)
class Eta:
    """How long it will take."""

    seconds: float
    resets: int
    """How many budget windows must end on the way."""


def estimate(backlog: int, seconds: Iterable[Second], lanes: Iterable[LaneState]) -> Eta | None:
    """Estimate when `backlog` requests are done; None while nothing is known.

    The pace is what the busy seconds reached, so that a wait for a budget does not count as slowness; the budgets then
    say how much of it is allowed.
    """
    if backlog <= 0:
        return Eta(0.0, 0)
    busy = [second.requests for second in seconds if second.requests]
    if len(busy) < FEW:
        return None
    pace = max(1e-6, quantiles(busy, n=4)[2])
    waits = [_within(_counted(backlog, lane), quota, lane.cost) for lane in lanes for quota in lane.quotas]
    longest = max((wait for wait in waits if wait is not None), key=lambda eta: eta.seconds, default=Eta(0.0, 0))
    return Eta(max(backlog / pace, longest.seconds), longest.resets)


def _counted(backlog: int, lane: LaneState) -> float:
    """Return what a budget must let pass until this backlog is done: others have their share, until they are done."""
    return min(backlog + lane.beside, backlog / lane.share)


def _within(requests: float, quota: Quota, cost: float) -> Eta | None:
    """Say how long a budget alone makes it take; None where it says too little of itself."""
    if not quota.limit or not quota.window:
        return None
    backlog = requests * (cost if quota.origin == "headers" else 1.0)
    if quota.resets_in is None:
        return Eta(max(0.0, backlog - (quota.remaining or 0.0)) * quota.window / quota.limit, 0)
    beyond = backlog - (quota.remaining or 0.0)
    if beyond <= 0:
        return Eta(0.0, 0)
    windows = math.ceil(beyond / quota.limit)
    rest = (beyond - (windows - 1) * quota.limit) / quota.limit
    return Eta(quota.resets_in + (windows - 1 + rest) * quota.window, windows)
