"""The decision log: when which lane went from how many in flight to how many, and why. The newest at the bottom."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from engine.model.snapshot import Decision, LogLine
from tui.widgets.log import Look, window
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row

_DAY = 86_400


def line(source: str, move: Decision) -> LogLine:
    """Return a move as a line, for what filters, freezes and copies lines: a cut is a warning."""
    text = f"{fit(move.lane, 9)} {move.old:>4} to {move.new:<4} {move.reason}"
    level = "warn" if move.new < move.old else "info"
    return LogLine(number=move.number, at=move.at, level=level, source=source, place=None, text=text)


def body(lines: Sequence[LogLine], width: int, height: int, now: float, zone: tzinfo | None, look: Look) -> list[Row]:
    """Draw the newest moves that fit, or those around the cursor."""
    shown = window(len(lines), max(0, height), look)
    if not shown:
        return fill([row([Span(" the limit has not moved", Tone.DIM)], width)], width, height)
    return fill([_row(lines[at], width, now, zone, look, chosen=at == look.cursor) for at in shown], width, height)


def moment(at: float, now: float, zone: tzinfo | None) -> str:
    """Return the time of day; with the date before it where that is another day's."""
    here, today = (datetime.fromtimestamp(one, UTC).astimezone(zone) for one in (at, now))
    return here.strftime("%H:%M:%S" if here.date() == today.date() else "%m-%d %H:%M:%S")


def _row(found: LogLine, width: int, now: float, zone: tzinfo | None, look: Look, *, chosen: bool) -> Row:
    stamp = f" {moment(found.at, now, zone)} " if look.stamped else " "
    lane, _, told = found.text.partition(" ")
    spans = [
        Span(stamp, Tone.DIM),
        Span(f"{lane} ", Tone.ACCENT),
        Span(told, Tone.WARN if found.level == "warn" else Tone.TEXT),
    ]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)
