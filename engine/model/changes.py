"""The change feed of a database: which rows are new, changed, renamed or gone, and how many of each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows of a table changed in one way."""

    source: str
    table: str
    kind: str
    """"new", "changed", "renamed" or "gone"."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row that is new, changed, renamed or gone."""

    number: int
    """Counts up over all changes of a database."""
    source: str
    table: str
    key: str
    name: str
    """The name in the row; "" if it has none."""
    at: float
    run: int
    kind: str
    what: tuple[tuple[str, str, str], ...]
    """For each column that differs, its name, the old and the new value; empty for a new row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The change feed: the counts of all changes, and the newest changes."""

    born: float | None
    """When the first run of the database began. If it differs, this is another database."""
    tallies: tuple[Tally, ...]
    rows: tuple[Change, ...]
    """The newest first. The database keeps at least the last 1,000 of each table and kind."""
