"""The decision log: every change of a lane's concurrency limit, with its reason. The newest is at the bottom."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from engine.model.snapshot import Decision, LogLine
from tui.widgets.log import LogViewport, window
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row

_DAY = 86_400


def line(source: str, decision: Decision) -> LogLine:
    """Return a decision as a log line, so that it can be filtered, frozen and copied like one. A cut is a warning."""
    text = f"{fit(decision.lane, 9)} {decision.old:>4} to {decision.new:<4} {decision.reason}"
    level = "warn" if decision.new < decision.old else "info"
    return LogLine(number=decision.number, at=decision.at, level=level, source=source, slot=None, text=text)


def body(
    lines: Sequence[LogLine], width: int, height: int, now: float, zone: tzinfo | None, viewport: LogViewport
) -> list[Row]:
    """Draw the newest decisions that fit, or those around the cursor."""
    shown = window(len(lines), max(0, height), viewport)
    if not shown:
        return fill([row([Span(" the limit has not moved", Tone.DIM)], width)], width, height)
    return fill(
        [_row(lines[at], width, now, zone, viewport, chosen=at == viewport.cursor) for at in shown], width, height
    )


def moment(at: float, now: float, zone: tzinfo | None) -> str:
    """Return the time of day, preceded by the date unless it is today's."""
    here, today = (datetime.fromtimestamp(one, UTC).astimezone(zone) for one in (at, now))
    return here.strftime("%H:%M:%S" if here.date() == today.date() else "%m-%d %H:%M:%S")


def _row(entry: LogLine, width: int, now: float, zone: tzinfo | None, viewport: LogViewport, *, chosen: bool) -> Row:
    stamp = f" {moment(entry.at, now, zone)} " if viewport.stamped else " "
    lane, _, change = entry.text.partition(" ")
    spans = [
        Span(stamp, Tone.DIM),
        Span(f"{lane} ", Tone.ACCENT),
        Span(change, Tone.WARN if entry.level == "warn" else Tone.TEXT),
    ]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)
