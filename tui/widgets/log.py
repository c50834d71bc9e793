"""The log: newest line at the bottom, one line each, never wrapped."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from engine.snapshot import LogLine
from tui.widgets.rows import Row, Span, Tone, fill, fit, row
from tui.widgets.states import level


def body(lines: Sequence[LogLine], width: int, height: int, zone: tzinfo | None, back: int = 0) -> list[Row]:
    """Draw the newest lines that fit, or those `back` lines before them."""
    if height <= 0:
        return []
    end = max(min(height, len(lines)), len(lines) - back)
    shown = lines[max(0, end - height) : end]
    if not shown:
        return fill([row([Span(" nothing has happened yet", Tone.DIM)], width)], width, height)
    return fill([_line(line, width, zone) for line in shown], width, height)


def who(line: LogLine) -> str:
    """Name the worker: "github/07"; the source alone where no place is at it."""
    return line.source if line.place is None else f"{line.source}/{line.place:02d}"


def time_of_day(at: float, zone: tzinfo | None) -> str:
    """Return a moment as "14:02:51" in a time zone; None is the computer's own."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%H:%M:%S")


def _line(line: LogLine, width: int, zone: tzinfo | None) -> Row:
    found = level(line.level)
    loud = found.tone in {Tone.WARN, Tone.BAD}
    spans = [
        Span(f" {time_of_day(line.at, zone)} ", Tone.DIM),
        Span(fit(f"{found.glyph} {found.short}", 8), found.tone),
        Span(fit(who(line), 18 if width >= 110 else 14) + " ", Tone.ACCENT),
        Span(line.text, found.tone if loud else Tone.TEXT),
    ]
    if width < 60:
        spans = [Span(f" {found.glyph} ", found.tone), Span(fit(who(line), 12) + " ", Tone.ACCENT), spans[-1]]
    return row(spans, width)
