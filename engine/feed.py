"""Reads the change feed beside a running harvest: how many rows are new, changed, renamed or gone, and which."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.common.errors import StoreUnusable
from engine.common.text import clean
from engine.snapshot_changes import Change, Changes, Tally
from engine.storage import schema
from engine.storage.change_feed import HOUR

MOST: Final = 2_000
"""Changes listed: the newest."""
_SHOWN: Final = 120
"""Characters shown of a value."""


def changes(database: Path, sources: Sequence[str] = (), *, since: float | None = None, most: int = MOST) -> Changes:
    """Return the changes of some sources, or of all; `since` (epoch seconds) counts from the beginning of its hour.

    Raises:
        StoreUnusable: the file is not a database of ours, or cannot be read.
    """
    nothing = Changes(born=None, tallies=(), rows=())
    if not database.exists():
        return nothing
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=0.5)) as db:
            if db.execute("pragma application_id").fetchone()[0] != schema.APPLICATION_ID:
                raise StoreUnusable(f"{database} is a database of another program: name another file with --db")
            if not db.execute("select 1 from sqlite_master where name = 'change'").fetchone():
                return nothing  # written by an older fetchdeck, and not opened for writing since
            return _read(db, tuple(sources), since, most)
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {database}: {error}: name another file with --db") from error


def of_runs(database: Path) -> Mapping[str, Mapping[str, int]]:
    """Count what each source's last run has changed so far: by source and kind. Nothing where it cannot be read."""
    query = (
        "select change_count.source, kind, sum(count) from change_count"
        " where run_id in (select max(id) from run group by source) group by change_count.source, kind"
    )
    found: dict[str, dict[str, int]] = {}
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=0.5)) as db:
            for source, kind, many in db.execute(query):
                found.setdefault(source, {})[kind] = many
    except sqlite3.Error:
        return {}
    return found


def _read(db: sqlite3.Connection, sources: Sequence[str], since: float | None, most: int) -> Changes:
    db.row_factory = sqlite3.Row
    mine = f" and source in ({', '.join('?' * len(sources))})" if sources else ""
    hour = -1 if since is None else int(since // HOUR)
    counted = db.execute(
        "select source, tbl, kind, sum(count) from change_count where hour >= ?"  # noqa: S608 - question marks only
        f"{mine} group by source, tbl, kind order by source, tbl, kind",
        (hour, *sources),
    )
    listed = db.execute(
        "select id, source, tbl, key, coalesce(name, '') as name, at, run_id, kind, fields, old, new from change"  # noqa: S608 - likewise
        f" where at >= ?{mine} order by id desc limit ?",
        (hour * HOUR if since is None else since, *sources, most),
    )
    born = db.execute("select min(started_at) from run").fetchone()[0]
    return Changes(
        born=born,
        tallies=tuple(Tally(source=s, table=t, kind=k, count=c) for s, t, k, c in counted),
        rows=tuple(map(_change, listed)),
    )


def _change(row: sqlite3.Row) -> Change:
    before, after = _decoded(row["old"]), _decoded(row["new"])
    columns = [one for one in row["fields"].split(",") if one]
    return Change(
        number=row["id"],
        source=row["source"],
        table=row["tbl"],
        key=clean(_key(row["key"])),
        name=clean(row["name"]),
        at=row["at"],
        run=row["run_id"],
        kind=row["kind"],
        what=tuple((one, _said(before.get(one)), _said(after.get(one))) for one in columns),
    )


def _key(key: str) -> str:
    """Write a key: its only column as it is, several with slashes between."""
    try:
        return "/".join(str(one) for one in msgspec.json.decode(key, type=list[Any]))
    except msgspec.DecodeError:
        return key


def _decoded(values: str | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(values or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _said(value: object) -> str:
    return "nothing" if value is None else clean(str(value), _SHOWN)
