"""Gap analysis: which ids of a stream are not known yet, from what earlier runs have covered. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.source import Memory
from sources.pr0gramm.options import Pr0grammOptions

Range = tuple[int, int]
"""The lowest and the highest id, both included."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Ids that are not known: `high` is None at the top, where nobody knows yet what the newest is."""

    low: int
    high: int | None


def known(memory: Memory, options: Pr0grammOptions) -> Sequence[Range]:
    """Return the ranges of the stream that earlier runs have covered, the lowest first; a full run knows none."""
    return () if memory.full else memory.covered.get(options.stream(), ())


def gaps(memory: Memory, options: Pr0grammOptions) -> list[Gap]:
    """Return what is left to list, from the top down. Without `fill_gaps` that is the uppermost gap only."""
    found: list[Gap] = []
    high, floor = options.start_from, options.floor
    for range_low, range_high in reversed(known(memory, options)):
        if high is not None and range_low > high:
            continue
        if high is None or range_high < high:
            found.append(Gap(max(range_high + 1, floor), high))
        high = range_low - 1
        if high < floor:
            break
    if high is None or high >= floor:
        found.append(Gap(floor, high))
    wanted = [gap for gap in found if gap.high is None or gap.low <= gap.high]
    return wanted if options.fill_gaps else wanted[:1]


def unknown(top: int, ranges: Sequence[Range], floor: int) -> int:
    """Count the ids from `top` down to `floor` that no range holds. Many of them are no items: ids have holes."""
    covered = sum(max(0, min(high, top) - max(low, floor) + 1) for low, high in ranges)
    return max(0, top - floor + 1 - covered)
