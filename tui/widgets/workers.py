"""The numbered places: as a strip of marks, or as a grid that says what each is at."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from engine.model.lane_state import PlaceState, WorkerSlot
from engine.model.snapshot import GroupState
from tui.widgets.numbers import count, latency
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row
from tui.widgets.rules import rule
from tui.widgets.states import PLACES, mark

CELL = 38
"""Cells one place of the grid takes at least."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place and, where a source has several lanes, the name of its own."""

    label: str
    lane: str
    place: WorkerSlot

    @property
    def id(self) -> tuple[str, int]:
        """What it is known by while others come and go."""
        return self.lane, self.place.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the grid is looked at."""

    first: int = 0
    """Lines scrolled down."""
    cursor: int | None = None
    """The place under the cursor, counted from 0 over all lanes; it is always in view."""


def seats(group: GroupState) -> list[Seat]:
    """List every place of a source, lane by lane."""
    several = len(group.lanes) > 1
    return [
        Seat(f"{lane.resource[:4]}/{place.number:02d}" if several else f"{place.number:02d}", lane.resource, place)
        for lane in group.lanes
        for place in lane.places
    ]


def seat_of(found: Sequence[Seat], id: tuple[str, int] | None) -> int:
    """Return where a place is, 0 where it is gone."""
    return next((at for at, seat in enumerate(found) if seat.id == id), 0)


def whole(group: GroupState, seat: Seat) -> str:
    """Return a place with all there is to it, for a clipboard."""
    place = seat.place
    since = "" if place.elapsed is None else f" for {place.elapsed:.1f} s"
    told = f"{place.done:,} done, {place.retried:,} again"
    return f"{group.name}/{seat.label} {place.state.value}{since}, {told}: {place.what}"


def columns(width: int) -> int:
    """Return how many places stand side by side in a grid."""
    return max(1, width // CELL)


def lines(group: GroupState, width: int) -> int:
    """Return how many lines the whole grid takes, the title left out."""
    return max(1, -(-len(seats(group)) // columns(width)))


def title(group: GroupState) -> list[Span]:
    """Return the parts of the title: whose workers, and how many do what."""
    found = [seat.place.state for seat in seats(group)]
    told = [f"{found.count(state)} {state.value}" for state in PlaceState if found.count(state)]
    return [Span(group.name, Tone.TITLE), Span("workers", Tone.DIM), *(Span(text, Tone.DIM) for text in told)]


def strip(group: GroupState, width: int) -> list[Row]:
    """Draw a mark per place, for a screen too low for a grid: "07■" is busy, "08□" idle, "09▲" tests a penalty."""
    several = len(group.lanes) > 1
    lines: list[list[Span]] = [[]]
    used = width
    for lane in group.lanes:
        name = [Span(f" {fit(lane.resource, min(8, len(lane.resource)))}", Tone.ACCENT)] if several else []
        for number, place in enumerate(lane.places):
            spans = [*(name if number == 0 else []), *_tick(place)]
            size = sum(cell_len(span.text) for span in spans)
            if used + size > width:
                lines.append([])
                used = 0
            lines[-1] += spans
            used += size
    return [row(line, width) for line in lines[1:]] or [row([Span(" no workers yet", Tone.DIM)], width)]


def grid(group: GroupState, width: int, height: int, look: Look | None = None, heading: Row | None = None) -> list[Row]:
    """Draw a title and the places in columns, read downwards."""
    look = look or Look()
    found = seats(group)
    side, deep = columns(width), lines(group, width)
    label = max((len(seat.label) for seat in found), default=2)
    shown = range(top(group, width, height, look), deep)
    chosen = None if look.cursor is None else found[look.cursor]
    rows = [_line(found[line::deep], width // side, label, width, chosen) for line in shown]
    if not found:
        rows = [row([Span(" no workers yet", Tone.DIM)], width)]
    hidden = len(found) - (height - 1) * side
    end = [Span(f"{hidden} more: w", Tone.DIM)] if hidden > 0 else []
    return fill([heading or rule(title(group), width, end), *rows], width, height)


def top(group: GroupState, width: int, height: int, look: Look) -> int:
    """Return the first line of the grid that is seen."""
    deep = lines(group, width)
    wanted = look.first if look.cursor is None else look.cursor % deep - (height - 1) // 2
    return max(0, min(wanted, deep - height + 1))


def seat_at(group: GroupState, width: int, height: int, look: Look, x: int, y: int) -> int | None:
    """Return which place is drawn in a cell of the grid, whose title is line 0; None where none is."""
    side, deep = columns(width), lines(group, width)
    line, column = top(group, width, height, look) + y - 1, x // (width // side)
    at = column * deep + line
    return at if 0 < y < height and line < deep and column < side and at < len(seats(group)) else None


def _line(found: Sequence[Seat], each: int, label: int, width: int, chosen: Seat | None) -> Row:
    ground = Ground.CURSOR if chosen in found and width < 2 * CELL else Ground.BASE
    return row([span for seat in found for span in _cell(seat, each, label, chosen=seat is chosen)], width, ground)


def _cell(seat: Seat, each: int, label: int, *, chosen: bool) -> list[Span]:
    place = seat.place
    idle = place.state is PlaceState.IDLE
    head = [
        Span("▸" if chosen else " ", Tone.ACCENT),
        Span(fit(seat.label, label) + " ", Tone.TITLE if chosen else Tone.DIM),
        mark(PLACES[place.state], 6),
        Span(right("" if idle else latency(place.elapsed), 6), _patience(place.elapsed)),
    ]
    room = each - label - 14
    if room >= 40:
        head.append(Span(right(count(place.done), 6) + " done" + right(count(place.retried), 4) + " again", Tone.DIM))
        room -= 21
    return [*head, Span(" " + fit(place.what, room - 2) + " ", Tone.DIM if idle else Tone.TEXT)]


def _patience(elapsed: float | None) -> Tone:
    return Tone.WARN if elapsed is not None and elapsed >= 10 else Tone.TEXT


def _tick(place: WorkerSlot) -> tuple[Span, Span]:
    found = PLACES[place.state]
    return Span(f" {place.number:02d}", Tone.DIM), Span(found.glyph, found.tone)
