"""Saves what can be read of a damaged database into a new file, and counts what is lost.

Each table is copied by ranges of its key. Where a range cannot be read it is halved; what cannot be read at all is
stepped over. A page of a tree that cannot be read takes the rows below it along, so the keys in the table's indexes,
which are trees of their own, name rows to try one by one, and say how many there were. Where the program `sqlite3` is
installed, its `.recover` adds the rows of pages that no tree leads to any more (https://sqlite.org/recovery.html).

The damaged file is opened for reading only, and stays as it is.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from engine.common.errors import StoreUnusable
from engine.common.paths import tilde
from engine.common.private_files import make_file
from engine.storage import schema
from engine.storage.opening import claim
from engine.storage.recover_program import recovered
from engine.storage.table_copy import Damage, copy_table, drop_garbled, is_unreadable, quoted
from engine.storage.write_errors import code_of, no_room

_NOT_OURS: Final = ("sqlite_", "lost_and_found")
"""Beginnings of the names of SQLite's own tables, and of those into which `.recover` puts what it cannot name."""
_PARENTS: Final = {
    "request": ("run_id", "run"),
    "attempt": ("request_id", "request"),
    "response_head": ("request_id", "request"),
    "_fetchdeck_walk_start": ("run_id", "run"),
}
"""Of each table whose rows mean nothing without a row of another one: the column that names it, and its table."""


@dataclass(frozen=True, slots=True)
class _Had:
    """How many rows a table had."""

    rows: int | None
    """None where nothing says so."""
    exact: bool = True


_UNKNOWN: Final = _Had(None, exact=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRepair:
    """What became of a table."""

    name: str
    saved: int
    """Rows in the new file."""
    lost: int | None
    """Rows that could not be saved; None where nothing says how many there were."""
    exact: bool = True
    """Whether `lost` is the number, and not only the most there can have been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was saved of a database."""

    file: Path
    """The new database."""
    tables: Sequence[TableRepair]
    damaged: bool
    """Whether anything could not be read, be it only in an index."""
    program: bool
    """Whether `.recover` of the program `sqlite3` was asked as well."""

    @property
    def is_whole(self) -> bool:
        """Whether no row is lost."""
        return all(table.lost == 0 for table in self.tables)


def repair(database: Path, target: Path | None = None) -> Repair:
    """Save what can be read of a database into `target`, or into NAME.repaired beside it.

    Raises:
        StoreUnusable: there is no such database, a harvest uses it, nothing of it can be read, or the new file cannot
            be written.
    """
    if not database.is_file():
        raise StoreUnusable(f"there is no database {tilde(database)}: name another one with --db")
    file, lock = claim(database)
    try:
        new = _new_file(file, target)
        try:
            return _repair(file, new)
        except BaseException:
            _remove(new)
            raise
    except OSError as error:
        raise StoreUnusable(f"cannot write {error.filename or tilde(database)}: {error.strerror}") from error
    finally:
        lock.release(lock.last_words)


def _new_file(file: Path, target: Path | None) -> Path:
    if target is not None:
        if not make_file(target):
            raise StoreUnusable(f"{tilde(target)} exists: name a new file with --out")
        return target
    for number in count(1):
        found = file.with_name(f"{file.name}.repaired{'' if number == 1 else f'-{number}'}")
        if not os.path.lexists(found) and make_file(found):
            return found
    raise AssertionError("count never ends")


def _remove(file: Path) -> None:
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        part.unlink(missing_ok=True)


def _repair(file: Path, new: Path) -> Repair:
    with closing(sqlite3.connect(f"{new.absolute().as_uri()}", uri=True, isolation_level=None)) as db:
        # The new file is synced once, at the end. If the power fails before, it is made again.
        db.execute("pragma journal_mode = memory")
        db.execute("pragma synchronous = off")
        try:
            done = _copy(db, file, new)
            _finish(db)
        except sqlite3.Error as error:
            if code_of(error) == sqlite3.SQLITE_FULL:
                raise StoreUnusable(f"the disk is full: {no_room(new)}: name another place with --out") from error
            raise StoreUnusable(f"{tilde(file)} cannot be repaired: {error}") from error
    return done


def _copy(db: sqlite3.Connection, file: Path, new: Path) -> Repair:
    """Copy from the schema `old`, which is the damaged file, into `main`."""
    readable = _attach(db, file)
    names, readable = _create_tables(db, "old") if readable else ([], False)
    met = {name: copy_table(db, name) for name in names}
    had = {name: _had(db, name, damage) for name, damage in met.items()}
    unread = not readable or any(damage.met for damage in met.values())
    program = False
    if unread:
        with recovered(file, new.parent) as found:
            if found is not None:
                program = True
                names = _add_recovered(db, found, names)
    if not names:
        raise StoreUnusable(f"nothing of {tilde(file)} can be read: restore a backup")
    _keep_version(db)
    _create_indexes(db)
    had = {name: _by_changes(db, name, met.get(name), had.get(name, _UNKNOWN)) for name in names}
    _drop_orphans(db, names)  # afterwards: they count as lost with their parents
    tables = [_result(db, name, had[name]) for name in names]
    return Repair(file=new, tables=tables, damaged=unread or _is_damaged(db), program=program)


def _attach(db: sqlite3.Connection, file: Path) -> bool:
    """Open the damaged file as `old`; return whether its first page says that it is a database."""
    wal = file.with_name(f"{file.name}-wal")
    # Without a log to read, SQLite is told that nobody writes (we hold the lock): else it makes files beside this one.
    how = "mode=ro" if wal.exists() and wal.stat().st_size else "immutable=1"
    try:
        db.execute("attach ? as old", (f"{file.as_uri()}?{how}",))
    except sqlite3.DatabaseError as error:
        if not is_unreadable(error):
            raise
        return False
    return True


def _is_damaged(db: sqlite3.Connection) -> bool:
    with suppress(sqlite3.DatabaseError):
        return bool(db.execute("pragma old.quick_check(1)").fetchone()[0] != "ok")
    return True


def _create_tables(db: sqlite3.Connection, where: str) -> tuple[list[str], bool]:
    """Create the tables of a schema that `main` lacks; return their names, and whether the schema could be read."""
    query = f"select name, sql from {where}.sqlite_master where type = 'table' order by rowid"  # noqa: S608 -- ours
    try:
        found = db.execute(query).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_unreadable(error):
            raise
        return [], False
    names = []
    for name, sql in found:
        if not name.startswith(_NOT_OURS) and not schema.has_table(db, name):
            with suppress(sqlite3.OperationalError):  # a statement that a damaged page has changed
                db.execute(sql)
                names.append(name)
    return names, True


def _add_recovered(db: sqlite3.Connection, found: Path, names: list[str]) -> list[str]:
    """Add the rows that the program found to those that are there; return the names of all tables."""
    db.execute("attach ? as rest", (f"{found.absolute().as_uri()}?mode=ro",))
    names = [*names, *_create_tables(db, "rest")[0]]
    for name in names:
        table = quoted(name)
        columns = ", ".join(quoted(row[1]) for row in db.execute(f"pragma main.table_info({table})"))
        with suppress(sqlite3.OperationalError):  # it lacks the table, or has it with other columns
            db.execute(f"insert or ignore into main.{table}({columns}) select {columns} from rest.{table}")  # noqa: S608
        drop_garbled(db, name)
    db.execute("detach rest")
    return names


def _create_indexes(db: sqlite3.Connection) -> None:
    """Create the indexes, and the engine's tables that are lost as a whole."""
    found = []
    with suppress(sqlite3.DatabaseError):
        found = db.execute("select sql from old.sqlite_master where type = 'index' and sql is not null").fetchall()
    for (sql,) in found:
        with suppress(sqlite3.OperationalError):  # likewise
            db.execute(sql)
    if schema.version(db) < len(schema.MIGRATIONS):
        return  # of an earlier fetchdeck: the next start brings it up to date
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as pattern:
        schema.migrate(pattern)
        for name, sql in pattern.execute("select name, sql from sqlite_master where sql is not null order by rowid"):
            if db.execute("select 1 from main.sqlite_master where name = ?", (name,)).fetchone() is None:
                db.execute(sql)


def _had(db: sqlite3.Connection, name: str, damage: Damage) -> _Had:
    """Return how many rows a table had, by what was met while it was copied."""
    saved = _count(db, name)
    if not damage.met:
        return _Had(saved)
    if damage.counted is not None and damage.counted >= saved:
        return _Had(damage.counted)
    if damage.unbounded:
        return _UNKNOWN
    return _Had(saved + damage.rows + damage.gaps, exact=not damage.gaps)


def _by_changes(db: sqlite3.Connection, name: str, damage: Damage | None, had: _Had) -> _Had:
    """Return how many rows a table had by the counts of its changes, where that says more."""
    if had.exact or not schema.has_table(db, "change_count") or (damage is not None and not damage.met):
        return had
    query = (
        "select sum(case kind when 'new' then count when 'gone' then -count else 0 end) from change_count"
        " where source || '_' || tbl = ?"
    )
    counted = db.execute(query, (name,)).fetchone()[0]
    if counted is None or counted < _count(db, name) or (had.rows is not None and counted > had.rows):
        return had
    return _Had(int(counted), exact=False)


def _result(db: sqlite3.Connection, name: str, had: _Had) -> TableRepair:
    saved = _count(db, name)
    lost = None if had.rows is None else max(had.rows - saved, 0)
    return TableRepair(name=name, saved=saved, lost=lost, exact=had.exact or lost == 0)


def _count(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"select count(*) from main.{quoted(name)}").fetchone()[0])  # noqa: S608 -- a quoted name


def _drop_orphans(db: sqlite3.Connection, names: Sequence[str]) -> None:
    """Delete rows whose parent row is lost: a request without its run could never be sent, nor be listed."""
    for child, (column, parent) in _PARENTS.items():
        if child in names:
            db.execute(f"delete from main.{child} where {column} not in (select id from main.{parent})")  # noqa: S608


def _keep_version(db: sqlite3.Connection) -> None:
    newest = len(schema.MIGRATIONS)
    version = newest
    with suppress(sqlite3.DatabaseError):
        version = int(db.execute("pragma old.user_version").fetchone()[0])
    db.execute(f"pragma main.application_id = {schema.APPLICATION_ID}")
    db.execute(f"pragma main.user_version = {version if 0 < version <= newest else newest}")


def _finish(db: sqlite3.Connection) -> None:
    """Check the new file, and write it to the disk."""
    found = db.execute("pragma main.integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"the new file is not in order: {found}")
    db.execute("pragma synchronous = full")
    db.execute("pragma journal_mode = wal")
