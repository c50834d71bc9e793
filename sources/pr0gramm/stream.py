"""How a stream of items is walked: downwards, one gap at a time; and which ids each page covers.

Wherever a run breaks off, only ids whose page was stored are covered: from a page's lowest id up to where the page was
requested from. Ranges are merged when stored, so the gaps are what lies between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec

from engine.model.source import Covered, Memory, Request
from engine.model.walk import Completeness, WalkEnd
from sources.common.json_values import Row, epoch, integer, stamp
from sources.pr0gramm.gaps import count_unknown, gaps, known
from sources.pr0gramm.options import Pr0grammOptions

PAGE: Final = 120
AT_END: Final = "the API says that it is the end"
JOINED: Final = "everything down to what is known or wanted was read"
PINNED: Final = 1_000_000_000
"""A `promoted` above this marks a pinned item, which is out of order and says nothing about the walk's position."""


class StreamStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The context of a request: a list page, or one item's details."""

    kind: str
    """"list" or "info"."""
    older: int = 0
    """Only ids below this are requested; 0 requests the newest."""
    low: int = 1
    """The walk ends at this id."""
    refresh: str = ""
    """Known items created since then are listed again, even below `low`."""
    first: bool = False
    """It is the first page of its run."""
    item: int = 0
    """The item whose details are requested."""
    votes: int = 0
    """The votes that item had then."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a list page means for its walk."""

    step: StreamStep | None
    """The next page; None at the walk's end."""
    covered: tuple[Covered, ...] = ()
    note: str = ""
    end: WalkEnd | None = None
    """How the walk ended; None where it continues."""


def first_steps(memory: Memory, options: Pr0grammOptions) -> list[StreamStep]:
    """Return the walks of a run, one per gap."""
    steps = [
        StreamStep(kind="list", older=gap.high + 1 if gap.high else 0, low=gap.low) for gap in gaps(memory, options)
    ]
    if not steps:
        return []
    days = options.refresh_days
    refresh = stamp(memory.started - timedelta(days=days)) if days else ""
    return [msgspec.structs.replace(steps[0], first=True, refresh=refresh), *steps[1:]]


def list_request(step: StreamStep, options: Pr0grammOptions) -> Request:
    """Request a page. It has lower priority than the details of the page before, so the queue stays short."""
    filters: Mapping[str, Any] = {"tags": options.tags, "user": options.user, "older": step.older}
    return Request(
        key=f"list {step.older or 'newest'}",
        url="/items/get",
        params={
            "flags": options.flags,
            **({"promoted": 1} if options.promoted else {}),
            **{name: value for name, value in filters.items() if value},
        },
        resource=options.list_resource(),
        route="/items/get",
        context=msgspec.to_builtins(step),
        priority=1,
        page=step.older or "newest",
        walk=walk_of(step, options),
    )


def walk_of(step: StreamStep, options: Pr0grammOptions) -> str:
    """Name the walk of a gap by its bottom: what a walk leaves unread is a gap with the same bottom."""
    return f"{options.stream()} down to {max(step.low, options.floor)}"


def end(step: StreamStep, known: Completeness, reason: str, options: Pr0grammOptions) -> WalkEnd:
    """Return the end of a walk. What a cut one leaves is a part of the coverage map."""
    left = f"{step.low}-{step.older - 1 if step.older else 'newest'}" if known is Completeness.CUT else ""
    place = f"below {step.older:,}" if step.older else "the newest"
    return WalkEnd(walk=walk_of(step, options), part=left, completeness=known, reason=reason, place=place)


def continue_walk(step: StreamStep, items: Sequence[Row], *, at_end: bool, options: Pr0grammOptions) -> Continuation:
    """Decide where the walk continues after a page, and which ids the page covers."""
    places = sorted(place for row in items if (place := position(row, options)) and is_below(step, place))
    if not places:
        covered = _covered(options, 1, step.older - 1) if at_end and step.older else ()
        what = "nothing below the page before" if items else "no items"
        known, why = (Completeness.WHOLE, AT_END) if at_end else (Completeness.CUT, f"a page brings {what}")
        note = "" if at_end else f"a page brings {what}: the walk ends there"
        return Continuation(None, covered, note, end(step, known, why, options))
    lowest, top = places[0], step.older - 1 if step.older else places[-1]
    bottom = 1 if at_end and lowest >= options.floor else max(lowest, options.floor)
    joined = lowest <= step.low and (lowest <= options.floor or not _is_young(step.refresh, items))
    upcoming = None if joined or at_end else msgspec.structs.replace(step, older=lowest, first=False)
    ended = None if upcoming else end(step, Completeness.WHOLE, AT_END if at_end else JOINED, options)
    return Continuation(upcoming, _covered(options, bottom, top), end=ended)


def position(row: Row, options: Pr0grammOptions) -> int:
    """Return an item's position in its stream: its id or promoted number; 0 where it has none."""
    promoted = integer(row.value, "promoted") or 0
    found = promoted if options.promoted else integer(row.value, "id") or 0
    return found if found > 0 and promoted <= PINNED else 0


def is_below(step: StreamStep, place: int) -> bool:
    """Say whether an id is in the range the page was requested for."""
    return not step.older or place < step.older


def start_line(step: StreamStep, items: Sequence[Row], memory: Memory, options: Pr0grammOptions) -> str:
    """Return the note on a run's first page: what lies ahead."""
    places = [place for row in items if (place := position(row, options))]
    if not step.first or not places:
        return ""
    top, ranges = max(places) if not step.older else step.older - 1, known(memory, options)
    ids = count_unknown(top, ranges, options.floor) if options.fill_gaps else max(0, top - step.low + 1)
    if not ids and step.refresh:
        return f"nothing is newer than {top:,}; what was made since {step.refresh} is listed again"
    if not ids:
        return f"complete: nothing is newer than {top:,}, and everything down to {options.floor:,} is known"
    what = "promoted numbers" if options.promoted else "ids"
    return (
        f"from {top:,} down to {options.floor:,}: at most {ids:,} items, for {what} have holes;"
        f" {options.places} workers, {PAGE} a page"
    )


def _is_young(refresh: str, items: Sequence[Row]) -> bool:
    """Say whether the whole page is from the time whose items are listed again."""
    made = [when for row in items if (when := epoch(row.value, "created"))]
    return bool(refresh) and bool(made) and min(made) >= refresh


def _covered(options: Pr0grammOptions, low: int, high: int) -> tuple[Covered, ...]:
    return (Covered(options.stream(), low, high),) if low <= high else ()
