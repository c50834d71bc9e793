"""Change feed: which rows are new, changed, renamed or gone. Functions over one connection.

Temporary triggers insert into `change` whenever a row is written, so a change and its row commit in one transaction.
Temporary triggers exist only in the connection that created them (https://sqlite.org/lang_createtrigger.html): the
writer has them, and the file stores none. The upsert of `source_tables` skips rows that are equal, so writing the same
row twice is no change.
"""

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.common.text import clean
from engine.model.changes import Change, Changes, Tally
from engine.model.source import Table
from engine.storage.opening import open_read_only, reading
from engine.storage.schema import has_table
from engine.storage.source_tables import table_name

KEPT: Final = 1_000
"""Newest changes kept per table and kind. The counts in `change_count` are kept for ever."""
LONGEST: Final = 200
"""Characters kept of a text value, before and after."""
HOUR: Final = 3_600
_NAMES: Final = frozenset({"name", "full_name", "full_path", "login"})
"""Columns that hold a name: a new value in one of them makes the change a rename."""
_LABELS: Final = ("full_name", "full_path", "title", "title_romaji", "name", "login", "path", "my_title")
"""Columns to label a row with; the first one that the table has is used."""
MOST: Final = 2_000
"""Changes listed: the newest."""
_SHOWN: Final = 120
"""Characters shown of a value."""


def watch(db: sqlite3.Connection, source: str, tables: Iterable[Table], run: int, *, began: float = math.inf) -> None:
    """Create the triggers that record every later write as a change of this run.

    A row that was added since `began` (the run's start, in epoch seconds) is new in this run. It is not changed as well
    when another request of the run fills in its details.

    The SQL holds table and column names unquoted: `source_tables.create` has checked them.
    """
    for table in tables:
        name = table_name(source, table.name)
        for event in ("insert", "update"):
            db.execute(f"drop trigger if exists temp.{name}_{event}")
        db.execute(_on_insert(name, source, table, run))
        if _watched(table):
            db.execute(_on_update(name, source, table, run, began))


def mark(db: sqlite3.Connection) -> int:
    """Return the id of the newest change, to be passed to `tally` after the writes."""
    return int(db.execute("select coalesce(max(id), 0) from change").fetchone()[0])


def tally(db: sqlite3.Connection, since: int) -> int:
    """Add the changes after `since` to the counters; delete old changes when a counter passes a multiple of KEPT.

    Return how many rows were new.
    """
    found = db.execute(
        "select source, tbl, kind, run_id, cast(at / ? as integer), count(*) from change where id > ?"
        " group by source, tbl, kind, run_id, 5",
        (HOUR, since),
    ).fetchall()
    for source, tbl, kind, run, hour, many in found:
        total = db.execute(
            "insert into change_count(source, tbl, kind, run_id, hour, count) values(?, ?, ?, ?, ?, ?)"
            " on conflict(source, tbl, kind, run_id, hour) do update set count = count + excluded.count"
            " returning count",
            (source, tbl, kind, run, hour, many),
        ).fetchone()[0]
        if total // KEPT != (total - many) // KEPT:
            _forget(db, source, tbl, kind)
    return sum(many for *_, kind, _, _, many in found if kind == "new")


def record_gone(db: sqlite3.Connection, source: str, table: Table, run: int, rows: Iterable[int], now: float) -> None:
    """Record that rows, given by their SQLite row ids, are about to be deleted. There is no trigger for that."""
    db.executemany(
        "insert into change(source, tbl, key, name, at, run_id, kind)"  # noqa: S608 - checked names
        f" select ?, ?, {_key(table, 'stored')}, {_label(table, 'stored')}, ?, ?, 'gone'"
        f" from {table_name(source, table.name)} as stored where stored._rowid_ = ?",
        [(source, table.name, now, run, row) for row in rows],
    )


# Reading: read-only connections, opened beside a running harvest.


def read_changes(
    database: Path, sources: Sequence[str] = (), *, since: float | None = None, most: int = MOST
) -> Changes:
    """Return the changes of the given sources, or of all.

    `since` is in epoch seconds. Counters are stored per hour, so the tallies begin at the start of that hour; the
    listed rows begin exactly at `since`.

    Raises:
        StoreUnusable: the file belongs to another program, or cannot be read.
    """
    nothing = Changes(born=None, tallies=(), rows=())
    if not database.exists():
        return nothing
    with reading(database, timeout=0.5) as db:
        if not has_table(db, "change"):
            return nothing  # an older fetchdeck wrote this file, and it was not opened for writing since
        return _read(db, tuple(sources), since, most)


def last_run_counts(database: Path) -> Mapping[str, Mapping[str, int]]:
    """Count the changes of each source's last run, by source and kind; return {} when the file cannot be read."""
    query = (
        "select change_count.source, kind, sum(count) from change_count"
        " where run_id in (select max(id) from run group by source) group by change_count.source, kind"
    )
    found: dict[str, dict[str, int]] = {}
    try:
        with closing(open_read_only(database, timeout=0.5)) as db:
            for source, kind, many in db.execute(query):
                found.setdefault(source, {})[kind] = many
    except sqlite3.Error:
        return {}
    return found


def _forget(db: sqlite3.Connection, source: str, tbl: str, kind: str) -> None:
    """Delete all but the newest KEPT changes of a kind.

    It runs once per KEPT changes: up to twice as many are stored.
    """
    db.execute(
        "delete from change where source = ? and tbl = ? and kind = ? and id <="
        " (select id from change where source = ? and tbl = ? and kind = ? order by id desc limit 1 offset ?)",
        (source, tbl, kind, source, tbl, kind, KEPT),
    )


def _on_insert(name: str, source: str, table: Table, run: int) -> str:
    return (
        f"create temp trigger {name}_insert after insert on main.{name} begin"  # noqa: S608 - checked names
        " insert into change(source, tbl, key, name, at, run_id, kind) values"
        f" ('{source}', '{table.name}', {_key(table)}, {_label(table)}, new.added_at, {run}, 'new'); end"
    )


def _on_update(name: str, source: str, table: Table, run: int, began: float) -> str:
    columns = _watched(table)
    before, after = (", ".join(f"{side}.{column}" for column in columns) for side in ("old", "new"))
    kind = _kind(columns)
    differs = f"({before}) is not ({after})"
    if math.isfinite(began):
        differs += f" and not (new.added_at >= {began!r} and {kind} = 'changed')"
    fields = " || ".join(f"iif(old.{column} is not new.{column}, '{column},', '')" for column in columns)
    return (
        f"create temp trigger {name}_update after update on main.{name} when {differs} begin"  # noqa: S608 - likewise
        " insert into change(source, tbl, key, name, at, run_id, kind, fields, old, new) values"
        f" ('{source}', '{table.name}', {_key(table)}, {_label(table)}, new.changed_at, {run}, {kind},"
        f" {fields}, {_values(columns, 'old')}, {_values(columns, 'new')}); end"
    )


def _watched(table: Table) -> Sequence[str]:
    return [column.name for column in table.columns if column.name not in table.key]


def _key(table: Table, row: str = "new") -> str:
    return f"json_array({', '.join(f'{row}.{column}' for column in table.key)})"


def _label(table: Table, row: str = "new") -> str:
    columns = {column.name for column in table.columns}
    found = next((label for label in _LABELS if label in columns), None)
    return "null" if found is None else f"substr({row}.{found}, 1, {LONGEST})"


def _kind(columns: Sequence[str]) -> str:
    """Build the SQL for a change's kind. "gone" takes precedence over "renamed", and "renamed" over "changed"."""
    gone = [f"(new.{one} is not null and old.{one} is null)" for one in ("gone_at",) if one in columns]
    gone += [f"(coalesce(old.{one}, 0) = 0 and new.{one} > 0)" for one in ("gone",) if one in columns]
    gone += [f"(old.{one} = 1 and new.{one} = 0)" for one in ("active", "current") if one in columns]
    names = [one for one in columns if one in _NAMES or (one == "path" and "full_path" in columns)]
    renamed = [f"(old.{one} is not null and new.{one} is not null and old.{one} <> new.{one})" for one in names]
    words = [
        f" when {' or '.join(tests)} then '{kind}'" for tests, kind in ((gone, "gone"), (renamed, "renamed")) if tests
    ]
    return f"case{''.join(words)} else 'changed' end" if words else "'changed'"


def _values(columns: Sequence[str], side: str) -> str:
    """Build the SQL for a JSON object of the changed columns' values; long texts are cut."""
    values = [
        f"'{one}', iif(old.{one} is not new.{one},"
        f" iif(typeof({side}.{one}) = 'text', substr({side}.{one}, 1, {LONGEST}), {side}.{one}), null)"
        for one in columns
    ]
    return f"json_object({', '.join(values)})"


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
        key=clean(_shown_key(row["key"])),
        name=clean(row["name"]),
        at=row["at"],
        run=row["run_id"],
        kind=row["kind"],
        what=tuple((one, _said(before.get(one)), _said(after.get(one))) for one in columns),
    )


def _shown_key(key: str) -> str:
    """Return a key as text: the columns joined with slashes."""
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
