"""What earlier runs left in a database, read without opening it for writing. For the picker, `plan` and `check`."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from engine.model.lane_state import Quota
from engine.model.source import Key, Memory, Source
from engine.storage import journal, walks
from engine.storage.opening import reading
from engine.storage.runs import read_coverage
from engine.storage.schema import has_table
from engine.storage.source_tables import Lookup, stored_tables, table_name

# Planning: what a run would start from, read without starting one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What a database knows of one source."""

    memory: Memory
    quotas: Mapping[str, Sequence[Quota]] = field(default_factory=dict)
    """Budget windows that are still open, by resource."""
    left: int = 0
    """Requests left in an unfinished run of this scope: the next run resumes them."""


@contextmanager
def recall(database: Path, source: Source, *, now: float, full: bool = False) -> Iterator[Recalled]:
    """Return what a run starting at `now` (epoch seconds) would remember; an empty memory without a database.

    The functions of the memory that look up and count rows work until the block ends.

    Raises:
        StoreUnusable: the file belongs to another program, or cannot be read.
    """
    empty = Memory(started=datetime.fromtimestamp(now, UTC), full=full)
    if not database.exists():
        yield Recalled(memory=empty)
        return
    with reading(database) as db:
        found = _read_known(db, source, empty, now)
        with closing(Lookup(database=database, source=source.name, tables=source.tables)) as lookup:
            rows, count = partial(_rows_of, db, source, lookup), partial(_count, db, source)
            yield replace(found, memory=replace(found.memory, rows=rows, count=count))


# History: the last run and the row counts of every source.


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHistory:
    """The last run of one source, and what it stored."""

    last_started: float
    """Seconds since the epoch, UTC."""
    last_state: str
    resumable: int
    """Requests left in unfinished runs."""
    cut: int = 0
    """Walks that are cut: what is stored of them is not all of them."""
    rows: Mapping[str, int]
    """Rows per table, by the table's name in the file ("github_repo")."""


def read_history(database: Path) -> Mapping[str, SourceHistory]:
    """Return the history of each source in a database; {} when there is no database.

    Raises:
        StoreUnusable: the file belongs to another program, or cannot be read.
    """
    if not database.exists():
        return {}
    with reading(database) as db:
        return _read(db)


def _rows_of(
    db: sqlite3.Connection, source: Source, lookup: Lookup, table: str, keys: Sequence[Key]
) -> Mapping[Key, Mapping[str, Any]]:
    return lookup.rows(table, keys) if has_table(db, table_name(source.name, table)) else {}


def _count(db: sqlite3.Connection, source: Source, table: str) -> int:
    name = table_name(source.name, table)
    if not has_table(db, name):
        return 0
    return int(db.execute(f"select count(*) from {name}").fetchone()[0])  # noqa: S608 - a table's name, no data


def _read_known(db: sqlite3.Connection, source: Source, empty: Memory, wall: float) -> Recalled:
    cursors = dict(db.execute("select name, value from cursor where source = ?", (source.name,)).fetchall())
    covered = read_coverage(db, source.name)
    memory = Memory(cursors=cursors, covered=covered, started=empty.started, full=empty.full)
    resources = {budget.resource for budget in source.budgets}
    quotas = {name: journal.latest_windows(db, journal.domain_name(source, name), wall) for name in resources}
    return Recalled(memory=memory, quotas=quotas, left=0 if empty.full else _left(db, source))


def _left(db: sqlite3.Connection, source: Source) -> int:
    found = db.execute(
        "select count(*) from request join run on run.id = run_id where request.state in ('queued', 'claimed')"
        " and run.source = ? and run.scope = ? and run.state not in ('done', 'superseded')",
        (source.name, source.scope()),
    )
    return int(found.fetchone()[0])


def _read(db: sqlite3.Connection) -> Mapping[str, SourceHistory]:
    runs = db.execute("select source, started_at, state from run where id in (select max(id) from run group by source)")
    waiting = dict(
        db.execute(
            "select source, count(*) from request join run on run.id = run_id"
            " where request.state in ('queued', 'claimed') and run.state not in ('done', 'superseded') group by source"
        ).fetchall()
    )
    rows = _rows(db)
    return {
        source: SourceHistory(
            last_started=started,
            last_state=state,
            resumable=waiting.get(source, 0),
            cut=walks.cut(db, source, 0)[1],
            rows=rows.get(source, {}),
        )
        for source, started, state in runs.fetchall()
    }


def _rows(db: sqlite3.Connection) -> Mapping[str, Mapping[str, int]]:
    """Count the rows of every table, by source and table."""
    found: dict[str, dict[str, int]] = {}
    for one in stored_tables(db):
        query = f"select count(*) from {one.name}"  # noqa: S608 - the store checked the name when it made the table
        found.setdefault(one.source, {})[one.name] = int(db.execute(query).fetchone()[0])
    return found
