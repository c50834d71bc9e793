"""The lines of a headless harvest: one line for each event, in the format of cargo."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import singledispatch
from typing import Final

from engine.common.text import counted
from engine.config.tables import format_duration
from engine.model import completeness, events
from engine.model.lane_state import LaneState, Quota
from engine.model.snapshot import DeckState, GroupState, State
from engine.model.walk import Completeness

CUT_LINES: Final = 5
"""Cut walks that are printed at the end; the others are counted."""


class Tone(StrEnum):
    """The importance of a line."""

    GOOD = "good"
    QUIET = "quiet"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of output: `verb` is aligned and coloured, `source` and `text` follow it."""

    verb: str
    source: str
    text: str
    tone: Tone


@singledispatch
def line_of(event: events.Event) -> Line | None:
    """Return the line of an event; None for events that only the status counts."""
    del event
    return None


@line_of.register
def _remarked(event: events.Remarked) -> Line:
    return Line(verb="Note", source=event.source, text=event.text, tone=Tone.WARNING)


@line_of.register
def _started(event: events.RunStarted) -> Line:
    pending = f", {counted(event.pending, 'request')} pending" if event.pending or event.resumed else ""
    note = f"; {event.note}" if event.note else ""
    text = ("resumed" if event.resumed else f"run {event.run}") + pending + note
    return Line(verb="Started", source=event.source, text=text, tone=Tone.GOOD)


@line_of.register
def _landed(event: events.RequestLanded) -> Line | None:
    if not event.note:
        return None
    return Line(verb="Noted", source=event.source, text=f"{event.what}: {event.note}", tone=Tone.QUIET)


@line_of.register
def _throttled(event: events.RequestThrottled) -> Line:
    text = f"{event.status}, waits {format_duration(event.wait)}: {event.reason}"
    return Line(verb="Throttled", source=event.source, text=text, tone=Tone.WARNING)


@line_of.register
def _parked(event: events.LaneParked) -> Line:
    return Line(verb="Parked", source=event.source, text=f"{event.lane} {event.reason}", tone=Tone.WARNING)


@line_of.register
def _waits(event: events.OutsideWaitBegan) -> Line:
    text = f"{event.lane} {event.wait.describe(event.at)}; it goes on by itself".lstrip()
    return Line(verb="Waiting", source=event.source, text=text, tone=Tone.WARNING)


@line_of.register
def _goes_on(event: events.OutsideWaitEnded) -> Line:
    text = f"{event.lane} no longer {event.cause}, after {format_duration(event.lasted)}".lstrip()
    return Line(verb="Goes on", source=event.source, text=text, tone=Tone.GOOD)


@line_of.register
def _retried(event: events.RequestRetried) -> Line:
    which = f"attempt {event.attempt + 1}" if event.counted else "not counted as an attempt, again"
    text = f"{event.what}: {event.reason}; {which} in {format_duration(event.wait)}"
    return Line(verb="Retrying", source=event.source, text=text, tone=Tone.WARNING)


@line_of.register
def _failed(event: events.RequestFailed) -> Line:
    status = f"{event.status} " if event.status else ""
    text = f"{status}{event.what}: {event.reason} (attempt {event.attempt})"
    return Line(verb="Failed", source=event.source, text=text, tone=Tone.ERROR)


@line_of.register
def _moved(event: events.LimitMoved) -> Line:
    text = f"{event.lane}: {event.old} to {event.new} in flight: {event.reason}"
    return Line(verb="Adjusted", source=event.source, text=text, tone=Tone.QUIET)


@line_of.register
def _crashed(event: events.Crashed) -> Line:
    text = f"{event.where}: {event.message}; the log file has it whole"
    return Line(verb="Crashed", source=event.source, text=text, tone=Tone.ERROR)


def progress(group: GroupState) -> Line:
    """Return the state of a source as one line."""
    parts = [_requests(group), _rows(group), f"{group.rate:,.0f}/s"]
    parts.append(_in_flight(group.lanes))
    parts += [f"{group.queued:,} queued"] if group.queued else []
    parts += [_budget(quota) for lane in group.lanes for quota in lane.quotas]
    if group.state in {State.WAITING, State.PARKED} and group.reason:
        parts.append(f"waits: {group.reason}")
    return Line(verb="Fetched", source=group.name, text="  ".join(parts), tone=Tone.GOOD)


def endings(deck: DeckState, durations: Mapping[str, float]) -> list[Line]:
    """Return how every source ended, its cut walks; and why the engine ended, if that was no source's failure."""
    lines = []
    for group in deck.groups:
        lines += [ending(group, durations.get(group.name)), *_cut(group)]
    if deck.state is State.FAILED and all(group.state is not State.FAILED for group in deck.groups):
        lines.append(Line(verb="Crashed", source="", text=deck.reason, tone=Tone.ERROR))
    return lines


def ending(group: GroupState, seconds: float | None) -> Line:
    """Return how a source ended, with its counts."""
    counts = f"{_requests(group)}, {_rows(group)}"
    took = f" in {format_duration(seconds)}" if seconds is not None else ""
    extra = [f"{number:,} {name}" for name, number in _remarkable(group) if number]
    text = "; ".join(filter(None, [", ".join([counts + took, *extra]), completeness.describe(group)]))
    if group.state is State.FAILED:
        return Line(verb="Failed", source=group.name, text=f"{group.reason} ({text})", tone=Tone.ERROR)
    if group.state is State.DONE:
        tone = Tone.WARNING if completeness.of_source(group) is Completeness.CUT else Tone.GOOD
        return Line(verb="Finished", source=group.name, text=text, tone=tone)
    why = f"; {group.reason}" if group.reason else ""
    return Line(verb="Stopped", source=group.name, text=f"{text}{why}; it can be resumed", tone=Tone.WARNING)


def _cut(group: GroupState) -> list[Line]:
    """Return the walks of a source that were cut, and where the others are listed."""
    named = group.walks.named[:CUT_LINES]
    texts = [str(end) for end in named]
    if group.walks.cut > len(named):
        texts.append(f"and {group.walks.cut - len(named):,} more; `fetchdeck errors {group.name}` lists them")
    return [Line(verb="Cut", source=group.name, text=text, tone=Tone.ERROR) for text in texts]


def _requests(group: GroupState) -> str:
    """Return the requests of this process, and those of the whole run where it was resumed."""
    whole = f" ({group.done:,} of the run)" if group.done != group.requests else ""
    return counted(group.requests, "request") + whole


def _rows(group: GroupState) -> str:
    """Return the rows that are new, and those that were written where some of them were stored before."""
    again = f" ({group.written:,} written)" if group.written != group.rows else ""
    return counted(group.rows, "new row") + again


def _remarkable(group: GroupState) -> list[tuple[str, int]]:
    return [
        ("failed", group.failed),
        ("retried", group.retries),
        ("throttled", group.throttled),
        ("saved", group.avoided),
        ("noted", group.notes),
    ]


def _in_flight(lanes: tuple[LaneState, ...]) -> str:
    return f"in flight {sum(lane.in_flight for lane in lanes)}/{sum(lane.limit for lane in lanes)}"


def _budget(quota: Quota) -> str:
    left = "unknown" if quota.remaining is None else f"{quota.remaining:,.0f}"
    whole = "" if quota.limit is None else f" of {quota.limit:,.0f}"
    return f"{quota.name} {left}{whole}"
