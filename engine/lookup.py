"""Reads a source's rows while it is being harvested, over a connection that can only read."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.source import Key, Table
from engine.tables import table_name


class Lookup:
    """Finds rows by key. One primary-key search each, so it may be asked on the event loop's thread."""

    def __init__(self, *, database: Path, source: str, tables: Sequence[Table]) -> None:
        self._connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._queries = {table.name: _query(source, table) for table in tables}

    def rows(self, table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        """Return the rows of `table` with these keys, as they are on disk now."""
        query = self._queries[table]
        found = {key: self._connection.execute(query, key).fetchone() for key in keys}
        return {key: dict(row) for key, row in found.items() if row is not None}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _query(source: str, table: Table) -> str:
    """Build the search. The names were checked when the tables were made; no data is in here."""
    where = " and ".join(f"{column} = ?" for column in table.key)
    return f"select * from {table_name(source, table.name)} where {where}"  # noqa: S608 - names only, see above
