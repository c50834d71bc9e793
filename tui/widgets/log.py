"""The log: one row for each line, never wrapped, the newest at the bottom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from rich.cells import cell_len

from engine.model.snapshot import LogLine
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row
from tui.widgets.states import level


@dataclass(frozen=True, slots=True, kw_only=True)
class LogViewport:
    """Which part of the lines is shown, and how."""

    back: int = 0
    """How many lines the view is scrolled up from the newest one."""
    cursor: int | None = None
    """The index of the line under the cursor."""
    stamped: bool = True
    """Whether the time of each line is shown."""
    several: Collection[str] = ()
    """The sources with several lanes. If there is room, their workers are named with the lane."""


def body(
    lines: Sequence[LogLine],
    width: int,
    height: int,
    zone: tzinfo | None,
    viewport: LogViewport | None = None,
    empty: str = "",
) -> list[Row]:
    """Draw the newest lines that fit, or those around the cursor; `empty` is shown if there are no lines."""
    if height <= 0:
        return []
    viewport = viewport or LogViewport()
    shown = window(len(lines), height, viewport)
    if not shown:
        message = empty or "nothing has happened yet"
        return fill([row([Span(f" {message}", Tone.DIM)], width)], width, height)
    drawn = [_line(lines[at], width, zone, viewport, chosen=at == viewport.cursor) for at in shown]
    return fill(drawn, width, height)


def window(length: int, height: int, viewport: LogViewport) -> range:
    """Return the indexes of the visible lines: around the cursor, or scrolled up from the newest."""
    if viewport.cursor is not None:
        end = max(min(height, length), min(length, viewport.cursor + (height + 1) // 2))
    else:
        end = max(min(height, length), length - viewport.back)
    return range(max(0, end - height), end)


def whole(line: LogLine) -> str:
    """Return a line in full, for the clipboard; the time is UTC."""
    moment = datetime.fromtimestamp(line.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{moment} {line.level} {who(line, line.lane)} {line.text}"


def who(line: LogLine, lane: str = "") -> str:
    """Return the worker's name: "github/07", or "github/core/07" with its lane; without a worker, the source's name."""
    if line.slot is None:
        return line.source
    return f"{line.source}/{lane}/{line.slot:02d}" if lane else f"{line.source}/{line.slot:02d}"


def time_of_day(at: float, zone: tzinfo | None) -> str:
    """Return a timestamp as "14:02:51" in a time zone; None is the local one."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%H:%M:%S")


def _line(line: LogLine, width: int, zone: tzinfo | None, viewport: LogViewport, *, chosen: bool) -> Row:
    found = level(line.level)
    loud = found.tone in {Tone.WARN, Tone.BAD}
    spans = [
        Span(f" {time_of_day(line.at, zone)} " if viewport.stamped else " ", Tone.DIM),
        Span(fit(f"{found.glyph} {found.short}", 8), found.tone),
        Span(_named(line, viewport.several, 18 if width >= 110 else 14) + " ", Tone.ACCENT),
        Span(line.text, found.tone if loud else Tone.TEXT),
    ]
    if width < 60:
        spans = [
            Span(f" {found.glyph} ", found.tone),
            Span(_named(line, viewport.several, 12) + " ", Tone.ACCENT),
            spans[-1],
        ]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)


def _named(line: LogLine, several: Collection[str], room: int) -> str:
    """Return the worker's name, with the first letters of its lane (as in the workers pane) if that fits."""
    long = who(line, line.lane[:4]) if line.source in several else who(line)
    return fit(long if cell_len(long) <= room else who(line), room)
