"""Reads a database's tables for export: read-only, in one snapshot, a batch of rows at a time."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from engine.common.errors import StoreUnusable, UsageError
from engine.common.paths import tilde
from engine.common.text import suggestion
from engine.storage import schema
from engine.storage.export_formats import Shape, writer
from engine.storage.opening import open_read_only
from engine.storage.source_tables import stored_tables

BATCH: Final = 500
"""Rows in memory at a time."""


class Export:
    """An open database. See `open_export`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.shapes: Mapping[str, Shape] = {
            one.name: Shape(one.source, one.table, one.columns) for one in stored_tables(connection)
        }
        """The tables of every source, by their names in the file."""

    def choose(self, name: str) -> list[str]:
        """Return the table of this name, or every table for "all".

        Raises:
            UsageError: there is no such table, or none at all.
        """
        if not self.shapes:
            raise UsageError("the database has no rows yet: harvest something first, as in `fetchdeck demo`")
        if name == "all":
            return list(self.shapes)
        if name not in self.shapes:
            raise UsageError(f'there is no table "{name}": {suggestion(name, self.shapes)}')
        return [name]

    def write(self, table: str, format_: str, sink: BinaryIO, *, raw: bool = False) -> int:
        """Write a table to `sink`, ordered by primary key; return the number of rows.

        Raises:
            UsageError: the format needs something that is not installed.
            OSError: the sink cannot be written.
        """
        shape = self.shapes[table]
        out = writer(format_, shape, sink, raw=raw)
        total = 0
        columns = ", ".join(shape.columns)
        cursor = self._connection.execute(f"select {columns} from {table} order by {self._keys(table)}")  # noqa: S608 -- names read from the schema
        while rows := cursor.fetchmany(BATCH):
            out.write(rows)
            total += len(rows)
        out.close()
        return total

    def _keys(self, table: str) -> str:
        keys = {row[5]: row[1] for row in self._connection.execute(f"pragma table_info({table})") if row[5]}
        return ", ".join(keys[place] for place in sorted(keys))


@contextmanager
def open_export(database: Path) -> Iterator[Export]:
    """Open a database for export. A harvest may keep writing to it meanwhile.

    Raises:
        StoreUnusable: there is none, it is another program's, or it cannot be read.
    """
    if not database.exists():
        raise StoreUnusable(f"there is no database {tilde(database)}: name another one with --db")
    connection = open_read_only(database)
    try:
        if not schema.is_ours(connection):
            raise StoreUnusable(f"{tilde(database)} is a database of another program: name another one with --db")
        # A read transaction in WAL mode sees one snapshot from its first read on, so all tables are of one moment.
        connection.execute("begin")
        yield Export(connection)
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {tilde(database)}: {error}") from error
    finally:
        connection.close()
