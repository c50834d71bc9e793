"""The state of a harvest, in the present tense. Frozen, so it crosses threads freely; the screen reads only these.

Every text in here has passed `clean` of engine.common.text: it is safe to show. None means unknown, and is shown as
unknown.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.model.lane_state import LaneState
from engine.model.tuning import Tuning

# The change feed as it is shown: how many rows are new, changed, renamed or gone, and the newest of them.
#
# As all snapshots it is frozen, its texts are safe to show, and None means unknown.


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows of a table changed in one way."""

    source: str
    table: str
    kind: str
    """"new", "changed", "renamed" or "gone"."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row that is new, or is not what it was."""

    number: int
    """Counts up over all changes of a database."""
    source: str
    table: str
    key: str
    name: str
    """What the row calls itself; "" where it has no name."""
    at: float
    run: int
    kind: str
    what: tuple[tuple[str, str, str], ...]
    """Of each column that differs its name, and the value before and after; none for a new row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The change feed: counts of all there were, and the newest of them one by one."""

    born: float | None
    """When the first run of the database began: another one, and what was counted before means nothing."""
    tallies: tuple[Tally, ...]
    rows: tuple[Change, ...]
    """The newest first; of each table and kind at least the last 1,000 are kept."""


class State(StrEnum):
    """What a source, or the whole deck, is doing."""

    IDLE = "idle"
    RUNNING = "running"
    WAITING = "waiting"
    """Nothing may start now: a limit, a penalty or a backoff; `reason` says which and until when."""
    PARKED = "parked"
    """The API asked for a rest of more than ten minutes; `reason` says until when."""
    PAUSED = "paused"
    DRAINING = "draining"
    """Asked to stop: finishes what is in flight."""
    DONE = "done"
    STOPPED = "stopped"
    """Stopped before it was done, by a limit or by the person; it can be resumed."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """One second of a source's past, or a few in a row put together."""

    requests: int
    rows: int
    bytes: int
    limit: int
    in_flight: int
    """The most at once."""
    p50: float | None = None
    """Latency in seconds of the answers that came in it; None where none came."""
    p95: float | None = None
    left: float | None = None
    """What was left of the tightest budget, 0 to 1; None where nobody knew."""


STEP = 12
"""Seconds that are one in `GroupState.hour`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A move of how many may be in flight, by the controller or by the person."""

    number: int
    """Counts up by one over the whole harvest."""
    at: float
    """Seconds since the epoch, UTC."""
    lane: str
    old: int
    new: int
    reason: str


@dataclass(frozen=True, slots=True)
class AvoidedCount:
    """Requests that a plainer client would have made, for one reason."""

    why: str
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """One source's worker group."""

    name: str
    state: State
    reason: str
    lanes: tuple[LaneState, ...]
    seconds: tuple[Second, ...]
    """The past, oldest first, at most 300, the running second left out."""
    rate: float
    """Requests per second that landed over the last ten seconds."""
    p50: float | None
    p95: float | None
    """Latency in seconds over the last answers; None before the first."""
    done: int
    queued: int
    """Requests known and not yet done, those in flight and in backoff included."""
    retrying: int
    """How many of the queued wait for another attempt."""
    rows: int
    bytes: int
    retries: int
    throttled: int
    failed: int
    avoided: int
    eta: float | None
    """Seconds until nothing is queued, budgets and their resets counted; None when unknown."""
    eta_resets: int = 0
    """How many budget windows must end until then."""
    hour: tuple[Second, ...] = ()
    """The last hour, oldest first, each of `STEP` seconds, at most 300."""
    decisions: tuple[Decision, ...] = ()
    """The newest moves of the limit, those of earlier processes of the run too, oldest first, at most 500."""
    tuning: Tuning = field(default_factory=Tuning)
    avoided_by: tuple[AvoidedCount, ...] = ()
    """What `avoided` is the sum of, the most first."""
    most_retries: int | None = None
    """How often a request that failed in passing is sent again before it is given up; None when unknown."""


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
    """Which worker of its lane it is about; None where it is about none."""
    text: str
    failure: str = ""
    """The fingerprint of the kind of error it tells of."""
    lane: str = ""
    """The lane it is about; "" where it is about the source."""


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
    """One request it happened to."""
    recent: tuple[tuple[int, int], ...] = ()
    """How many failed in which minute since the epoch, oldest first; minutes without any are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One time a request was sent and nothing landed."""

    at: float
    """When that was known, seconds since the epoch, UTC."""
    outcome: str
    """"retry"; "throttled", refused for its rate; "failed", given up; "stopped", the source ended with it."""
    status: int | None
    """None where no answer arrived."""
    reason: str
    wait: float | None
    """Seconds until it might be sent again; None where no other attempt was to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRequest:
    """One request that failed for good."""

    id: int
    source: str
    fingerprint: str
    """The kind of error it belongs to."""
    what: str
    status: int | None
    """None where no answer arrived."""
    attempts: int
    at: float
    """When it was given up, seconds since the epoch, UTC."""
    reason: str
    head: tuple[str, ...] = ()
    """The status line and the headers of the answer that was its end, secrets hidden; none where no answer arrived."""
    aside: bool = False
    """It is in quarantine: no run tries it again until it is released."""
    history: tuple[Attempt, ...] = ()
    """Its failing attempts, the newest last and at most 20; those before it was tried again by hand too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDetail:
    """All that is known of one request that failed for good."""

    request: FailedRequest
    address: str
    refused: int
    """How often the API refused it for its rate, besides."""
    curl: str
    """A command that sends it, its secret named and not shown; "" where it is no HTTP request."""
    body: tuple[str, ...]
    """The beginning of the body where that was the reason, line by line."""
    body_size: int | None
    """Bytes kept of the body; None where none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckState:
    """Everything a frame of the screen is drawn from."""

    at: float
    uptime: float
    state: State
    reason: str
    """What it waits for while it drains: "3 requests in flight"."""
    database: str
    groups: tuple[GroupState, ...]
    log: tuple[LogLine, ...]
    """The newest lines, oldest first, at most 500."""
    failures: tuple[Failure, ...]
    """Newest first, at most 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """What the picker shows of one source before it runs."""

    name: str
    summary: str
    terms: str
    limits: str
    """"5,000 per hour (headers)"."""
    ready: bool
    problem: str
    """Why it cannot start, with the way out; "" when ready."""
    access: str
    """"token from GITHUB_TOKEN", "no token needed"."""
    last_run: str
    """"2 hours ago, done", "never"."""
    resumable: int
    """Requests an unfinished run left; 0 when there is none."""
    rows: int | None
    cost: str = ""
    """What the next run would ask for, as far as that is known without asking the API; "" where nothing is."""
