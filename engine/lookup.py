"""Reads a source's rows while it is being harvested, over a connection that can only read."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from engine.model.source import Key, Table
from engine.storage.source_tables import table_name

AT_ONCE: Final = 200
"""Keys in one statement; SQLite takes 32,766 values in all."""


class Lookup:
    """Finds rows by key. It is a primary-key search, so it may be asked on the event loop's thread.

    Python's SQLite gives the interpreter away at every step of a statement, and it takes milliseconds to get it back
    from threads that compute: one statement for many keys has few steps.
    """

    def __init__(self, *, database: Path, source: str, tables: Sequence[Table]) -> None:
        self._connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._source = source
        self._tables = {table.name: table for table in tables}

    def rows(self, table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        """Return the rows of `table` with these keys, as they are on disk now."""
        found: dict[Key, Mapping[str, Any]] = {}
        for start in range(0, len(keys), AT_ONCE):
            found.update(self._some(self._tables[table], keys[start : start + AT_ONCE]))
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _some(self, table: Table, keys: Sequence[Key]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        values = [value for key in keys for value in key]
        cursor = self._connection.execute(_query(self._source, table, len(keys)), values)
        columns = [name for name, *_ in cursor.description[1:]]
        for number, *row in cursor.fetchall():
            yield keys[number], dict(zip(columns, row, strict=True))


def _query(source: str, table: Table, many: int) -> str:
    """Build the search. The names were checked when the tables were made; no data is in here."""
    marks = ", ".join("?" for _ in table.key)
    wanted = ", ".join(f"({number}, {marks})" for number in range(many))
    columns = ", ".join(f"key_{number}" for number in range(len(table.key)))
    same = " and ".join(f"stored.{column} = wanted.key_{number}" for number, column in enumerate(table.key))
    return (
        f"with wanted (number, {columns}) as (values {wanted}) "  # noqa: S608 - names only, see above
        f"select wanted.number, stored.* from wanted join {table_name(source, table.name)} as stored on {same}"
    )
