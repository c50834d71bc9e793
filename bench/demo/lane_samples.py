"""Evaluates samples of a lane: when its limit settled, and how evenly a budget was spent. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from engine.model.lane_state import Bound

NEAR: Final = 0.2
"""A limit within this share of its final value, or within one, has settled."""
HELD: Final = 2.0
"""Seconds over which the mean of the limit must be that near as well."""
ONE_WINDOW: Final = 2.5
"""Resets at most so many seconds apart belong to the same window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSample:
    """A lane at one moment."""

    at: float
    """Monotonic seconds."""
    limit: int
    bound: Bound
    allowed: float | None = None
    """Of a budget from headers: its size, the remainder, and the seconds until its reset."""
    remaining: float | None = None
    resets_in: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A time in which the server did not change."""

    begins: float
    """Seconds after the first sample."""
    limit: float
    """The limit after it settled: the median of the second half."""
    after: float | None
    """Seconds until it had settled; None if it never did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window of a budget, from its start to its reset."""

    limit: float
    farthest: float
    """The largest difference between the remaining shares of the budget and of the time, 0 to 1."""
    left: float
    """What the last sample before the reset saw left."""


def phases(seen: Sequence[LaneSample], begins: Sequence[float]) -> list[Phase]:
    """Split the samples where the server changed; return for each part where the limit settled, and when."""
    zero, found = seen[0].at, []
    for start, end in zip(begins, [*begins[1:], float("inf")], strict=True):
        part = [sample for sample in seen if start <= sample.at - zero < end]
        if part:
            settled = median(sample.limit for sample in part[len(part) // 2 :])
            found.append(Phase(begins=start, limit=settled, after=_reached(part, zero + start, settled)))
    return found


def spending(seen: Sequence[LaneSample]) -> list[Window]:
    """Return the windows that were sampled completely, and how far their spending was from an even line."""
    windows: list[list[tuple[float, LaneSample]]] = []
    for sample in seen:
        if sample.resets_in is None or sample.remaining is None or not sample.allowed:
            continue
        reset = sample.at + sample.resets_in
        if not windows or abs(windows[-1][0][0] - reset) > ONE_WINDOW:
            windows.append([])
        windows[-1].append((reset, sample))
    return [_window([sample for _, sample in window]) for window in windows[1:-1]]


def _window(samples: Sequence[LaneSample]) -> Window:
    limit, whole = samples[0].allowed or 1.0, samples[0].resets_in or 1.0
    off = [abs((sample.remaining or 0.0) / limit - (sample.resets_in or 0.0) / whole) for sample in samples]
    return Window(limit=limit, farthest=max(off), left=samples[-1].remaining or 0.0)


def _reached(part: Sequence[LaneSample], began: float, settled: float) -> float | None:
    near = max(1.0, NEAR * settled)
    for index, sample in enumerate(part):
        soon = [one.limit for one in part[index:] if one.at < sample.at + HELD]
        if abs(sample.limit - settled) <= near and abs(fmean(soon) - settled) <= near:
            return sample.at - began
    return None
