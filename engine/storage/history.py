"""What earlier runs left in a database, read without opening it for writing: for the picker and for `check`."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.common.errors import StoreUnusable
from engine.storage import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of one source."""

    last_started: float
    """Seconds since the epoch, UTC."""
    last_state: str
    resumable: int
    """Requests that unfinished runs left to do."""
    rows: Mapping[str, int]
    """Rows per table, by the table's name in the file ("github_repo")."""


def read_history(database: Path) -> Mapping[str, Past]:
    """Return what a database knows, by source; nothing when there is no database yet.

    Raises:
        StoreUnusable: the file is not a database of ours, or cannot be read.
    """
    if not database.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            if db.execute("pragma application_id").fetchone()[0] != schema.APPLICATION_ID:
                raise StoreUnusable(f"{database} is a database of another program: name another file with --db")
            return _read(db)
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {database}: {error}: name another file with --db") from error


def _read(db: sqlite3.Connection) -> Mapping[str, Past]:
    runs = db.execute("select source, started_at, state from run where id in (select max(id) from run group by source)")
    waiting = dict(
        db.execute(
            "select source, count(*) from request join run on run.id = run_id"
            " where request.state in ('queued', 'claimed') and run.state not in ('done', 'superseded') group by source"
        ).fetchall()
    )
    return {
        source: Past(last_started=started, last_state=state, resumable=waiting.get(source, 0), rows=_rows(db, source))
        for source, started, state in runs.fetchall()
    }


def _rows(db: sqlite3.Connection, source: str) -> Mapping[str, int]:
    """Count the rows of a source's tables. The names are the store's own, checked when the tables were made."""
    prefix = source.replace("-", "_") + "_"
    names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
    return {
        name: int(db.execute(f"select count(*) from {name}").fetchone()[0])  # noqa: S608 - a table's name, no data
        for name in names
        if name.startswith(prefix)
    }
