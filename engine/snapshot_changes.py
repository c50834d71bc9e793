"""The change feed as it is shown: how many rows are new, changed, renamed or gone, and the newest of them.

As all snapshots it is frozen, its texts are safe to show, and None means unknown.
"""

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
    """One row that is new, or is not what it was."""

    number: int
    """Counts up over all changes of a database."""
    source: str
    table: str
    key: str
    name: str
    """What the row calls itself; "" where it has no name."""
    at: float
    run: int
    kind: str
    what: tuple[tuple[str, str, str], ...]
    """Of each column that differs its name, and the value before and after; none for a new row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The change feed: counts of all there were, and the newest of them one by one."""

    born: float | None
    """When the first run of the database began: another one, and what was counted before means nothing."""
    tallies: tuple[Tally, ...]
    rows: tuple[Change, ...]
    """The newest first; of each table and kind at least the last 1,000 are kept."""
