"""Rendering of the coverage map: one line for each part, and the details of one part."""

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from engine.model.coverage import Part, PartState
from tui.common.times import timestamp
from tui.widgets.numbers import UNKNOWN, count, duration
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row
from tui.widgets.rules import rule
from tui.widgets.states import Mark, mark

PARTS: Final = {
    PartState.COMPLETE: Mark("✔", "ok", "complete", Tone.GOOD),
    PartState.STALE: Mark("◐", "stale", "stale", Tone.WARN),
    PartState.FAILED: Mark("✖", "fail", "failed", Tone.BAD),
    PartState.QUEUED: Mark("●", "queue", "queued", Tone.ACCENT),
    PartState.MISSING: Mark("○", "miss", "missing", Tone.DIM),
    PartState.UNKNOWN: Mark("?", "?", "unknown", Tone.DIM),
    PartState.UNCONFIRMED: Mark("?", "?", "unconfirmed", Tone.DIM),
    PartState.BOUNDED: Mark("■", "bound", "bounded", Tone.WARN),
    PartState.CUT: Mark("✖", "cut", "cut", Tone.BAD),
}
WORST: Final = (
    PartState.FAILED, PartState.CUT, PartState.MISSING, PartState.STALE, PartState.UNKNOWN, PartState.BOUNDED,
    PartState.UNCONFIRMED, PartState.QUEUED, PartState.COMPLETE,
)  # fmt: skip
DETAILS_HEIGHT: Final = 5
_STATE: Final = 14
_ROWS: Final = 7
_AGE: Final = 8


def table(found: Sequence[Part], width: int, height: int, now: float, cursor: int, empty: str) -> list[Row]:
    """Draw a heading and the parts around the cursor. Only visible lines are drawn, because a map may be long."""
    if not found:
        return fill([row([Span(f" {empty}", Tone.DIM)], width)], width, height)
    room = name_room(found, width)
    titles = [" ", fit("STATE", _STATE), right("ROWS", _ROWS), right("KNOWN", _AGE), "  ", fit("PART", room), " WHY"]
    heading = row([Span("".join(titles), Tone.DIM)], width)
    first = max(0, min(cursor - (height - 1) // 2, len(found) - (height - 1)))
    seen = found[first : first + max(0, height - 1)]
    return fill(
        [heading, *(_line(one, width, room, now, chosen=first + at == cursor) for at, one in enumerate(seen))],
        width,
        height,
    )


def name_room(found: Sequence[Part], width: int) -> int:
    """Return the width of the name column: the longest name, as long as the reason has room too."""
    longest = max((len(one.name) for one in found[:500]), default=0)
    return min(max(12, longest), max(12, width - 41))


def details(part: Part | None, width: int, height: int, zone: tzinfo | None) -> list[Row]:
    if part is None:
        return fill([rule((), width)], width, height)
    known = "unknown" if part.updated is None else timestamp(part.updated, zone)
    rows = "unknown" if part.rows is None else f"{part.rows:,}"
    fills = f"fetchdeck run {part.source} --fill '{part.key}'" if part.fillable else "there is nothing to fetch alone"
    facts = [
        ("part", part.name),
        ("state", f"{part.state}{': ' if part.detail else ''}{part.detail}"),
        ("known", f"{known}; rows {rows}"),
        ("fill", fills),
    ]
    lines = [row([Span(f" {name:<7}", Tone.DIM), Span(text)], width) for name, text in facts]
    return fill([rule([Span(part.key, Tone.ACCENT)], width), *lines], width, height)


def counted(found: Sequence[Part]) -> str:
    """Return the number of parts in each state, the worst state first."""
    counts = Counter(one.state for one in found)
    return ", ".join(f"{count(counts[state])} {state}" for state in WORST if counts[state])


def whole(part: Part) -> str:
    """Return a part in full, for the clipboard."""
    rows = "rows unknown" if part.rows is None else f"{part.rows:,} rows"
    return f"{part.source} {part.key}: {part.state}, {rows}{', ' if part.detail else ''}{part.detail}"


def _line(part: Part, width: int, room: int, now: float, *, chosen: bool) -> Row:
    found = PARTS[part.state]
    spans = [
        Span("▸" if chosen else " ", Tone.ACCENT),
        mark(Mark(found.glyph, found.word, found.word, found.tone), _STATE),
        Span(right(UNKNOWN if part.rows is None else count(part.rows), _ROWS)),
        Span(right(UNKNOWN if part.updated is None else duration(now - part.updated), _AGE), Tone.DIM),
        Span("  " + fit(part.name, room) + " "),
        Span(part.detail, Tone.DIM),
    ]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)
