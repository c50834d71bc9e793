"""The change feed: which rows are new, changed, renamed or gone. Functions over one connection.

Triggers note each row as it is written, so a change and the row it is about are one transaction. They are temporary:
the one connection that writes has them, and a file carries none. Written a second time as they are, rows are no change.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from engine.model.source import Table
from engine.storage.source_tables import table_name

KEPT: Final = 1_000
"""Changes kept of each table and kind: the newest. They are counted for ever."""
LONGEST: Final = 200
"""Characters kept of a text before and after."""
HOUR: Final = 3_600
_NAMES: Final = frozenset({"name", "full_name", "full_path", "login"})
"""Columns that say what something is called: another value in one of them is a new name."""
_LABELS: Final = ("full_name", "full_path", "title", "title_romaji", "name", "login", "path", "my_title")
"""What a row is shown as: the first of these that it has."""


def watch(db: sqlite3.Connection, source: str, tables: Iterable[Table], run: int) -> None:
    """Note every row that is written from now on, as one of this run. The names were checked with the tables."""
    for table in tables:
        name = table_name(source, table.name)
        for event in ("insert", "update"):
            db.execute(f"drop trigger if exists temp.{name}_{event}")
        db.execute(_on_insert(name, source, table, run))
        if _watched(table):
            db.execute(_on_update(name, source, table, run))


def mark(db: sqlite3.Connection) -> int:
    """Return the number of the last change so far."""
    return int(db.execute("select coalesce(max(id), 0) from change").fetchone()[0])


def tally(db: sqlite3.Connection, since: int) -> None:
    """Count the changes since a mark, and let go of the oldest ones."""
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


def _forget(db: sqlite3.Connection, source: str, tbl: str, kind: str) -> None:
    """Keep the newest changes of a kind; done once in so many, the table holds up to twice of what is kept."""
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


def _on_update(name: str, source: str, table: Table, run: int) -> str:
    columns = _watched(table)
    before, after = (", ".join(f"{side}.{column}" for column in columns) for side in ("old", "new"))
    fields = " || ".join(f"iif(old.{column} is not new.{column}, '{column},', '')" for column in columns)
    return (
        f"create temp trigger {name}_update after update on main.{name} when ({before}) is not ({after}) begin"  # noqa: S608 - likewise
        " insert into change(source, tbl, key, name, at, run_id, kind, fields, old, new) values"
        f" ('{source}', '{table.name}', {_key(table)}, {_label(table)}, new.changed_at, {run}, {_kind(columns)},"
        f" {fields}, {_values(columns, 'old')}, {_values(columns, 'new')}); end"
    )


def _watched(table: Table) -> Sequence[str]:
    return [column.name for column in table.columns if column.name not in table.key]


def _key(table: Table) -> str:
    return f"json_array({', '.join(f'new.{column}' for column in table.key)})"


def _label(table: Table) -> str:
    columns = {column.name for column in table.columns}
    found = next((label for label in _LABELS if label in columns), None)
    return "null" if found is None else f"substr(new.{found}, 1, {LONGEST})"


def _kind(columns: Sequence[str]) -> str:
    """Build what tells kinds apart: gone counts more than renamed, and that more than changed."""
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
    """Build an object of the columns that differ; a long text is cut."""
    values = [
        f"'{one}', iif(old.{one} is not new.{one},"
        f" iif(typeof({side}.{one}) = 'text', substr({side}.{one}, 1, {LONGEST}), {side}.{one}), null)"
        for one in columns
    ]
    return f"json_object({', '.join(values)})"
