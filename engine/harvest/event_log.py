"""Passes events to listeners, and keeps the newest as the lines of the screen's log."""

import logging
from collections import deque
from collections.abc import Callable
from functools import singledispatch
from typing import Final

import humanize

from engine.common.redaction import redact
from engine.common.text import counted, span
from engine.model import events
from engine.model.events import Event
from engine.model.snapshot import LogLine

log: Final = logging.getLogger(__name__)


class Listeners:
    """Passes every event to every listener. A listener that raises is logged and removed, so it never breaks a run."""

    def __init__(self, *first: Callable[[Event], None]) -> None:
        self._all = list(first)

    def add(self, listener: Callable[[Event], None]) -> None:
        self._all.append(listener)

    def emit(self, event: Event) -> None:
        for listener in list(self._all):  # a copy: a listener that raises is removed meanwhile
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed and is asked no more")
                self._all.remove(listener)


KEPT: Final = 500


class EventLog:
    """Keeps the newest events. An event is put in words when a snapshot is taken, not when it happens.

    Most events of a fast harvest are never shown, because newer ones push them out first.
    """

    def __init__(self) -> None:
        self._events: deque[tuple[int, events.Event]] = deque(maxlen=KEPT)
        self._lines: deque[LogLine] = deque(maxlen=KEPT)
        self._number = 0

    def record(self, event: events.Event) -> None:
        self._number += 1
        self._events.append((self._number, event))

    def lines(self) -> tuple[LogLine, ...]:
        """Return the newest lines, oldest first."""
        while self._events:
            number, event = self._events.popleft()
            level, text = describe(event)
            self._lines.append(
                LogLine(
                    number=number,
                    at=event.at,
                    level=level,
                    source=event.source,
                    slot=getattr(event, "slot", None),
                    text=redact(text),
                    failure=getattr(event, "failure", ""),
                    lane=getattr(event, "lane", ""),
                )
            )
        return tuple(self._lines)


@singledispatch
def describe(event: events.Event) -> tuple[str, str]:
    """Return the level ("info", "warn" or "error") and the text of an event."""
    return "info", type(event).__name__


@describe.register
def _(event: events.Remarked) -> tuple[str, str]:
    return "warn", event.text


@describe.register
def _(event: events.RunStarted) -> tuple[str, str]:
    begun = f"resumed, {event.pending:,} requests pending" if event.resumed else "started"
    return "info", _with_reason(begun, event.note)


@describe.register
def _(event: events.RequestLanded) -> tuple[str, str]:
    size = humanize.naturalsize(event.size, format="%.0f")
    note = f"  {event.note}" if event.note else ""
    took = f"{event.status} {event.elapsed * 1000:5.0f} ms {event.rows:4} rows"
    return "info", f"{took}  {event.what}  {size}{note}"


@describe.register
def _(event: events.RequestThrottled) -> tuple[str, str]:
    return "warn", f"again in {span(event.wait)}: {event.reason}  {event.what}"


@describe.register
def _(event: events.LaneParked) -> tuple[str, str]:
    return "warn", f"{event.lane} {event.reason}"


@describe.register
def _(event: events.OutsideWaitBegan) -> tuple[str, str]:
    return "warn", f"{event.lane} {event.wait.describe(event.at)}".lstrip()


@describe.register
def _(event: events.OutsideWaitEnded) -> tuple[str, str]:
    return "info", f"{event.lane} goes on: no longer {event.cause}, after {span(event.lasted)}".lstrip()


@describe.register
def _(event: events.RequestRetried) -> tuple[str, str]:
    which = f"attempt {event.attempt} failed" if event.counted else "not counted as an attempt"
    return "warn", f"again in {span(event.wait)}, {which}: {event.reason}  {event.what}"


@describe.register
def _(event: events.RequestFailed) -> tuple[str, str]:
    return "error", f"given up after attempt {event.attempt}: {event.reason}  {event.what}"


@describe.register
def _(event: events.FailuresQueued) -> tuple[str, str]:
    if not event.requests:
        return "info", "no failed request is left to try again"
    return "info", f"{event.requests:,} failed requests are queued again"


@describe.register
def _(event: events.RequestsQuarantined) -> tuple[str, str]:
    many = counted(event.requests, "request")
    return "info", f"{many} released from quarantine" if event.released else f"{many} in quarantine until released"


@describe.register
def _(event: events.PartsQueued) -> tuple[str, str]:
    if not event.requests:
        return "info", "nothing is left to fetch of that: this run has it, or is at it"
    return "info", f"{event.requests:,} requests are queued to fill {counted(event.parts, 'part')}"


@describe.register
def _(event: events.LimitMoved) -> tuple[str, str]:
    return "info", f"{event.lane} limit {event.old} to {event.new}: {event.reason}"


@describe.register
def _(event: events.StateChanged) -> tuple[str, str]:
    return "info", _with_reason(event.state, event.reason)


@describe.register
def _(event: events.RunEnded) -> tuple[str, str]:
    return "error" if event.state == "failed" else "info", _with_reason(event.state, event.reason)


@describe.register
def _(event: events.Crashed) -> tuple[str, str]:
    return "error", f"{event.where} stopped unexpectedly: {event.message}; the log file has it all"


def _with_reason(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
