"""What looks at a lane, many a second, say of its pace: when a limit settled, how evenly a budget was spent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from engine.model.lane_state import Bound

NEAR: Final = 0.2
"""A limit within so much of where it settles, or within one, is there."""
HELD: Final = 2.0
"""On average over so many seconds."""
ONE_WINDOW: Final = 2.5
"""Resets within so many seconds of each other are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A lane at one moment."""

    at: float
    """Monotonic seconds."""
    limit: int
    bound: Bound
    allowed: float | None = None
    """Of a budget that answers tell of: its size, what is left, and the seconds until its reset."""
    remaining: float | None = None
    resets_in: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch in which the server did not change."""

    begins: float
    """Seconds from the first look."""
    limit: float
    """Where the number in flight settled: the median of the second half."""
    after: float | None
    """Seconds until it was there; None if it never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window of a budget, from its beginning to its reset."""

    limit: float
    farthest: float
    """The most that more or less of the budget was left than of the time, 0 to 1."""
    left: float
    """What the last look before the reset saw left."""


def phases(seen: Sequence[Look], begins: Sequence[float]) -> list[Phase]:
    """Cut the looks where the server changed; say of each part where the limit settled, and when."""
    zero, found = seen[0].at, []
    for start, end in zip(begins, [*begins[1:], float("inf")], strict=True):
        part = [look for look in seen if start <= look.at - zero < end]
        if part:
            settled = median(look.limit for look in part[len(part) // 2 :])
            found.append(Phase(begins=start, limit=settled, after=_reached(part, zero + start, settled)))
    return found


def spending(seen: Sequence[Look]) -> list[Window]:
    """Find the windows that were seen whole, and how far their spending was from an even line."""
    windows: list[list[tuple[float, Look]]] = []
    for look in seen:
        if look.resets_in is None or look.remaining is None or not look.allowed:
            continue
        reset = look.at + look.resets_in
        if not windows or abs(windows[-1][0][0] - reset) > ONE_WINDOW:
            windows.append([])
        windows[-1].append((reset, look))
    return [_window([look for _, look in window]) for window in windows[1:-1]]


def _window(looks: Sequence[Look]) -> Window:
    limit, whole = looks[0].allowed or 1.0, looks[0].resets_in or 1.0
    off = [abs((look.remaining or 0.0) / limit - (look.resets_in or 0.0) / whole) for look in looks]
    return Window(limit=limit, farthest=max(off), left=looks[-1].remaining or 0.0)


def _reached(part: Sequence[Look], began: float, settled: float) -> float | None:
    near = max(1.0, NEAR * settled)
    for index, look in enumerate(part):
        soon = [one.limit for one in part[index:] if one.at < look.at + HELD]
        if abs(look.limit - settled) <= near and abs(fmean(soon) - settled) <= near:
            return look.at - began
    return None
