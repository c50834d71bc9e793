"""What a source is: it names requests and turns answers into rows; the engine does all the rest.

A source is pure. It opens no socket, never sleeps, keeps no progress of its own and knows no retries.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from engine.common.errors import BadBody

# What a source remembers from run to run, and the rows it may look up; sources know it from `engine.model.source`.

Key = tuple[Any, ...]


def nothing_stored(table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
    """Find no rows: what a memory without a store answers."""
    _ = (table, keys)
    return {}


def nothing_counted(table: str) -> int:
    """Count no rows: what a memory without a store answers."""
    _ = table
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What earlier runs of this source remembered, read only."""

    cursors: Mapping[str, str] = field(default_factory=dict)
    covered: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    """Merged ranges of ids known whole when the run began, by scope, lowest first, both ends included."""
    rows: Callable[[str, Sequence[Key]], Mapping[Key, Mapping[str, Any]]] = nothing_stored
    """Looks rows of one of the source's tables up by key, as they are on disk now: key to columns, `changed_at`
    and `added_at` (epoch seconds) among them. Keys without a row are left out."""
    count: Callable[[str], int] = nothing_counted
    """Counts the rows of one of the source's tables. Only an estimate may ask: it reads the whole table."""
    started: datetime
    """When this run began, UTC: the same however often it is resumed."""
    full: bool = False
    """The person asked for everything, whatever is known already."""


__all__ = [
    "Auth", "Avoided", "Column", "ColumnType", "Covered", "Key", "LimitsRetries", "Memory", "Page",
    "RateBudget", "Record", "Request", "Response", "Source", "Table", "WorksWithoutSecret",
]  # fmt: skip

ColumnType = Literal["text", "integer", "real"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to make. It is stored on disk, so it never holds a secret."""

    key: str
    """Unique within a source and a run: the same key is never fetched twice in one run."""
    url: str
    """A path below the source's base_url ("/repos/o/r/issues"), or an absolute URL of the same origin."""
    params: Mapping[str, str | int] = field(default_factory=dict)
    method: str = "GET"
    json: Any = None
    """The JSON body of a POST."""
    resource: str = "core"
    """Which of the source's budgets it draws on; each resource has a lane of its own."""
    cost: float = 1.0
    """Points it takes from that budget."""
    via: Literal["http", "git", "yt-dlp"] = "http"
    route: str = ""
    """The endpoint's template ("/repos/{owner}/{repo}/issues"): latencies are compared within one route."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What `parse` needs to know about it: JSON values only."""
    priority: int = 0
    """Lower goes first; equal ones go in the order they were found."""
    conditional: bool = False
    """Whether to send the stored ETag or Last-Modified, so that an unchanged answer costs nothing."""
    page: int | str | None = None
    """Which page of its list it asks for, as the API counts: a number, a cursor, an offset; None where there are no
    pages. It stays with the JSON of every row the answer brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One whole answer. Non-JSON bodies and statuses such as 404 are normal."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated ones joined with ", "."""
    body: bytes
    url: str
    """The address that answered, after redirects."""
    elapsed: float
    """Seconds from sending to the first byte of the answer."""
    unchanged: bool = False
    """The server said 304: `body` and the `link` header are the ones stored from last time."""

    def json(self, shape: Any = Any) -> Any:
        """Decode the body as JSON, checked against the type `shape`.

        Raises:
            BadBody: it is no JSON of that shape.
        """
        try:
            return msgspec.json.decode(self.body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadBody(f"not the JSON that was expected: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row for one of the source's tables. Writing it twice changes nothing."""

    table: str
    data: Mapping[str, Any]
    """Column values, the key columns among them. A column left out keeps what is stored."""
    raw: bytes = b""
    """The JSON it came from, byte for byte; left out, what is stored stays."""


@dataclass(frozen=True, slots=True)
class Avoided:
    """Requests that a plainer client would have made and this one did not."""

    requests: int
    """Fewer than none takes back what an earlier page counted for the same reason."""
    why: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A range of ids that is now known whole, gaps in it included. Ranges of one scope are merged when they land."""

    scope: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one answer means: rows, follow-up requests and what to remember. It lands whole or not at all."""

    records: Sequence[Record] = ()
    more: Sequence[Request] = ()
    cursors: Mapping[str, str] = field(default_factory=dict)
    """What a later run needs to know, by name."""
    covered: Sequence[Covered] = ()
    avoided: Sequence[Avoided] = ()
    note: str = ""
    """A line for the log when the answer meant something special ("repository is empty")."""
    cost: float | None = None
    """Points the answer says it took from its budget, where it says so; from then on requests like it are taken to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateBudget:
    """A limit the API documents or the person set. What answers say in headers comes on top."""

    resource: str = "core"
    requests: int | None = None
    """How many in `per` seconds; None where only headers tell."""
    per: float = 60.0
    concurrency: int = 32
    """Never more in flight than this."""
    base_url: str = ""
    """Where this resource's requests go; "" for the source's own base_url. The secret goes to the latter only."""
    apart: bool = False
    """Its requests load something else than the API (git, a listing tool), so it has a knee of its own."""
    shared: str = ""
    """Budgets of one source with the same name here are one allowance, which its lanes draw on together."""
    cpu_seconds: float | None = None
    """How many seconds of CPU the API spends on one client in `per` seconds; kept by how long answers take. The most
    that any budget of a source names is for all of its resources together."""
    unchanged_free: bool = False
    """An answer that nothing has changed (304) takes nothing from what its headers tell of."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source's table."""

    name: str
    type: ColumnType = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a source.

    The store adds `raw` (the JSON), `raw_page` (the page that brought it), `added_at` and `changed_at` (epoch seconds).
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Where a source's secret is found and what carries it. The secret itself is never in here."""

    env: tuple[str, ...]
    """Environment variables, tried in this order."""
    header: str = "Authorization"
    prefix: str = "Bearer "
    basic: bool = False
    """The secret is "user:password", and travels encoded as RFC 7617 says; the prefix stays."""
    query: str = ""
    """The query parameter that carries it instead of a header; the transport adds it, no request ever holds it."""
    required: bool = False
    hint: str = ""
    """How a person gets one: a sentence and an address."""


class Source(Protocol):
    """The interface every source implements. See docs/sources.md for how to write one."""

    name: str
    base_url: str
    """Scheme, host and an optional path prefix, without a slash at the end. Nothing is ever sent elsewhere."""
    summary: str
    """One line for the picker."""
    terms: str
    """The API's documented limits and rules, in a sentence or two, shown before a start."""
    headers: Mapping[str, str]
    """Headers of every request, without the secret."""
    auth: Auth | None
    budgets: Sequence[RateBudget]
    """One or more per resource; a resource without one gets the defaults."""
    tables: Sequence[Table]

    def scope(self) -> str:
        """Name what this configuration harvests: an unfinished run is resumed only under the same scope."""

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Name the first requests of a run.

        Raises:
            UsageError: the options name nothing to fetch.
        """

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn an answer into a page; called once for every answer that `judge` lets through.

        Raises:
            BadBody: the answer cannot be understood. That page fails alone.
            SourceError: the source must stop as a whole.
        """

    def accepts(self, request: Request, response: Response) -> bool:
        """Say whether an answer other than 2xx means something to `parse` (an empty repository's 409)."""


@runtime_checkable
class LimitsRetries(Protocol):
    """What a source may add, where failed requests are worth more or fewer retries than elsewhere."""

    retries: int
    """How often a failed request is sent again, unless the person sets a number. See `engine.pacing.retry`."""


@runtime_checkable
class WorksWithoutSecret(Protocol):
    """What a source may add that does the same by other means where there is no secret."""

    def without_secret(self) -> tuple[Source, str]:
        """Return the source to harvest with then, and what is different in a line; "" where nothing is."""
