"""Builds the events of one source: one method for each event."""

from collections.abc import Callable
from typing import TypedDict

from engine.common.text import clean
from engine.harvest.in_flight import InFlightRequest
from engine.harvest.status import Ending, parked_reason
from engine.model.events import (
    Event,
    FailuresQueued,
    LaneParked,
    LimitMoved,
    OutsideWaitBegan,
    OutsideWaitEnded,
    PartsQueued,
    RequestFailed,
    RequestLanded,
    RequestRetried,
    RequestsQuarantined,
    RequestThrottled,
    RunEnded,
    RunStarted,
    StateChanged,
)
from engine.model.outside_wait import Cause, OutsideWait
from engine.model.snapshot import State
from engine.model.source import Response
from engine.pacing.concurrency.controller import Move
from engine.pacing.response.verdict import Verdict
from engine.storage.failures import FailureRecord, fingerprint
from engine.storage.frontier import Claimed
from engine.storage.runs import Run


class _About(TypedDict):
    """The fields of every event about a request."""

    at: float
    source: str
    lane: str
    what: str


class Reporter:
    def __init__(self, *, source: str, emit: Callable[[Event], None], wall: Callable[[], float]) -> None:
        self._source = source
        self._emit = emit
        self._wall = wall

    def started(self, run: Run, pending: int, note: str = "") -> None:
        """Report that a run began or was resumed."""
        self._emit(
            RunStarted(
                at=self._wall(),
                source=self._source,
                run=run.id,
                resumed=run.resumed,
                pending=pending,
                note=clean(note),
            )
        )

    def ended(self, ending: Ending) -> None:
        self._emit(RunEnded(at=self._wall(), source=self._source, state=ending.state, reason=ending.reason))

    def changed(self, state: State) -> None:
        """Report that the user paused or resumed the source."""
        self._emit(StateChanged(at=self._wall(), source=self._source, state=state, reason=""))

    def queued(self, requests: int) -> None:
        """Report that failed requests were queued again."""
        self._emit(FailuresQueued(at=self._wall(), source=self._source, requests=requests))

    def quarantined(self, requests: int, *, released: bool = False) -> None:
        """Report that requests were quarantined or released."""
        self._emit(RequestsQuarantined(at=self._wall(), source=self._source, requests=requests, released=released))

    def refilled(self, parts: int, requests: int) -> None:
        """Report that the requests that fill some parts were queued."""
        self._emit(PartsQueued(at=self._wall(), source=self._source, parts=parts, requests=requests))

    def moved(self, lane: str, move: Move) -> None:
        """Report a change of a lane's limit."""
        self._emit(
            LimitMoved(at=self._wall(), source=self._source, lane=lane, old=move.old, new=move.new, reason=move.reason)
        )

    def landed(self, request: InFlightRequest, response: Response, *, status: int, rows: int, note: str) -> None:
        """Report an answer that is on disk."""
        self._emit(
            RequestLanded(
                **self._about(request.claimed, request.what),
                slot=request.slot,
                status=status,
                elapsed=response.elapsed,
                size=len(response.body),
                rows=rows,
                note=clean(note),
            )
        )

    def throttled(self, request: InFlightRequest, verdict: Verdict, *, status: int, wait: float) -> None:
        """Report that the API refused a request for its rate."""
        about = self._about(request.claimed, request.what)
        self._emit(RequestThrottled(**about, slot=request.slot, status=status, wait=wait, reason=verdict.reason))

    def parked(self, lane: str, until: float, asked: float) -> None:
        """Report that the API asked for a long rest of `asked` seconds."""
        reason = parked_reason(until, asked, self._source)
        self._emit(LaneParked(at=self._wall(), source=self._source, lane=lane, until=until, reason=reason))

    def waits(self, lane: str, wait: OutsideWait) -> None:
        """Report a wait whose cause is outside of fetchdeck."""
        self._emit(OutsideWaitBegan(at=self._wall(), source=self._source, lane=lane, wait=wait))

    def goes_on(self, lane: str, cause: Cause, lasted: float) -> None:
        """Report that the cause of a wait is gone, after `lasted` seconds."""
        self._emit(OutsideWaitEnded(at=self._wall(), source=self._source, lane=lane, cause=cause, lasted=lasted))

    def retried(
        self, request: InFlightRequest, verdict: Verdict, *, status: int | None, attempt: int, wait: float
    ) -> None:
        """Report that a request was put back into the queue."""
        self._emit(
            RequestRetried(
                **self._about(request.claimed, request.what),
                slot=request.slot,
                status=status,
                attempt=attempt,
                wait=wait,
                reason=verdict.reason,
                counted=not verdict.excused,
            )
        )

    def failed(self, failed: FailureRecord, claimed: Claimed, *, slot: int | None) -> None:
        """Report that a request failed for good. `slot` is None if it was never sent."""
        kind = fingerprint(self._source, failed.kind, failed.message)
        self._emit(
            RequestFailed(
                **self._about(claimed, failed.what),
                slot=slot,
                status=failed.status,
                attempt=claimed.attempt,
                reason=failed.message,
                failure=kind,
            )
        )

    def _about(self, claimed: Claimed, what: str) -> _About:
        lane = claimed.request.resource
        return {"at": self._wall(), "source": self._source, "lane": lane, "what": what}
