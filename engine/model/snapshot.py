"""The state of a harvest. Its dashboard is drawn from these types only; they are frozen, so threads can share them.

Every text has passed `engine.common.text.clean`, so it is safe to show. None means unknown, unless a field says
otherwise.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.model.lane_state import LaneState
from engine.model.outside_wait import OutsideWait
from engine.model.source import Avoided
from engine.model.tuning import Tuning
from engine.model.walk import WalkReport


class State(StrEnum):
    """The state of a source or of the whole deck."""

    IDLE = "idle"
    RUNNING = "running"
    WAITING = "waiting"
    """No request may be sent now, because of a budget, a penalty, a backoff or a cause outside of fetchdeck.

    `reason` says which and until when."""
    PARKED = "parked"
    """The API asked for a rest of more than ten minutes; `reason` says until when."""
    PAUSED = "paused"
    DRAINING = "draining"
    """A stop was requested; what is in flight is finished."""
    DONE = "done"
    STOPPED = "stopped"
    """Stopped before it was done, by a limit or by the user. It can be resumed."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What a source did in one second, or in several seconds that were merged into one entry."""

    requests: int
    rows: int
    bytes: int
    limit: int
    in_flight: int
    """The highest number in flight."""
    p50: float | None = None
    """Latency in seconds of the answers that came in this time; None if none came."""
    p95: float | None = None
    left: float | None = None
    """Share left of the tightest budget at that time, 0 to 1; None if unknown."""


STEP_SECONDS = 12
"""Seconds in each entry of `GroupState.hour`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A change of a lane's concurrency limit, by the controller or by the user."""

    number: int
    """Counts up by one over the whole harvest."""
    at: float
    """Seconds since the epoch, UTC."""
    lane: str
    old: int
    new: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """The state of one source."""

    name: str
    state: State
    reason: str
    lanes: tuple[LaneState, ...]
    seconds: tuple[Second, ...]
    """The last seconds, oldest first, at most 300, without the current one."""
    rate: float
    """Requests per second that landed over the last ten seconds."""
    p50: float | None
    p95: float | None
    """Latency in seconds of the last answers; None before the first."""
    done: int
    """Requests of the run that landed, including earlier processes."""
    queued: int
    """Requests that are known and not done, including those in flight and in backoff."""
    retrying: int
    """How many of the queued requests wait for another attempt."""
    rows: int
    """Rows that this process added: those that were not stored before."""
    bytes: int
    retries: int
    throttled: int
    failed: int
    avoided: int
    eta: float | None
    """Seconds until nothing is queued, with budgets and their resets; None if unknown."""
    eta_resets: int = 0
    """How many budget windows must end until then."""
    hour: tuple[Second, ...] = ()
    """The last hour, oldest first, each of `STEP_SECONDS` seconds, at most 300."""
    decisions: tuple[Decision, ...] = ()
    """The newest changes of the limit in this run, including earlier processes, oldest first, at most 500."""
    tuning: Tuning = field(default_factory=Tuning)
    avoided_by: tuple[Avoided, ...] = ()
    """`avoided` by reason, the most first."""
    requests: int = 0
    """Requests that landed in this process; `done` has those of the whole run."""
    written: int = 0
    """Rows that this process wrote, including those that were stored before."""
    most_retries: int | None = None
    """How often a request that failed temporarily is sent again; None if unknown."""
    walks: WalkReport = field(default_factory=WalkReport)
    """How the walks of this run have ended, including earlier processes."""
    notes: int = 0
    """Answers that the source left a note on."""
    outside: tuple[OutsideWait, ...] = ()
    """The causes outside of fetchdeck that the source or its lanes wait for, the longest wait first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log."""

    number: int
    """Counts up by one over the whole harvest."""
    at: float
    """Seconds since the epoch, UTC."""
    level: str
    """"info", "warn" or "error"."""
    source: str
    slot: int | None
    """The worker slot of its lane; None if the line is about none."""
    text: str
    failure: str = ""
    """The fingerprint of the kind of error; "" for other lines."""
    lane: str = ""
    """The lane; "" if the line is about the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Errors of one kind: a row of the error table."""

    fingerprint: str
    source: str
    kind: str
    """"429", "404", "Interrupted", "BadBody"."""
    message: str
    count: int
    """Requests that failed for good this way."""
    first: float
    last: float
    sample: str
    """One request that failed this way."""
    recent: tuple[tuple[int, int], ...] = ()
    """Pairs of a minute since the epoch and its number of failures, oldest first; minutes without any are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a source noted on answers, and how often."""

    source: str
    text: str
    """"" for all notes whose texts were dropped, because there were too many different ones."""
    count: int
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a request that brought nothing."""

    at: float
    """When it ended, in seconds since the epoch, UTC."""
    outcome: str
    """"retry"; "throttled", refused for its rate; "renewed", sent again with a new credential; "failed", given up;
    "stopped", the source ended with it."""
    status: int | None
    """None if no answer came."""
    reason: str
    wait: float | None
    """Seconds until the request could be sent again; None if no attempt was to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRequest:
    """One request that failed for good."""

    id: int
    source: str
    fingerprint: str
    """The fingerprint of its kind of error."""
    what: str
    status: int | None
    """None if no answer came."""
    attempts: int
    at: float
    """When it failed for good, in seconds since the epoch, UTC."""
    reason: str
    head: tuple[str, ...] = ()
    """The status line and the headers of its last answer, with secrets hidden; empty if no answer came."""
    aside: bool = False
    """Whether it is in quarantine: no run sends it until it is released."""
    history: tuple[Attempt, ...] = ()
    """Its failed attempts, the newest last, at most 20, including those before a manual retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDetail:
    """Everything known about one request that failed for good."""

    request: FailedRequest
    address: str
    refused: int
    """How often the API refused it for its rate. These are not among the attempts."""
    curl: str
    """A curl command that sends it, with a variable instead of the secret; "" if it is no HTTP request."""
    body: tuple[str, ...]
    """The first lines of the body, if the body was the reason."""
    body_size: int | None
    """Stored bytes of the body; None if none was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckState:
    """Everything a frame of the screen is drawn from."""

    at: float
    uptime: float
    state: State
    reason: str
    """What the deck waits for while it is draining, as in "3 requests in flight"."""
    database: str
    groups: tuple[GroupState, ...]
    log: tuple[LogLine, ...]
    """The newest lines, oldest first, at most 500."""
    failures: tuple[Failure, ...]
    """Newest first, at most 200."""
