"""Gap analysis: which ids of a stream are not known yet, given what earlier runs covered. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.source import Memory
from sources.pr0gramm.options import Pr0grammOptions

Range = tuple[int, int]
"""The lowest and the highest id, both included."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A range of unknown ids. `high` is None at the top of the stream, where the newest id is not known yet."""

    low: int
    high: int | None


def known(memory: Memory, options: Pr0grammOptions) -> Sequence[Range]:
    """Return the ranges of the stream that earlier runs covered, lowest first. A full run starts without any."""
    return () if memory.full else memory.covered.get(options.stream(), ())


def gaps(memory: Memory, options: Pr0grammOptions) -> list[Gap]:
    """Return the gaps to list, from the top down. Without `fill_gaps` only the topmost counts."""
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


def count_unknown(top: int, ranges: Sequence[Range], floor: int) -> int:
    """Count the ids from `top` down to `floor` outside all ranges. Many of them are no items: ids have holes."""
    covered = sum(max(0, min(high, top) - max(low, floor) + 1) for low, high in ranges)
    return max(0, top - floor + 1 - covered)
