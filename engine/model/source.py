"""The interface of a source: it names requests and turns answers into rows. The engine does everything else.

A source is pure. It opens no socket, never sleeps, stores no progress of its own and never retries.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from engine.common.errors import BadBody
from engine.model.credentials import Auth
from engine.model.walk import Counted, WalkEnd

__all__ = [
    "Auth", "Avoided", "Column", "ColumnType", "Covered", "Key", "LimitsRetries", "Listing", "Memory", "Page",
    "Param", "RateBudget", "Record", "Replacement", "Request", "Response", "Source", "Table", "WorksWithoutSecret",
]  # fmt: skip

ColumnType = Literal["text", "integer", "real"]
Param = str | int | tuple[str | int, ...]
"""The value of a parameter or form field. A tuple is sent as one parameter for each of its values."""
Key = tuple[Any, ...]
"""Values of a table's key columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to make. It is stored on disk, so it must not hold a secret."""

    key: str
    """Unique within a source and a run. A key is never fetched twice in one run."""
    url: str
    """A path below the source's base_url ("/repos/o/r/issues"), or an absolute URL of the same origin."""
    params: Mapping[str, Param] = field(default_factory=dict)
    method: str = "GET"
    json: Any = None
    """The JSON body of a POST."""
    form: Mapping[str, Param] | None = None
    """The fields of a form, as the body of a POST instead of `json`. Never a secret: it is stored on disk."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of this request alone, such as a cursor that is sent in one. Never a secret: it is stored on disk."""
    resource: str = "core"
    """The budget it draws on. Each resource has a lane of its own."""
    cost: float = 1.0
    """Units it takes from that budget."""
    via: Literal["http", "git", "yt-dlp"] = "http"
    route: str = ""
    """The path template ("/repos/{owner}/{repo}/issues"). Latencies are compared within one route."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What `parse` needs to know about it, as JSON values."""
    priority: int = 0
    """Lower goes first. Requests of equal priority go in the order of their creation."""
    conditional: bool = False
    """Whether to send the stored ETag or Last-Modified, so that an unchanged answer is a 304."""
    page: int | str | None = None
    """The page of a list as the API counts: a number, a cursor or an offset; None for a request without pages. It is
    stored with every row of the answer."""
    walk: str = ""
    """The walk it is a page of, as in `WalkEnd.walk`; "" for none. A page that fails for good cuts its walk."""
    part: str = ""
    """The part of the coverage map that its walk belongs to, as in `WalkEnd.part`."""
    behind: bool = False
    """It is sent when no other request of its walk is open. It fails with them: if one has failed, it is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Response:
    """One whole answer. Bodies that are not JSON and statuses such as 404 are normal."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated headers are joined with ", "."""
    body: bytes
    url: str
    """The URL that answered, after redirects."""
    elapsed: float
    """Seconds from sending to the first byte of the answer."""
    unchanged: bool = False
    """The server answered 304: `body` is the stored one, and so is the `link` header where the answer has none."""
    renewed: bool = False
    """The server refused the credential (401), and there is a new one since: the request is to be sent again."""

    def json(self, shape: Any = Any) -> Any:
        """Decode the body as JSON of the type `shape`.

        Raises:
            BadBody: it is no JSON of that shape.
        """
        try:
            return msgspec.json.decode(self.body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadBody(f"not the JSON that was expected: {error}") from error


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row for a table of the source. Writing it is an upsert, so writing it twice changes nothing.

    A page has hundreds, and a struct of msgspec is made in a quarter of the time of a frozen dataclass.
    """

    table: str
    data: Mapping[str, Any]
    """Values by column, with the key columns. A column that is left out keeps its stored value."""
    raw: bytes = b""
    """The JSON it came from, byte for byte. If empty, the stored JSON is kept."""


@dataclass(frozen=True, slots=True)
class Avoided:
    """Requests that a plainer client would have made and this one did not."""

    requests: int
    """A negative number takes back what an earlier page counted for the same reason."""
    why: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A range of ids that is now known to be complete, gaps included. The database merges the ranges of one scope."""

    scope: str
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A walk that lists all rows of a kind, so that rows it names no more are gone.

    The table has an integer column `gone`. The source sets it to 0 in every record, and the store to 1 once the walk
    has ended whole and all its pages have landed. After any other end nothing is marked.
    """

    table: str
    walk: str
    """The walk, as in `Request.walk` and `WalkEnd.walk`."""
    began: str
    """When the walk began; the same on all of its pages, also where a later run resumes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Parents of which a page names all rows of a table: every label of an issue, say.

    Other stored rows of these parents are deleted in the transaction that writes the page.
    """

    table: str
    parents: Sequence[Key]
    """Values of the first columns of the table's key. A parent without a record in the page has no rows any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The meaning of one answer: rows, follow-up requests and what to remember. It is committed whole or not at all."""

    records: Sequence[Record] = ()
    more: Sequence[Request] = ()
    cursors: Mapping[str, str] = field(default_factory=dict)
    """Values for a later run, by name."""
    covered: Sequence[Covered] = ()
    avoided: Sequence[Avoided] = ()
    note: str = ""
    """A line for the log if the answer is special ("repository is empty")."""
    ends: Sequence[WalkEnd] = ()
    """The walks that end with this answer."""
    counted: Counted | None = None
    """The items of the answer, where its walk is read at the same time as it; None where the end of a walk counts."""
    listing: Listing | None = None
    """The list that the records are all of, in the end; None if rows that are missing in it mean nothing."""
    replaced: Sequence[Replacement] = ()
    """What the records replace, where they are all that there is."""
    cost: float | None = None
    """Units that the answer itself says it took. Requests like it are then expected to take as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateBudget:
    """A limit that the API documents or the user set. Limits in headers apply as well."""

    resource: str = "core"
    requests: int | None = None
    """Requests allowed in `per` seconds; None if only headers tell."""
    per: float = 60.0
    concurrency: int = 32
    """Highest number in flight."""
    base_url: str = ""
    """Base URL of this resource; "" for the source's own. The secret is sent to the source's own only."""
    apart: bool = False
    """Its requests load another machine than the API (git, yt-dlp), so its concurrency limit is found separately."""
    site: str = ""
    """Resources of the same site rest together after a refusal that names no resource, even where they are `apart`, or
    have a base URL or a transport of their own. "" for the base URL and credential."""
    shared: str = ""
    """Budgets of one source with the same name here are one budget, which their lanes share."""
    cpu_seconds: float | None = None
    """Seconds of CPU time that the API grants one client in `per` seconds, estimated from latencies. The largest value
    among a source's budgets holds for all of its resources together."""
    unchanged_free: bool = False
    """A 304 costs nothing of the header budgets."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

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


def nothing_stored(table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
    """Return no rows: the default of `Memory.rows`."""
    _ = (table, keys)
    return {}


def nothing_counted(table: str) -> int:
    """Return 0: the default of `Memory.count`."""
    _ = table
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What earlier runs of this source have stored, read only."""

    cursors: Mapping[str, str] = field(default_factory=dict)
    covered: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    """Merged ranges of ids known to be complete when the run began, by scope, lowest first, both ends included."""
    rows: Callable[[str, Sequence[Key]], Mapping[Key, Mapping[str, Any]]] = nothing_stored
    """Looks up rows of one of the source's tables by key, as they are on disk now. Returns columns by key, with
    `changed_at` and `added_at` (epoch seconds) among them. Keys without a row are left out."""
    count: Callable[[str], int] = nothing_counted
    """Counts the rows of one of the source's tables. It reads the whole table, so only an estimate may call it."""
    started: datetime
    """When this run began, UTC. It stays the same when the run is resumed."""
    full: bool = False
    """The user asked to fetch everything, whatever is known already."""


class Source(Protocol):
    """The interface of every source. docs/sources.md tells how to write one."""

    name: str
    base_url: str
    """Scheme, host and an optional path prefix, without a trailing slash. Nothing is ever sent elsewhere."""
    summary: str
    """One line for the picker."""
    terms: str
    """The API's documented limits and rules in a sentence or two. They are shown before a start."""
    headers: Mapping[str, str]
    """Headers of every request, without the secret."""
    auth: Auth | None
    budgets: Sequence[RateBudget]
    """One or more per resource. A resource without one gets the defaults."""
    tables: Sequence[Table]

    def scope(self) -> str:
        """Name what this configuration harvests. An unfinished run is resumed only under the same scope."""

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Return the first requests of a run.

        Raises:
            UsageError: the options name nothing to fetch.
        """

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn an answer into a page. Called for each answer that is a success or is accepted.

        Raises:
            BadBody: the answer cannot be understood. Only this page fails.
            SourceError: the whole source must stop.
        """

    def accepts(self, request: Request, response: Response) -> bool:
        """Whether `parse` can use an answer other than 2xx (an empty repository's 409)."""


@runtime_checkable
class LimitsRetries(Protocol):
    """A source that sets its own number of retries, because they help more or less than elsewhere."""

    retries: int
    """Retries of a request; a number set by the user comes first. See `engine.pacing.retry`."""


@runtime_checkable
class WorksWithoutSecret(Protocol):
    """A source that can harvest the same by other means without its secret."""

    def without_secret(self) -> tuple[Source, str]:
        """Return the source to use then, and the difference in one line; "" if there is none."""
