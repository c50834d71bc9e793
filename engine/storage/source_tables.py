"""The tables of the sources: declared by a source; created, extended and written here.

Table "repo" of source "github" is `github_repo` in the file. Beside its declared columns it has `raw` (the JSON, byte
for byte), `raw_page` (the page of the list that brought it), `added_at` and `changed_at` (epoch seconds). Writing the
same row twice changes none of them, even where it has moved to another page since.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.common.errors import BadBody, StoreUnusable, UsageError
from engine.common.paths import tilde
from engine.model.source import Key, Record, Table
from engine.storage.opening import open_read_only

ADDED: Final = ("raw", "raw_page", "added_at", "changed_at")
"""Columns that every source table has besides its own."""
STORED: Final = frozenset({"raw", "added_at", "changed_at"})
"""Columns that tell a source's table from the engine's own. Files of older versions lack "raw_page"."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
AT_ONCE: Final = 200
"""Keys in one statement. SQLite accepts 32,766 bound values (https://sqlite.org/limits.html#max_variable_number)."""


def table_name(source: str, table: str) -> str:
    """Return a table's name in the file."""
    return f"{source.replace('-', '_')}_{table}"


def key_condition(columns: Iterable[str]) -> str:
    """Return the condition that finds a row by these columns, with a bound value for each. Their names are checked."""
    return " and ".join(f"{column} = ?" for column in columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A source's table that exists in the file."""

    name: str
    """Its name in the file ("github_repo")."""
    source: str
    table: str
    """Its name in the source's declaration ("repo")."""
    columns: Mapping[str, str]
    """The type of each column, by its name."""


def stored_tables(db: sqlite3.Connection) -> Iterator[StoredTable]:
    """Find the tables of every source that ran, ordered by name: they have its prefix and the store's own columns.

    Names that `create` would not have given are left out, as they become names of files and parts of statements: the
    database may be of somebody else.
    """
    sources = [row[0] for row in db.execute("select distinct source from run order by source")]
    names = db.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
    for (name,) in names:
        owners = [source for source in sources if name.startswith(table_name(source, ""))]
        if not owners:
            continue
        source = max(owners, key=len)  # "a" and "a-b" may both be sources: the longer prefix owns the table
        columns = dict(db.execute("select name, type from pragma_table_info(?)", (name,)).fetchall())
        if columns.keys() >= STORED and all(map(_NAME.fullmatch, (name, *columns))):
            table = name.removeprefix(table_name(source, ""))
            yield StoredTable(name=name, source=source, table=table, columns=columns)


def create(db: sqlite3.Connection, source: str, tables: Iterable[Table]) -> None:
    """Create a source's tables, and add columns that were declared since.

    Raises:
        UsageError: a name is not lower-case letters, digits and underscores.
    """
    for table in tables:
        name = _checked(table_name(source, _checked(table.name)))
        columns = [f"{_checked(column.name)} {column.type}" for column in table.columns]
        keys = ", ".join(map(_checked, table.key))
        extra = "raw text, added_at real not null, changed_at real not null, raw_page"
        db.execute(f"create table if not exists {name}({', '.join(columns)}, {extra}, primary key({keys}))")
        present = {row[1] for row in db.execute(f"pragma table_info({name})")}
        for column in table.columns:
            if column.name not in present:
                db.execute(f"alter table {name} add column {column.name} {column.type}")


@contextmanager
def storable() -> Iterator[None]:
    """Turn what SQLite says of a value that it cannot store into BadBody."""
    try:
        yield
    except (OverflowError, UnicodeError, sqlite3.IntegrityError, sqlite3.ProgrammingError) as error:
        raise BadBody(f"a value cannot be stored: {error}") from error
    except MemoryError as error:
        raise BadBody("there is no memory to store its rows") from error


class Writer:
    """Writes the records of one source. The SQL is built from declared names only; data is always bound."""

    def __init__(self, source: str, tables: Sequence[Table]) -> None:
        self._source = source
        self._tables = {table.name: table for table in tables}
        self._statements: dict[tuple[str, tuple[str, ...], bool], str] = {}

    def write(
        self, db: sqlite3.Connection, records: Iterable[Record], now: float, page: int | str | None = None
    ) -> int:
        """Upsert records; return how many were given. A row that is stored already with equal values is left alone.

        Args:
            db: a connection that is in a transaction.
            records: the rows.
            now: epoch seconds.
            page: the page that brought them, stored with the rows that have raw JSON.

        Raises:
            BadBody: a value cannot be stored (an integer beyond 64 bits, a lone surrogate, a missing key column).
        """
        batches: dict[str, list[tuple[Any, ...]]] = {}
        total = 0
        with storable():
            for record in records:
                statement = self._statement(record)
                row = (*record.data.values(), record.raw.decode() or None, page if record.raw else None, now, now)
                batches.setdefault(statement, []).append(row)
                total += 1
            for statement, rows in batches.items():
                db.executemany(statement, rows)
        return total

    def _statement(self, record: Record) -> str:
        shape = (record.table, tuple(record.data), bool(record.raw))
        if shape not in self._statements:
            self._statements[shape] = self._build(*shape)
        return self._statements[shape]

    def _build(self, table: str, given: tuple[str, ...], has_raw: bool) -> str:
        declared = self._tables[table]
        unknown = set(given) - {column.name for column in declared.columns}
        missing = set(declared.key) - set(given)
        if unknown or missing:
            raise BadBody(f"table {table}: undeclared columns {sorted(unknown)}, missing key columns {sorted(missing)}")
        name = table_name(self._source, table)
        columns = [*given, "raw"] if has_raw else list(given)
        # `is not` compares NULLs as equal, unlike `<>`. "raw_page" is left out of the comparison: a row that only moved
        # to another page is unchanged.
        old = ", ".join(f"{name}.{column}" for column in columns)
        new = ", ".join(f"excluded.{column}" for column in columns)
        following = ["raw_page", "changed_at"] if has_raw else ["changed_at"]
        sets = ", ".join(f"{column} = excluded.{column}" for column in [*columns, *following])
        marks = ", ".join("?" * (len(given) + len(ADDED)))
        return (
            f"insert into {name}({', '.join([*given, *ADDED])}) values({marks})"
            f" on conflict({', '.join(declared.key)}) do update set {sets} where ({old}) is not ({new})"
        )


# Reading rows while the source is being harvested, over a read-only connection.


class Lookup:
    """Finds rows by primary key. It is fast enough to be called on the event loop's thread.

    Python's sqlite3 releases the GIL at every step of a statement, and taking it back from threads that compute costs
    milliseconds. One statement for many keys has few steps.
    """

    def __init__(self, *, database: Path, source: str, tables: Sequence[Table]) -> None:
        self._connection = open_read_only(database)
        self._source = source
        self._tables = {table.name: table for table in tables}

    def rows(self, table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        """Return the rows of `table` with these keys, as last committed."""
        found: dict[Key, Mapping[str, Any]] = {}
        for start in range(0, len(keys), AT_ONCE):
            found.update(self._some(self._tables[table], keys[start : start + AT_ONCE]))
        return found

    def close(self) -> None:
        self._connection.close()

    def _some(self, table: Table, keys: Sequence[Key]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        values = [value for key in keys for value in key]
        cursor = self._connection.execute(_query(self._source, table, len(keys)), values)
        columns = [name for name, *_ in cursor.description[1:]]
        for number, *row in cursor.fetchall():
            yield keys[number], dict(zip(columns, row, strict=True))


def read_columns(database: Path, source: str, table: str, columns: Sequence[str]) -> list[Mapping[str, Any]]:
    """Read some columns of every row of a table. The names are the program's own: they are not checked.

    Raises:
        StoreUnusable: the file cannot be read, or lacks the table or a column.
    """
    query = f"select {', '.join(columns)} from {table_name(source, table)}"  # noqa: S608 - names only, see above
    try:
        with closing(open_read_only(database)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(query)]
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {tilde(database)}: {error}") from error


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f'a table or column is named "{name}": want lower-case letters, digits and underscores')
    return name


def _query(source: str, table: Table, many: int) -> str:
    """Build the search. It holds only names, which were checked when the tables were created."""
    marks = ", ".join("?" for _ in table.key)
    wanted = ", ".join(f"({number}, {marks})" for number in range(many))
    columns = ", ".join(f"key_{number}" for number in range(len(table.key)))
    same = " and ".join(f"stored.{column} = wanted.key_{number}" for number, column in enumerate(table.key))
    return (
        f"with wanted (number, {columns}) as (values {wanted}) "  # noqa: S608 - names only, see above
        f"select wanted.number, stored.* from wanted join {table_name(source, table.name)} as stored on {same}"
    )
