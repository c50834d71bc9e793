"""The error table: errors of one kind in one row, the newest first."""

from collections.abc import Sequence

from engine.snapshot import Failure
from tui.widgets.numbers import count, duration
from tui.widgets.rows import Row, Span, Tone, fill, fit, right, row

NARROW = 70
"""Cells below which a kind of error takes two lines."""


def body(failures: Sequence[Failure], width: int, height: int, now: float, first: int = 0) -> list[Row]:
    """Draw a heading and the kinds of error, in a line each or in two; `first` scrolls by lines."""
    if not failures:
        return fill([row([Span(" no request failed for good", Tone.DIM)], width)], width, height)
    lines = [line for failure in failures for line in _lines(failure, width, now)]
    start = min(first, max(0, len(lines) - height + 1))
    return fill([_heading(width), *lines[start:]], width, height)


def length(failures: Sequence[Failure], width: int) -> int:
    """Return how many lines the table has in a width, its heading among them."""
    return 1 + len(failures) * (2 if width < NARROW else 1)


def total(failures: Sequence[Failure]) -> int:
    """Return how many requests failed for good."""
    return sum(failure.count for failure in failures)


def _heading(width: int) -> Row:
    titles = [" COUNT", right("LAST", 6), "  ", fit("SOURCE", 10), " ", fit("KIND", 11) + " ", "WHAT HAPPENED"]
    if width < NARROW:
        titles = [*titles[:-2], "KIND, WHAT HAPPENED"]
    if width >= 130:
        titles[-1] = fit("WHAT HAPPENED", _room(width)) + " FOR INSTANCE"
    return row([Span(title, Tone.DIM) for title in titles], width)


def _lines(failure: Failure, width: int, now: float) -> list[Row]:
    spans = [
        Span(" " + right(count(failure.count), 5), Tone.BAD),
        Span(right(duration(now - failure.last), 6), Tone.DIM),
        Span("  " + fit(failure.source, 10) + " ", Tone.ACCENT),
        Span(fit(failure.kind, 11) + " ", Tone.WARN),
    ]
    if width >= 130:
        return [row([*spans, Span(fit(failure.message, _room(width)) + " "), Span(failure.sample, Tone.DIM)], width)]
    if width < NARROW:
        kind = Span(failure.kind, Tone.WARN)
        return [row([*spans[:-1], kind], width), row([Span(" " * 14 + failure.message, Tone.DIM)], width)]
    return [row([*spans, Span(failure.message), Span("  " + failure.sample, Tone.DIM)], width)]


def _room(width: int) -> int:
    return (width - 38) // 2
