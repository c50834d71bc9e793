"""The worker slots of a source: as a strip of marks, or as a grid that names each worker's request."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from engine.model.lane_state import SlotState, WorkerSlot
from engine.model.snapshot import GroupState
from tui.widgets.numbers import count, latency
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row
from tui.widgets.rules import rule
from tui.widgets.states import SLOTS, mark

CELL = 38
"""The least width of a slot in the grid."""
_SLOW = 10
"""Seconds after which the elapsed time of a request is shown as a warning."""


@dataclass(frozen=True, slots=True)
class LaneSlot:
    """A worker slot with the name of its lane."""

    label: str
    """The number; preceded by the lane if the source has several."""
    lane: str
    worker: WorkerSlot

    @property
    def id(self) -> tuple[str, int]:
        """The slot's identity: its index changes when slots are added or removed, its number does not."""
        return self.lane, self.worker.number


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersViewport:
    """Which part of the grid is shown."""

    first: int = 0
    """How many lines the grid is scrolled down."""
    cursor: int | None = None
    """The index of the slot under the cursor, over all lanes. The view always includes it."""


def slots(group: GroupState) -> list[LaneSlot]:
    """Return every slot of a source, lane by lane."""
    several = len(group.lanes) > 1
    return [
        LaneSlot(
            f"{lane.resource[:4]}/{worker.number:02d}" if several else f"{worker.number:02d}", lane.resource, worker
        )
        for lane in group.lanes
        for worker in lane.slots
    ]


def slot_index(found: Sequence[LaneSlot], id: tuple[str, int] | None) -> int:
    """Return the index of a slot; 0 if it no longer exists."""
    return next((at for at, slot in enumerate(found) if slot.id == id), 0)


def whole(group: GroupState, slot: LaneSlot) -> str:
    """Return a slot in full, for the clipboard."""
    worker = slot.worker
    since = "" if worker.elapsed is None else f" for {worker.elapsed:.1f} s"
    counts = f"{worker.done:,} done, {worker.retried:,} again"
    return f"{group.name}/{slot.label} {worker.state.value}{since}, {counts}: {worker.what}"


def columns(width: int) -> int:
    """Return how many columns a grid has."""
    return max(1, width // CELL)


def lines(group: GroupState, width: int) -> int:
    """Return how many lines the whole grid takes, without the title."""
    return max(1, -(-len(slots(group)) // columns(width)))


def title(group: GroupState) -> list[Span]:
    """Return the parts of the title: the source, and how many slots are in each state."""
    found = [slot.worker.state for slot in slots(group)]
    counts = [f"{found.count(state)} {state.value}" for state in SlotState if found.count(state)]
    return [Span(group.name, Tone.TITLE), Span("workers", Tone.DIM), *(Span(text, Tone.DIM) for text in counts)]


def strip(group: GroupState, width: int) -> list[Row]:
    """Draw one mark for each slot, for a low screen: "07■" is busy, "08□" idle, "09▲" tests a penalty."""
    several = len(group.lanes) > 1
    lines: list[list[Span]] = [[]]
    used = width
    for lane in group.lanes:
        name = [Span(f" {fit(lane.resource, min(8, len(lane.resource)))}", Tone.ACCENT)] if several else []
        for number, worker in enumerate(lane.slots):
            spans = [*(name if number == 0 else []), *_tick(worker)]
            size = sum(cell_len(span.text) for span in spans)
            if used + size > width:
                lines.append([])
                used = 0
            lines[-1] += spans
            used += size
    return [row(line, width) for line in lines[1:]] or [row([Span(" no workers yet", Tone.DIM)], width)]


def grid(
    group: GroupState, width: int, height: int, viewport: WorkersViewport | None = None, heading: Row | None = None
) -> list[Row]:
    """Draw a title and the slots in columns, read downwards."""
    viewport = viewport or WorkersViewport()
    found = slots(group)
    side, deep = columns(width), lines(group, width)
    label = max((len(slot.label) for slot in found), default=2)
    shown = range(top(group, width, height, viewport), deep)
    chosen = None if viewport.cursor is None else found[viewport.cursor]
    rows = [_line(found[line::deep], width // side, label, width, chosen) for line in shown]
    if not found:
        rows = [row([Span(" no workers yet", Tone.DIM)], width)]
    hidden = len(found) - (height - 1) * side
    end = [Span(f"{hidden} more: w", Tone.DIM)] if hidden > 0 else []
    return fill([heading or rule(title(group), width, end), *rows], width, height)


def top(group: GroupState, width: int, height: int, viewport: WorkersViewport) -> int:
    """Return the first visible line of the grid."""
    deep = lines(group, width)
    wanted = viewport.first if viewport.cursor is None else viewport.cursor % deep - (height - 1) // 2
    return max(0, min(wanted, deep - height + 1))


def slot_at(group: GroupState, width: int, height: int, viewport: WorkersViewport, x: int, y: int) -> int | None:
    """Return the index of the slot drawn in a cell of the grid, whose title is line 0; None if there is no slot."""
    side, deep = columns(width), lines(group, width)
    line, column = top(group, width, height, viewport) + y - 1, x // (width // side)
    at = column * deep + line
    return at if 0 < y < height and line < deep and column < side and at < len(slots(group)) else None


def _line(found: Sequence[LaneSlot], each: int, label: int, width: int, chosen: LaneSlot | None) -> Row:
    ground = Ground.CURSOR if chosen in found and width < 2 * CELL else Ground.BASE
    return row([span for slot in found for span in _cell(slot, each, label, chosen=slot is chosen)], width, ground)


def _cell(slot: LaneSlot, each: int, label: int, *, chosen: bool) -> list[Span]:
    worker = slot.worker
    idle = worker.state is SlotState.IDLE
    head = [
        Span("▸" if chosen else " ", Tone.ACCENT),
        Span(fit(slot.label, label) + " ", Tone.TITLE if chosen else Tone.DIM),
        mark(SLOTS[worker.state], 6),
        Span(right("" if idle else latency(worker.elapsed), 6), _elapsed_tone(worker.elapsed)),
    ]
    room = each - label - 14
    if room >= 40:
        head.append(Span(right(count(worker.done), 6) + " done" + right(count(worker.retried), 4) + " again", Tone.DIM))
        room -= 21
    return [*head, Span(" " + fit(worker.what, room - 2) + " ", Tone.DIM if idle else Tone.TEXT)]


def _elapsed_tone(elapsed: float | None) -> Tone:
    return Tone.WARN if elapsed is not None and elapsed >= _SLOW else Tone.TEXT


def _tick(worker: WorkerSlot) -> tuple[Span, Span]:
    found = SLOTS[worker.state]
    return Span(f" {worker.number:02d}", Tone.DIM), Span(found.glyph, found.tone)
