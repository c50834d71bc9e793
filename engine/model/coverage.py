"""The coverage map: the parts of what a source harvests, and how complete each is on disk. Pure.

A source computes it from what is on disk, so no second record can disagree with the rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from engine.common.text import counted
from engine.model.source import Memory, Request
from engine.model.walk import WalkReport

DAY: Final = 86_400.0


class PartState(StrEnum):
    """How complete a part is."""

    COMPLETE = "complete"
    STALE = "stale"
    """It was complete, and the source knows of something newer or it has become too old."""
    FAILED = "failed"
    """One of its requests failed for good."""
    QUEUED = "queued"
    """It is being fetched, or an unfinished run will fetch it."""
    MISSING = "missing"
    UNKNOWN = "unknown"
    """There are rows, and nothing tells whether they are all."""
    UNCONFIRMED = "unconfirmed"
    """Its list ended with a short or empty page, and the API did not say that this was the end."""
    BOUNDED = "bounded"
    """A bound that a person wrote ended one of its walks."""
    CUT = "cut"
    """One of its walks ended before its end."""


REFILLED: Final = frozenset(
    {
        PartState.MISSING, PartState.STALE, PartState.UNKNOWN,
        PartState.UNCONFIRMED, PartState.BOUNDED, PartState.CUT,
    }
)  # fmt: skip
"""States in which the source is asked for the requests of a refill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A request on disk that is not done."""

    id: int
    request: Request
    failed: bool
    """Whether it failed for good. Otherwise it is queued."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: a range of ids, a list of a repository, a channel, or an endpoint. A row of the coverage map."""

    source: str = ""
    """The source's name. The coverage map fills it in, so a source leaves it out."""
    key: str
    """Its name on the command line. Unique within the source and the same in every run."""
    name: str
    state: PartState
    detail: str = ""
    """The reason for the state, in a few words."""
    rows: int | None = None
    """None if the rows are not counted."""
    updated: float | None = None
    """When it was last known to be complete, in seconds since the epoch; None if unknown."""
    fillable: bool = True
    """Whether the source can name requests that fetch this part alone. In the coverage map: whether a refill can."""
    unfinished: tuple[int, ...] = ()
    """Ids of its requests on disk that are not done. Retrying them fills the part."""

    def aging(self, now: float, days: float = 1.0) -> "Part":
        """Return the part as stale if it is older than `days`. For parts without any other sign of newer data."""
        if self.state is not PartState.COMPLETE or self.updated is None or now - self.updated < days * DAY:
            return self
        old = int((now - self.updated) / DAY)
        return replace(self, state=PartState.STALE, detail=f"looked at {counted(max(1, old), 'day')} ago")

    def with_open_requests(self, unfinished: Sequence[OpenRequest]) -> "Part":
        """Return the part in the state that its open requests give it: failed if one is failed, else queued."""
        if not unfinished:
            return self
        ids = tuple(one.id for one in unfinished)
        failed = [one for one in unfinished if one.failed]
        if failed:
            detail = f"{counted(len(failed), 'request')} failed: {failed[-1].reason}"
            return replace(self, state=PartState.FAILED, detail=detail, unfinished=ids)
        detail = f"{counted(len(ids), 'request')} queued"
        return replace(self, state=PartState.QUEUED, detail=detail, unfinished=ids)


def _no_rows(table: str, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    _ = (table, columns)
    return iter(())


def _no_counts(table: str, column: str) -> Mapping[Any, int]:
    _ = (table, column)
    return {}


def _no_total(table: str) -> int:
    _ = table
    return 0


def _no_between(table: str, column: str, low: int, high: int) -> int:
    _ = (table, column, low, high)
    return 0


def _no_landing(key: str) -> float | None:
    _ = key
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReader:
    """Read access to what is on disk of one source. Each call reads anew, from declared tables and columns only."""

    memory: Memory
    unfinished: Sequence[OpenRequest] = ()
    rows: Callable[[str, Sequence[str]], Iterator[Mapping[str, Any]]] = _no_rows
    """Yields all rows of a table with these columns. `raw`, `added_at` and `changed_at` may be among them."""
    counts: Callable[[str, str], Mapping[Any, int]] = _no_counts
    """Counts the rows of a table by the values of a column."""
    total: Callable[[str], int] = _no_total
    """Counts the rows of a table."""
    between: Callable[[str, str, int, int], int] = _no_between
    """Counts the rows of a table whose column is between low and high, both included."""
    landed: Callable[[str], float | None] = _no_landing
    """Returns when the request of a key last landed; None if no run remembers it."""
    ends: Mapping[str, WalkReport] = field(default_factory=dict)
    """How the walks of each part last ended, by the key of the part; "" for walks of no part. A part without an entry
    has no walk that ended, or was harvested by a version that did not record the ends."""

    def known(self, part: Part) -> Part:
        """Return a part as complete if the end of its walk is recorded, and as unknown if only pages of it landed.

        How complete it is then follows from how the walk ended: `engine.model.completeness.of_part`.
        """
        if part.key in self.ends:
            return replace(part, state=PartState.COMPLETE)
        return replace(part, state=PartState.UNKNOWN, detail="how its list ended is not recorded")

    def by_part(self, part_of: Callable[[Request], str | Sequence[str]]) -> Mapping[str, Sequence[OpenRequest]]:
        """Group the open requests by the parts they belong to. A request of the part "" is left out."""
        found: dict[str, list[OpenRequest]] = {}
        for one in self.unfinished:
            parts = part_of(one.request)
            for part in (parts,) if isinstance(parts, str) else parts:
                found.setdefault(part, []).append(one)
        found.pop("", None)
        return found


@runtime_checkable
class HasCoverage(Protocol):
    """A source with a coverage map that can be filled part by part."""

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return the parts, from what is configured and what is on disk."""

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Return the first requests that fetch a part again; none if the part cannot be fetched alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillPlan:
    """The requests that fill some parts and nothing else."""

    parts: Sequence[str]
    """The keys of the parts."""
    requests: Sequence[Request] = field(default=())
    """New requests to queue."""
    unfinished: Sequence[int] = field(default=())
    """Ids of requests on disk to retry."""

    def __bool__(self) -> bool:
        """Whether there is anything to fetch."""
        return bool(self.requests or self.unfinished)


def plan_refill(source: HasCoverage, parts: Iterable[Part], reader: CoverageReader) -> RefillPlan:
    """Plan the refill of parts: retry their open requests, or ask the source for new ones. Skip complete parts."""
    keys: list[str] = []
    requests: dict[str, Request] = {}
    ids: dict[int, None] = {}
    for part in parts:
        if part.unfinished:
            ids |= dict.fromkeys(part.unfinished)
        elif part.state in REFILLED and part.fillable:
            requests |= {request.key: request for request in source.refill(part.key, reader)}
        else:
            continue
        keys.append(part.key)
    return RefillPlan(parts=tuple(keys), requests=tuple(requests.values()), unfinished=tuple(ids))
