"""Copies a table of a damaged database, around what cannot be read.

The schema `old` is the damaged file, `main` the new one. Rows go from one to the other inside of SQLite, so no value is
converted on the way.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from engine.storage.write_errors import code_of

CHUNK: Final = 512
"""Rows of a range, before it is halved."""
PROBES: Final = 64
"""Places in an unreadable range that are tried, because there may be readable pages between damaged ones."""
LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1
_UNREADABLE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR})

Key = tuple[Any, ...]


@dataclass(slots=True)
class Damage:
    """What could not be read of a table."""

    rows: int = 0
    """Rows whose keys are known."""
    gaps: int = 0
    """Row ids between readable ones, each of which may have been a row."""
    unbounded: bool = False
    """Whether there is a range that does not say how many rows it may have held."""
    counted: int | None = None
    """How many rows an index has, which is how many the table had."""
    met: bool = False
    """Whether anything could not be read."""


def is_unreadable(error: sqlite3.Error) -> bool:
    """Whether an error comes of a damaged page."""
    return code_of(error) in _UNREADABLE


def quoted(name: str) -> str:
    """Quote the name of a table or a column."""
    return '"' + name.replace('"', '""') + '"'


def copy_table(db: sqlite3.Connection, name: str) -> Damage:
    """Copy the rows that can be read.

    Raises:
        sqlite3.Error: the new file cannot be written.
    """
    return _TableCopy(db, name).run()


class _TableCopy:
    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        self._db = db
        self._table = quoted(name)
        self._name = name
        about = db.execute(f"pragma main.table_info({self._table})").fetchall()
        keys = {row[5]: row[1] for row in about if row[5]}
        self._columns = ", ".join(quoted(row[1]) for row in about)
        self._by_rowid = _has_rowid(db, self._table)
        alias = len(keys) == 1 and next(row[2].upper() for row in about if row[5]) == "INTEGER"
        if self._by_rowid:
            self._key = "rowid"
            if not alias:
                self._columns = f"rowid, {self._columns}"
        else:
            self._key = ", ".join(quoted(keys[place]) for place in sorted(keys))
        self._places = ", ".join("?" * (1 if self._by_rowid else len(keys)))
        self._damage = Damage()

    def run(self) -> Damage:
        if self._by_rowid:
            self._by_row_ids()
        elif not self._forwards():
            self._backwards()
        if self._damage.met:
            self._by_indexes()
        garbled = drop_garbled(self._db, self._name)
        if garbled:
            self._damage.met = True
            self._damage.rows += garbled
        return self._damage

    def _by_row_ids(self) -> None:
        """Copy a table that is a tree by row ids: those are numbers, so one can look behind what is unreadable."""
        position, size = LOWEST, CHUNK
        while True:
            keys = self._keys("(rowid) >= (?)", (position,), size)
            if keys is None and size > 1:
                size //= 2
                continue
            if keys is None:
                behind = self._first_readable(position)
                self._damage.met = True
                if behind is None:
                    self._damage.unbounded = True
                    return
                self._damage.gaps += behind - max(position, 1)
                position, size = behind, CHUNK
                continue
            if not keys:
                return
            self._copy(keys)
            if keys[-1][0] == HIGHEST:
                return
            position, size = keys[-1][0] + 1, min(CHUNK, 2 * size)

    def _first_readable(self, position: int) -> int | None:
        """Return the first row id behind an unreadable one from which on the table can be read; None without any."""
        bad, step = position, 1
        while not self._reads(good := min(bad + step, HIGHEST)):
            if good == HIGHEST:
                return None
            bad, step = good, 2 * step
        # The last step may have leapt over readable pages.
        if bad > position:
            for number in range(1, PROBES):
                probe = position + (good - position) * number // PROBES
                if probe > position and self._reads(probe):
                    good = probe
                    bad = max(position + (good - position) * (number - 1) // PROBES, position)
                    break
        while good - bad > 1:
            middle = (good + bad) // 2
            if self._reads(middle):
                good = middle
            else:
                bad = middle
        return good

    def _reads(self, position: int) -> bool:
        return self._keys("(rowid) >= (?)", (position,), 1) is not None

    def _forwards(self) -> bool:
        """Copy from the first key on; return whether the end was reached."""
        last: Key | None = None
        size = CHUNK
        while True:
            keys = self._keys(f"({self._key}) > ({self._places})" if last else "true", last or (), size)
            if keys is None:
                if size == 1:
                    self._damage.met = self._damage.unbounded = True
                    return False
                size //= 2
            elif keys:
                self._copy(keys)
                last, size = keys[-1], min(CHUNK, 2 * size)
            else:
                return True

    def _backwards(self) -> None:
        last: Key | None = None
        size = CHUNK
        while True:
            keys = self._keys(f"({self._key}) < ({self._places})" if last else "true", last or (), size, " desc")
            if keys is None and size > 1:
                size //= 2
                continue
            if not keys:
                return
            self._copy(keys[::-1])
            last, size = keys[-1], min(CHUNK, 2 * size)

    def _keys(self, where: str, values: Key, most: int, order: str = "") -> list[Key] | None:
        """Return keys in their order; None where they cannot be read."""
        sorting = ", ".join(f"{column}{order}" for column in self._key.split(", "))
        query = f"select {self._key} from old.{self._table} where {where} order by {sorting} limit {most}"  # noqa: S608
        return self._read(query, values)

    def _read(self, query: str, values: Key = ()) -> list[Key] | None:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            if not is_unreadable(error):
                raise
            return None

    def _copy(self, keys: Sequence[Key]) -> None:
        """Copy the rows of neighbouring keys: at once, or in halves where that fails."""
        where = f"({self._key}) >= ({self._places}) and ({self._key}) <= ({self._places})"
        insert = f"insert or ignore into main.{self._table}({self._columns})"
        try:
            done = self._db.execute(
                f"{insert} select {self._columns} from old.{self._table} where {where}",  # noqa: S608
                (*keys[0], *keys[-1]),
            )
        except sqlite3.DatabaseError as error:
            if not is_unreadable(error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            if len(keys) == 1:  # its value lies on pages of its own, which cannot be read, or is none for its column
                self._damage.met = True
                self._damage.rows += 1
                return
            half = len(keys) // 2
            self._copy(keys[:half])
            self._copy(keys[half:])
        else:
            if done.rowcount < len(keys):  # a damaged page that can be read has none where there must be a value
                self._damage.met = True
                self._damage.rows += len(keys) - done.rowcount

    def _by_indexes(self) -> None:
        """Try the rows that the table's indexes name, and count them."""
        for (index,) in self._db.execute(
            "select name from old.sqlite_master where type = 'index' and tbl_name = ?"
            " and (sql is null or sql not like '% where %')",
            (self._name,),
        ).fetchall():
            keys = self._read(f"select {self._key} from old.{self._table} indexed by {quoted(index)}")  # noqa: S608
            if keys is None:
                continue
            self._damage.counted = max(self._damage.counted or 0, len(keys))
            there = f"select 1 from main.{self._table} where ({self._key}) = ({self._places})"  # noqa: S608
            missing = [key for key in keys if self._db.execute(there, key).fetchone() is None]
            before = self._damage.rows
            for key in missing:
                self._copy([key])
            self._damage.rows = before


def drop_garbled(db: sqlite3.Connection, name: str) -> int:
    """Delete the rows of the new file whose text is none; return how many.

    A long value lies on pages of its own, and SQLite does not look at what is on them: an overwritten one is read as
    any other. Random bytes are never valid UTF-8 for long.
    """
    table = quoted(name)
    db.create_function("is_text", 1, _is_text, deterministic=True)
    columns = [quoted(row[1]) for row in db.execute(f"pragma main.table_info({table})")]
    tests = " or ".join(f"(typeof({one}) = 'text' and not is_text(cast({one} as blob)))" for one in columns)
    return db.execute(f"delete from main.{table} where {tests}").rowcount  # noqa: S608 -- quoted names


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_rowid(db: sqlite3.Connection, table: str) -> bool:
    with suppress(sqlite3.OperationalError):
        db.execute(f"select rowid from main.{table} limit 0")  # noqa: S608 -- a quoted name
        return True
    return False
