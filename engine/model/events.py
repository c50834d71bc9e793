"""The events of a harvest. They are pushed to listeners; numbers are pulled from snapshots.

Every text in an event has passed `engine.common.text.clean`, so it is safe to show.
"""

from dataclasses import dataclass

from engine.model.outside_wait import Cause, OutsideWait


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""

    at: float
    """Seconds since the epoch, UTC."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarked(Event):
    """Something about fetchdeck's own files that the user should know. It concerns no source: `source` is ""."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A source began a run or resumed one."""

    run: int
    resumed: bool
    pending: int
    """Requests waiting on disk."""
    note: str = ""
    """A remark on this run for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLanded(Event):
    """An answer, its rows and its follow-up requests are committed."""

    slot: int
    """The worker slot. Each lane counts its own from 0."""
    what: str
    status: int
    elapsed: float
    size: int
    rows: int
    note: str = ""
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestThrottled(Event):
    """The API refused a request for its rate. The request will be sent again."""

    slot: int
    what: str
    status: int
    wait: float
    """Seconds until the domain sends again."""
    reason: str
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneParked(Event):
    """The API asked for a rest of more than ten minutes. Other lanes and sources go on."""

    lane: str
    until: float
    """When the lane sends again, in seconds since the epoch."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideWaitBegan(Event):
    """A source, or one of its lanes, waits for something outside of fetchdeck. Other lanes and sources go on."""

    lane: str
    """"" if the whole source waits."""
    wait: OutsideWait


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideWaitEnded(Event):
    """The cause of a wait is gone, and the source goes on."""

    lane: str
    cause: Cause
    lasted: float
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRetried(Event):
    """A request failed and is queued again with a backoff."""

    slot: int
    what: str
    status: int | None
    attempt: int
    wait: float
    reason: str
    lane: str = ""
    counted: bool = True
    """Whether it used up one of the request's attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """A request failed for good. It stays in the table of failed requests until it is retried."""

    slot: int | None
    """None if it was never sent."""
    what: str
    status: int | None
    attempt: int
    reason: str
    failure: str = ""
    """Fingerprint of the kind of failure. Failures of one kind are shown together."""
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresQueued(Event):
    """The user queued failed requests again."""

    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsQuarantined(Event):
    """The user quarantined requests, or released them."""

    requests: int
    released: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsQueued(Event):
    """The user queued the requests that fill some parts of the coverage map."""

    parts: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMoved(Event):
    """The concurrency limit of a lane changed."""

    lane: str
    old: int
    new: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    """A source went from one state to another."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """A run is done, was stopped by a limit or by the user, or failed."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed(Event):
    """A background task met an unforeseen exception. The log file has the traceback."""

    where: str
    message: str
