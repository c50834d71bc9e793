"""Facts about a harvest, in the past tense. They are pushed to listeners; numbers are pulled from snapshots.

Every text in here has passed `engine.common.text.clean`: it is safe to show.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every fact."""

    at: float
    """Seconds since the epoch, UTC."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A source began a run, or went on with one."""

    run: int
    resumed: bool
    pending: int
    """Requests that were waiting on disk."""
    note: str = ""
    """What is worth knowing about this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLanded(Event):
    """An answer, its rows and its follow-ups are on disk."""

    place: int
    """Which worker had it. Each lane counts its own, from 0."""
    what: str
    status: int
    elapsed: float
    size: int
    rows: int
    note: str = ""
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestThrottled(Event):
    """The API refused a request for its rate. It will be sent again."""

    place: int
    what: str
    status: int
    wait: float
    """Seconds until the domain tries again."""
    reason: str
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneParked(Event):
    """The API asked for a rest of more than ten minutes. Other lanes and sources go on."""

    lane: str
    until: float
    """When it is asked again, seconds since the epoch."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRetried(Event):
    """A request failed and was put back with a wait."""

    place: int
    what: str
    status: int | None
    attempt: int
    wait: float
    reason: str
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """A request failed for good. It stays in the error table."""

    place: int | None
    """None where it was never sent."""
    what: str
    status: int | None
    attempt: int
    reason: str
    failure: str = ""
    """The fingerprint of its kind of error."""
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresQueued(Event):
    """Requests that had failed for good are queued again, by hand."""

    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsSetAside(Event):
    """Requests went into quarantine, or came out of it, by hand."""

    requests: int
    released: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsQueued(Event):
    """What fills some parts of the coverage map is queued, by hand."""

    parts: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMoved(Event):
    """The controller changed how many may be in flight, and says why."""

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
    """A source is done, stopped by a limit, stopped by the person, or failed."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed(Event):
    """A background task met an exception nobody foresaw. It is in the log file, whole."""

    where: str
    message: str
