"""What one request took, from steps of `remaining` in which others may have taken their part. Pure."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import Final, NamedTuple

APART: Final = 0.1
"""Gaps must differ by so many seconds before two steps tell how fast others take."""
SOON: Final = 1.0
"""In a longer gap than this others can take as much as a dear request: alone, such a step proves nothing."""
LONGEST: Final = 2.0
"""In a gap of more seconds than this, what others took hides what one request did."""
MIDDLE: Final = 0.2
"""A fifth of the longest steps is noise: another client was counted in."""


class Step(NamedTuple):
    """How far `remaining` fell between two answers, with one request of ours in between."""

    gap: float
    """Seconds between the answers."""
    size: float


def cost_of(steps: Sequence[Step], *, usual: float) -> float:
    """Return what a request took, given what it usually does.

    Others take the more, the longer the gap; our request takes the same however long it is. So the slope of the steps
    (Theil and Sen's, https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator) is theirs, and is taken off. The
    request is dearer only if every step says so, and cheaper only if most do: others never make a step shorter.
    """
    slopes = [(b.size - a.size) / (b.gap - a.gap) for a, b in combinations(sorted(steps), 2) if b.gap - a.gap >= APART]
    theirs = max(0.0, median(slopes)) if slopes else 0.0
    ours = sorted(step.size - theirs * step.gap for step in steps)
    dearer = usual if not slopes and steps[-1].gap > SOON else max(usual, float(round(ours[0])))
    return min(dearer, sorted(step.size for step in steps)[-1 - int(MIDDLE * len(steps))])
