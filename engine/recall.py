"""What a database remembers of a source, read without a run: for `fetchdeck plan`."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engine import coverage, journal, schema
from engine.errors import StoreUnusable
from engine.naming import domain
from engine.snapshot import Quota
from engine.source import Memory, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What is known of one source."""

    memory: Memory
    quotas: Mapping[str, Sequence[Quota]] = field(default_factory=dict)
    """By resource: the windows that still run."""


def recall(database: Path, source: Source, *, now: float, full: bool = False) -> Recalled:
    """Return what a run that began now (seconds since the epoch) would remember; nothing without a database.

    Raises:
        StoreUnusable: the file is not a database of ours, or cannot be read.
    """
    empty = Memory(started=datetime.fromtimestamp(now, UTC), full=full)
    if not database.exists():
        return Recalled(memory=empty)
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            if db.execute("pragma application_id").fetchone()[0] != schema.APPLICATION_ID:
                raise StoreUnusable(f"{database} is a database of another program: name another file with --db")
            return _read(db, source, empty, now)
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {database}: {error}: name another file with --db") from error


def _read(db: sqlite3.Connection, source: Source, empty: Memory, wall: float) -> Recalled:
    cursors = dict(db.execute("select name, value from cursor where source = ?", (source.name,)).fetchall())
    covered = coverage.read(db, source.name)
    memory = Memory(cursors=cursors, covered=covered, started=empty.started, full=empty.full)
    resources = {budget.resource for budget in source.budgets}
    quotas = {
        name: journal.known(db, domain=domain(source, name), source=source.name, lane=name, span=0.0, wall=wall).quotas
        for name in resources
    }
    return Recalled(memory=memory, quotas=quotas)
