"""The error table: one row for each kind of error, the newest first, and for each cut walk."""

from collections.abc import Sequence
from typing import Final

from engine.model.snapshot import Failure
from tui.widgets.numbers import count, duration
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row
from tui.widgets.spark import spark

TREND: Final = 12
"""Cells of the trend, of five minutes each."""
NARROW = 70
"""The width below which a kind of error takes two lines."""


def body(
    failures: Sequence[Failure], width: int, height: int, now: float, first: int = 0, cursor: int | None = None
) -> list[Row]:
    """Draw a heading and the kinds of error, each in one line or two; the view follows `first` or the cursor."""
    if not failures:
        return fill([row([Span(" no request failed for good, no walk is cut", Tone.DIM)], width)], width, height)
    lines = [line for at, one in enumerate(failures) for line in _lines(one, width, now, chosen=at == cursor)]
    start = _top(len(failures), width, height, first, cursor)
    return fill([_heading(width), *lines[start:]], width, height)


def row_at(failures: Sequence[Failure], width: int, height: int, y: int, first: int, cursor: int | None) -> int | None:
    """Return the kind drawn in a line of the table, whose heading is line 0; None if there is none."""
    row = (_top(len(failures), width, height, first, cursor) + y - 1) // _each(width)
    return row if 0 < y < height and row < len(failures) else None


def _each(width: int) -> int:
    return 2 if width < NARROW else 1


def _top(many: int, width: int, height: int, first: int, cursor: int | None) -> int:
    start = first if cursor is None else cursor * _each(width) - (height - 1) // 2
    return max(0, min(start, many * _each(width) - height + 1))


def whole(failure: Failure) -> str:
    """Return a kind of error in full, for the clipboard."""
    return f"{failure.source} {failure.kind}, {failure.count:,} times: {failure.message} ({failure.sample})"


def length(failures: Sequence[Failure], width: int) -> int:
    """Return the number of lines of the table, including the heading."""
    return 1 + len(failures) * _each(width)


def total(failures: Sequence[Failure]) -> int:
    return sum(failure.count for failure in failures)


def trend(failure: Failure, now: float, cells: int = TREND) -> str:
    """Draw the failures of the last hour, the newest at the right; a time without failures is blank."""
    each = 60 / cells
    counts = [0] * cells
    for minute, many in failure.recent:
        cell = cells - 1 - int((now / 60 - minute) / each)
        if 0 <= cell < cells:
            counts[cell] += many
    return spark([many or None for many in counts], max(counts))


def _heading(width: int) -> Row:
    titles = [" COUNT", right("LAST", 6), "  ", fit("SOURCE", 10), " ", fit("KIND", 11) + " ", "WHAT HAPPENED"]
    if width < NARROW:
        titles = [*titles[:-2], "KIND, WHAT HAPPENED"]
    if width >= 130:
        titles.insert(-1, fit("LAST HOUR", TREND) + " ")
        titles[-1] = fit("WHAT HAPPENED", _room(width)) + " FOR INSTANCE"
    return row([Span(title, Tone.DIM) for title in titles], width)


def _lines(failure: Failure, width: int, now: float, *, chosen: bool) -> list[Row]:
    ground = Ground.CURSOR if chosen else Ground.BASE
    rows = _spans(failure, width, now)
    return [row(spans, width, ground) for spans in rows]


def _spans(failure: Failure, width: int, now: float) -> list[list[Span]]:
    spans = [
        Span(" " + right(count(failure.count), 5), Tone.BAD),
        Span(right(duration(now - failure.last), 6) if failure.last else " " * 6, Tone.DIM),
        Span("  " + fit(failure.source, 10) + " ", Tone.ACCENT),
        Span(fit(failure.kind, 11) + " ", Tone.WARN),
    ]
    if width >= 130:
        drawn = Span(trend(failure, now) + " ", Tone.SPARK)
        return [[*spans, drawn, Span(fit(failure.message, _room(width)) + " "), Span(failure.sample, Tone.DIM)]]
    if width < NARROW:
        kind = Span(failure.kind, Tone.WARN)
        return [[*spans[:-1], kind], [Span(" " * 14 + failure.message, Tone.DIM)]]
    return [[*spans, Span(failure.message), Span("  " + failure.sample, Tone.DIM)]]


def _room(width: int) -> int:
    return (width - 39 - TREND) // 2
