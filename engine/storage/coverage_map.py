"""The coverage map, read from a database while a harvest may run. The file is opened read-only and closed again."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.common.errors import UsageError
from engine.common.text import clean, nearest
from engine.model.completeness import of_part
from engine.model.coverage import (
    CoverageReader,
    HasCoverage,
    OpenRequest,
    Part,
    PartState,
    RefillPlan,
    plan_refill,
)
from engine.model.source import Key, Memory, Source, Table
from engine.storage import frontier, walk_starts, walks
from engine.storage.earlier_configuration import earlier
from engine.storage.opening import reading
from engine.storage.runs import read_coverage
from engine.storage.source_tables import STORED, Lookup, table_name

MOST: Final = 50_000
"""Unfinished requests read at most: failed ones first, then claimed, then queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageMap:
    """The parts of one source, and the reader they were computed from."""

    source: Source
    parts: Sequence[Part]
    reader: CoverageReader

    def shown(self) -> Sequence[Part]:
        """Return the parts with their texts cleaned for display."""
        return [_shown(self.source.name, one) for one in self.parts]

    def plan_refill(self, wanted: Sequence[str]) -> RefillPlan:
        """Plan the refill of parts. `wanted` holds part keys and states; a state selects every part that is in it.

        Raises:
            UsageError: there is no such part.
        """
        states = {state.value for state in PartState}
        keys = {one.key for one in self.parts}
        for name in wanted:
            if name not in states and name not in keys:
                guess = nearest(name, keys)
                meant = f'did you mean "{guess}"? ' if guess else ""
                lists = f"`fetchdeck coverage {self.source.name}` lists them"
                raise UsageError(f'{self.source.name} has no part "{clean(name, 80)}": {meant}{lists}')
        chosen = [one for one in self.parts if one.key in wanted or one.state.value in wanted]
        assert isinstance(self.source, HasCoverage)
        return plan_refill(self.source, chosen, self.reader)


@contextmanager
def coverage_map(database: Path, source: Source, *, now: float) -> Iterator[CoverageMap]:
    """Read a source's parts. `now` is in epoch seconds.

    A database that does not exist yet reads as an empty one.

    Raises:
        StoreUnusable: the file belongs to another program, or cannot be read.
        UsageError: the source's options select nothing.
    """
    memory = Memory(started=datetime.fromtimestamp(now, UTC))
    if not isinstance(source, HasCoverage):
        yield CoverageMap(source=source, parts=(), reader=CoverageReader(memory=memory))
        return
    if not database.exists():
        reader = CoverageReader(memory=memory)
        yield CoverageMap(source=source, parts=list(source.parts(reader)), reader=reader)
        return
    with reading(database, timeout=0.5) as db:
        known = {row[0] for row in db.execute("select name from sqlite_master where type = 'table'")}
        mine = [one for one in source.tables if table_name(source.name, one.name) in known]
        with closing(Lookup(database=database, source=source.name, tables=mine)) as lookup:
            reader = _reader(db, source, _Tables(db, source.name, mine, lookup), memory)
            parts = [of_part(one, reader.ends.get(one.key)) for one in source.parts(reader)]
            yield CoverageMap(source=source, parts=parts, reader=reader)


def _reader(db: sqlite3.Connection, source: Source, tables: "_Tables", empty: Memory) -> CoverageReader:
    cursors = dict(db.execute("select name, value from cursor where source = ?", (source.name,)).fetchall())
    covered = read_coverage(db, source.name)
    apart = earlier(db, source)
    return CoverageReader(
        memory=Memory(cursors=cursors, covered=covered, rows=tables.known, started=empty.started),
        unfinished=_unfinished(db, source.name, apart.requests),
        rows=tables.rows,
        counts=tables.counts,
        total=tables.total,
        between=tables.between,
        landed=_landings(db, source.name),
        ends=walks.by_part(db, source.name, apart.cut),
    )


class _Tables:
    """Queries over those tables of a source that exist in the file. Only declared, checked names reach the SQL."""

    def __init__(self, db: sqlite3.Connection, source: str, tables: Sequence[Table], lookup: Lookup) -> None:
        self._db = db
        self._source = source
        self._lookup = lookup
        self._columns = {one.name: {*(column.name for column in one.columns), *STORED} for one in tables}

    def rows(self, table: str, wanted: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        if table in self._columns:
            for row in self._db.execute(f"select {', '.join(wanted)} from {self._named(table, wanted)}"):  # noqa: S608 - names only
                yield dict(zip(wanted, row, strict=True))

    def counts(self, table: str, column: str) -> Mapping[Any, int]:
        if table not in self._columns:
            return {}
        name = self._named(table, [column])
        return dict(self._db.execute(f"select {column}, count(*) from {name} group by {column}"))  # noqa: S608 - likewise

    def total(self, table: str) -> int:
        return self._count(table, "")

    def between(self, table: str, column: str, low: int, high: int) -> int:
        return self._count(table, f" where {column} between ? and ?", [column], (low, high))

    def known(self, table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        return self._lookup.rows(table, keys) if table in self._columns else {}

    def _count(self, table: str, where: str, columns: Sequence[str] = (), values: Sequence[int] = ()) -> int:
        if table not in self._columns:
            return 0
        query = f"select count(*) from {self._named(table, columns)}{where}"  # noqa: S608 - likewise
        return int(self._db.execute(query, values).fetchone()[0])

    def _named(self, table: str, columns: Sequence[str]) -> str:
        assert set(columns) <= self._columns[table], f"{table} has no columns {columns}"
        return table_name(self._source, table)


def _unfinished(db: sqlite3.Connection, source: str, apart: Collection[int]) -> Sequence[OpenRequest]:
    """Read unfinished requests by state: failed, claimed, queued. Each state has a partial index of its own.

    Those of an earlier configuration (`apart`) are left out.
    """
    runs = db.execute("select id from run where source = ? and state != 'superseded'", (source,)).fetchall()
    found: list[OpenRequest] = []
    for state in ("failed", "claimed", "queued"):
        for (run,) in runs:
            rows = db.execute(
                f"select id, spec, reason from request where run_id = ? and state = '{state}' order by id limit ?",  # noqa: S608 - one of three words
                (run, MOST - len(found)),
            )
            found += [
                OpenRequest(id=id, request=frontier.unpack(spec), failed=state == "failed", reason=reason)
                for id, spec, reason in rows
                if id not in apart
            ]
    return found


def _landings(db: sqlite3.Connection, source: str) -> Callable[[str], float | None]:
    runs = [row[0] for row in db.execute("select id from run where source = ? order by id desc limit 20", (source,))]

    def landed(key: str) -> float | None:
        for run in runs:
            query = "select ended_at from request where run_id = ? and key = ? and state = 'done'"
            row = db.execute(query, (run, key)).fetchone()
            if row:
                return float(row[0])
        return walk_starts.landed(db, source, key)  # a walk that was resumed began in a run whose requests are gone

    return landed


def _shown(source: str, part: Part) -> Part:
    return replace(
        part,
        source=source,
        key=clean(part.key, 300),
        name=clean(part.name, 200),
        detail=clean(part.detail, 200),
        fillable=bool(part.unfinished) or (part.fillable and part.state is not PartState.COMPLETE),
    )
