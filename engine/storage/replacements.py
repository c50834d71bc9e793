"""Rows that a page replaces: what a parent had before and the page names no more is deleted, and recorded as gone."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from engine.model.source import Key, Page, Record, Replacement, Table
from engine.storage import change_feed
from engine.storage.source_tables import key_condition, storable, table_name


def apply(db: sqlite3.Connection, source: str, tables: Sequence[Table], run: int, page: Page, now: float) -> None:
    """Delete the rows that a page leaves out of those it replaces. Its own rows have been written before.

    Raises:
        BadBody: the key of a parent cannot be stored.
    """
    declared = {table.name: table for table in tables}
    with storable():
        for replaced in page.replaced:
            table = declared[replaced.table]
            for parent, named in _by_parent(replaced, table, page.records):
                others = _others(db, source, table, parent, named)
                change_feed.record_gone(db, source, table, run, others, now)
                db.executemany(
                    f"delete from {table_name(source, table.name)} where _rowid_ = ?",  # noqa: S608 - checked names
                    [(one,) for one in others],
                )


def _by_parent(replaced: Replacement, table: Table, records: Iterable[Record]) -> Iterable[tuple[Key, set[Key]]]:
    """Return each parent with the keys of its rows in the page."""
    keys: defaultdict[Key, set[Key]] = defaultdict(set)
    depth = len(replaced.parents[0]) if replaced.parents else 0
    for record in records:
        if record.table == replaced.table:
            key = tuple(record.data[column] for column in table.key)
            keys[key[:depth]].add(key)
    return [(parent, keys[tuple(parent)]) for parent in replaced.parents]


def _others(db: sqlite3.Connection, source: str, table: Table, parent: Key, named: set[Key]) -> Sequence[int]:
    """Return the rows of a parent that are not among those named.

    SQLite compares the values, because it has stored them with the types of their columns.
    """
    name = table_name(source, table.name)
    theirs = f"from {name} where {key_condition(table.key[: len(parent)])}"
    (many,) = db.execute(f"select count(*) {theirs}", parent).fetchone()
    if many == len(named):
        return ()  # the rows of the page are written, so these are they
    one = f"select _rowid_ from {name} where {key_condition(table.key)}"  # noqa: S608 - checked names
    kept = {db.execute(one, key).fetchone() for key in named}
    return [row[0] for row in db.execute(f"select _rowid_ {theirs}", parent) if row not in kept]
