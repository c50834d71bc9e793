"""A coverage reader over rows in memory, for tests of a source's coverage map."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.model.coverage import CoverageReader, OpenRequest, Part
from engine.model.source import Key, Memory, Request
from engine.model.walk import WalkReport

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
Rows = Sequence[Mapping[str, Any]]


def coverage_reader(
    *,
    cursors: Mapping[str, str] | None = None,
    covered: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    tables: Mapping[str, Rows] | None = None,
    keys: Mapping[str, Sequence[str]] | None = None,
    landed: Mapping[str, float] | None = None,
    failed: Sequence[Request] = (),
    queued: Sequence[Request] = (),
    ends: Mapping[str, WalkReport] | None = None,
) -> CoverageReader:
    """Make a reader.

    `keys` are the key columns of tables that are looked up. If no `ends` are given, all lists whose first page landed
    are whole.
    """
    stored, known = tables or {}, landed or {}

    def lookup(table: str, wanted: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        columns = (keys or {}).get(table, ("id",))
        found = {tuple(row[column] for column in columns): row for row in stored.get(table, ())}
        return {key: found[key] for key in wanted if key in found}

    def rows(table: str, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        return ({column: row.get(column) for column in columns} for row in stored.get(table, ()))

    def between(table: str, column: str, low: int, high: int) -> int:
        return sum(low <= row[column] <= high for row in stored.get(table, ()))

    unfinished = [OpenRequest(id=at, request=one, failed=True, reason="502") for at, one in enumerate(failed)]
    unfinished += [OpenRequest(id=100 + at, request=one, failed=False, reason="") for at, one in enumerate(queued)]
    return CoverageReader(
        memory=Memory(cursors=cursors or {}, covered=covered or {}, rows=lookup, started=NOW),
        unfinished=unfinished,
        rows=rows,
        counts=lambda table, column: Counter(row[column] for row in stored.get(table, ())),
        total=lambda table: len(stored.get(table, ())),
        between=between,
        landed=known.get,
        ends={part: WalkReport(whole=1) for part in known} if ends is None else ends,
    )


def told(parts: Sequence[Part]) -> dict[str, str]:
    """Return the state of each part."""
    return {one.key: one.state.value for one in parts}
