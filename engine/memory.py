"""What a source remembers from run to run, and the rows it may look up; sources know it from `engine.model.source`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Key = tuple[Any, ...]


def nothing_stored(table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
    """Find no rows: what a memory without a store answers."""
    _ = (table, keys)
    return {}


def nothing_counted(table: str) -> int:
    """Count no rows: what a memory without a store answers."""
    _ = table
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What earlier runs of this source remembered, read only."""

    cursors: Mapping[str, str] = field(default_factory=dict)
    covered: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    """Merged ranges of ids known whole when the run began, by scope, lowest first, both ends included."""
    rows: Callable[[str, Sequence[Key]], Mapping[Key, Mapping[str, Any]]] = nothing_stored
    """Looks rows of one of the source's tables up by key, as they are on disk now: key to columns, `changed_at`
    and `added_at` (epoch seconds) among them. Keys without a row are left out."""
    count: Callable[[str], int] = nothing_counted
    """Counts the rows of one of the source's tables. Only an estimate may ask: it reads the whole table."""
    started: datetime
    """When this run began, UTC: the same however often it is resumed."""
    full: bool = False
    """The person asked for everything, whatever is known already."""
