"""Rendering of the change feed: one line for each change of a row, and the details of one change."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from engine.model.changes import Change
from tui.common.times import timestamp
from tui.widgets.numbers import duration
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row
from tui.widgets.rules import rule
from tui.widgets.states import Mark

KINDS: Final = {
    "new": Mark("+", "new", "new", Tone.GOOD),
    "changed": Mark("~", "chang", "changed", Tone.WARN),
    "renamed": Mark("»", "name", "renamed", Tone.ACCENT),
    "gone": Mark("✖", "gone", "gone", Tone.BAD),
}
DETAILS_HEIGHT: Final = 7
_KIND: Final = 10
_LONGEST: Final = 40


def table(
    found: Sequence[Change], width: int, height: int, now: float, cursor: int, unseen: int, empty: str
) -> list[Row]:
    """Draw a heading and the changes around the cursor; those with a number above `unseen` are marked as new."""
    if not found:
        return fill([row([Span(f" {empty}", Tone.DIM)], width)], width, height)
    heading = row(
        [
            Span(
                "".join(["   ", right("AGO", 5), "  ", fit("CHANGE", _KIND), fit("ROW", _room(width)), " WHAT"]),
                Tone.DIM,
            )
        ],
        width,
    )
    first = max(0, min(cursor - (height - 1) // 2, len(found) - (height - 1)))
    seen = found[first : first + max(0, height - 1)]
    lines = [
        _line(one, width, now, fresh=one.number > unseen, chosen=first + at == cursor) for at, one in enumerate(seen)
    ]
    return fill([heading, *lines], width, height)


def details(change: Change | None, width: int, height: int, zone: tzinfo | None) -> list[Row]:
    if change is None:
        return fill([rule((), width)], width, height)
    facts = [(f"{change.source} {change.table}", f"{change.key}  {change.name}")]
    facts += [("when", f"{timestamp(change.at, zone)}, in run {change.run}")]
    facts += [(column, f"{old} → {new}") for column, old, new in change.what]
    label = min(20, max(len(name) for name, _ in facts) + 1)
    lines = [row([Span(" " + fit(name, label), Tone.DIM), Span(text)], width) for name, text in facts]
    return fill([rule([Span(change.kind, Tone.ACCENT)], width), *lines], width, height)


def difference(change: Change) -> str:
    """Return what changed, as "state open → closed"."""
    return ", ".join(f"{column} {_short(old)} → {_short(new)}" for column, old, new in change.what)


def whole(change: Change) -> str:
    """Return a change in full, for the clipboard."""
    what = ", ".join(f"{column} {old} → {new}" for column, old, new in change.what)
    return f"{change.kind} {change.source} {change.table} {change.key} {change.name}{': ' if what else ''}{what}"


def filter_text(change: Change) -> str:
    """Return the text that a filter is matched against."""
    return f"{change.kind} {change.source} {change.table} {change.key} {change.name} {difference(change)}"


def _line(change: Change, width: int, now: float, *, fresh: bool, chosen: bool) -> Row:
    mark = KINDS.get(change.kind, Mark("?", change.kind, change.kind, Tone.TEXT))
    named = f"{change.source} {change.table} {change.key}  {change.name}".rstrip()
    spans = [
        Span("▸" if chosen else " ", Tone.ACCENT),
        Span("● " if fresh else "  ", Tone.ACCENT),
        Span(right(duration(now - change.at), 5), Tone.DIM),
        Span("  " + fit(f"{mark.glyph} {mark.word}", _KIND), mark.tone),
        Span(fit(named, _room(width)) + " " if change.what else named),
        Span(difference(change), Tone.DIM),
    ]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)


def _room(width: int) -> int:
    return max(10, (width - 20) // 2)


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
