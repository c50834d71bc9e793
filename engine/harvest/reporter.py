"""Puts what became of a request into events: one method per fact, named as the event."""

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
from engine.model.snapshot import State
from engine.model.source import Response
from engine.pacing.concurrency.controller import Move
from engine.pacing.response.verdict import Verdict
from engine.storage.failures import Failed, fingerprint
from engine.storage.frontier import Claimed
from engine.storage.runs import Run


class _About(TypedDict):
    """What every event about a request says."""

    at: float
    source: str
    lane: str
    what: str


class Reporter:
    """Speaks for one source."""

    def __init__(self, *, source: str, listen: Callable[[Event], None], wall: Callable[[], float]) -> None:
        self._source = source
        self._listen = listen
        self._wall = wall

    def started(self, run: Run, pending: int, note: str = "") -> None:
        """Tell that a run began, or is gone on with."""
        self._listen(
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
        """Tell how a run ended."""
        self._listen(RunEnded(at=self._wall(), source=self._source, state=ending.state, reason=ending.reason))

    def changed(self, state: State) -> None:
        """Tell that the person paused the source, or let it go on."""
        self._listen(StateChanged(at=self._wall(), source=self._source, state=state, reason=""))

    def queued(self, requests: int) -> None:
        """Tell that requests which had failed for good are queued again."""
        self._listen(FailuresQueued(at=self._wall(), source=self._source, requests=requests))

    def set_aside(self, requests: int, *, released: bool = False) -> None:
        """Tell that requests went into quarantine, or came out of it."""
        self._listen(RequestsQuarantined(at=self._wall(), source=self._source, requests=requests, released=released))

    def filled(self, parts: int, requests: int) -> None:
        """Tell that what fills some parts of the coverage map is queued."""
        self._listen(PartsQueued(at=self._wall(), source=self._source, parts=parts, requests=requests))

    def moved(self, lane: str, move: Move) -> None:
        """Tell that the controller changed a lane's limit."""
        self._listen(
            LimitMoved(at=self._wall(), source=self._source, lane=lane, old=move.old, new=move.new, reason=move.reason)
        )

    def landed(self, flight: InFlightRequest, response: Response, *, status: int, rows: int, note: str) -> None:
        """Tell that an answer is on disk."""
        self._listen(
            RequestLanded(
                **self._about(flight.claimed, flight.what),
                place=flight.place,
                status=status,
                elapsed=response.elapsed,
                size=len(response.body),
                rows=rows,
                note=clean(note),
            )
        )

    def throttled(self, flight: InFlightRequest, verdict: Verdict, *, status: int, wait: float) -> None:
        """Tell that the API refused a request for its rate."""
        about = self._about(flight.claimed, flight.what)
        self._listen(RequestThrottled(**about, place=flight.place, status=status, wait=wait, reason=verdict.reason))

    def parked(self, lane: str, until: float, asked: float) -> None:
        """Tell that the API asked for a long rest."""
        reason = parked_reason(until, asked, self._source)
        self._listen(LaneParked(at=self._wall(), source=self._source, lane=lane, until=until, reason=reason))

    def retried(
        self, flight: InFlightRequest, verdict: Verdict, *, status: int | None, attempt: int, wait: float
    ) -> None:
        """Tell that a request was put back."""
        self._listen(
            RequestRetried(
                **self._about(flight.claimed, flight.what),
                place=flight.place,
                status=status,
                attempt=attempt,
                wait=wait,
                reason=verdict.reason,
            )
        )

    def failed(self, failed: Failed, claimed: Claimed, *, place: int | None) -> None:
        """Tell that a request was given up, by which worker; None where it was never sent."""
        kind = fingerprint(self._source, failed.kind, failed.message)
        self._listen(
            RequestFailed(
                **self._about(claimed, failed.what),
                place=place,
                status=failed.status,
                attempt=claimed.attempt,
                reason=failed.message,
                failure=kind,
            )
        )

    def _about(self, claimed: Claimed, what: str) -> _About:
        lane = claimed.request.resource
        return {"at": self._wall(), "source": self._source, "lane": lane, "what": what}
