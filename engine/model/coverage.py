"""The parts of what a source harvests, and how much of each is there: the coverage map. Pure.

A source says it by a function of what is on disk, so nothing has to be kept up to date beside the rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from engine.model.source import Memory, Request

DAY: Final = 86_400.0


class PartState(StrEnum):
    """How much of a part is there."""

    COMPLETE = "complete"
    STALE = "stale"
    """It was fetched whole, and the source knows of something newer, or that its time is over."""
    FAILED = "failed"
    """A request of it failed for good."""
    QUEUED = "queued"
    """It is being fetched, or an unfinished run will go on with it."""
    MISSING = "missing"
    UNKNOWN = "unknown"
    """There are rows, and nothing says whether they are all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A request on disk that is not done."""

    id: int
    request: Request
    failed: bool
    """It failed for good; else it is queued."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: a range of ids, a list of a repository, a channel, an endpoint. A row of the coverage map."""

    source: str = ""
    """The source's name. The coverage map fills it in, so a source leaves it out."""
    key: str
    """Names it on the command line; unique within the source, and the same in every run."""
    name: str
    state: PartState
    detail: str = ""
    """Why it is in that state, in a few words."""
    rows: int | None = None
    """None where nobody counted."""
    updated: float | None = None
    """When it was last known whole, seconds since the epoch; None where nothing says so."""
    fillable: bool = True
    """Whether the source can name requests that fetch it, where none is on disk. In the coverage map: whether it can be
    fetched alone at all."""
    unfinished: tuple[int, ...] = ()
    """The requests on disk that belong to it: tried again, they fill it."""

    def aging(self, now: float, days: float = 1.0) -> "Part":
        """Return the part as time makes it, where nothing else tells that there is something newer."""
        if self.state is not PartState.COMPLETE or self.updated is None or now - self.updated < days * DAY:
            return self
        old = int((now - self.updated) / DAY)
        return replace(self, state=PartState.STALE, detail=f"looked at {_counted(max(1, old), 'day')} ago")

    def amid(self, unfinished: Sequence[OpenRequest]) -> "Part":
        """Return the part as its unfinished requests make it: a failed one counts more than a queued one."""
        if not unfinished:
            return self
        ids = tuple(one.id for one in unfinished)
        failed = [one for one in unfinished if one.failed]
        if failed:
            detail = f"{_counted(len(failed), 'request')} failed: {failed[-1].reason}"
            return replace(self, state=PartState.FAILED, detail=detail, unfinished=ids)
        detail = f"{_counted(len(ids), 'request')} queued"
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
    """What is on disk of one source, read only. Functions read when they are asked; names are declared ones."""

    memory: Memory
    unfinished: Sequence[OpenRequest] = ()
    rows: Callable[[str, Sequence[str]], Iterator[Mapping[str, Any]]] = _no_rows
    """Yields all rows of a table, by these columns; `raw`, `added_at` and `changed_at` are among what may be asked."""
    counts: Callable[[str, str], Mapping[Any, int]] = _no_counts
    """Counts a table's rows by the values of a column."""
    total: Callable[[str], int] = _no_total
    """Counts a table's rows."""
    between: Callable[[str, str, int, int], int] = _no_between
    """Counts a table's rows whose column lies from low to high, both included."""
    landed: Callable[[str], float | None] = _no_landing
    """Says when the request of a key last landed, as far as runs remember it."""

    def by_part(self, part_of: Callable[[Request], str | Sequence[str]]) -> Mapping[str, Sequence[OpenRequest]]:
        """Sort the unfinished requests by the part, or the parts, they belong to; "" is none."""
        found: dict[str, list[OpenRequest]] = {}
        for one in self.unfinished:
            parts = part_of(one.request)
            for part in (parts,) if isinstance(parts, str) else parts:
                found.setdefault(part, []).append(one)
        found.pop("", None)
        return found


@runtime_checkable
class HasCoverage(Protocol):
    """What a source may add, so that its coverage can be shown, and filled part by part."""

    def parts(self, book: CoverageReader) -> Iterable[Part]:
        """Say which parts there are, from what is configured and what is on disk."""

    def refill(self, key: str, book: CoverageReader) -> Iterable[Request]:
        """Name the first requests that fetch a part anew; none where it cannot be told apart from the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillPlan:
    """What is to be fetched to fill some parts, and nothing besides."""

    parts: Sequence[str]
    """Their keys."""
    requests: Sequence[Request] = field(default=())
    """To be added."""
    unfinished: Sequence[int] = field(default=())
    """Requests on disk to be tried again."""

    def __bool__(self) -> bool:
        """Say whether there is anything to fetch."""
        return bool(self.requests or self.unfinished)


def filling(source: HasCoverage, parts: Iterable[Part], book: CoverageReader) -> RefillPlan:
    """Say what fills parts: what is left of it on disk, else what the source names. A complete part needs nothing."""
    keys: list[str] = []
    requests: dict[str, Request] = {}
    ids: dict[int, None] = {}
    for part in parts:
        if part.unfinished:
            ids |= dict.fromkeys(part.unfinished)
        elif part.state in {PartState.MISSING, PartState.STALE, PartState.UNKNOWN} and part.fillable:
            requests |= {request.key: request for request in source.refill(part.key, book)}
        else:
            continue
        keys.append(part.key)
    return RefillPlan(parts=tuple(keys), requests=tuple(requests.values()), unfinished=tuple(ids))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
