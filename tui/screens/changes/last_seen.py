"""The last visit to the change feed, for each database: when it was, and what the feed contained."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from engine.common.atomic_file import read_owned, write_owned
from engine.common.paths import state_file
from engine.model.changes import Changes, Tally

MOST: Final = 50
"""How many databases are stored; the ones visited longest ago are dropped."""
KINDS: Final = ("new", "changed", "renamed", "gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVisit:
    """The contents of the change feed when it was last closed."""

    at: float
    """Seconds since the epoch."""
    number: int
    """The number of the newest change."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """The number of changes for each "source table kind"."""


class LastSeen(Protocol):
    """Stores the last visit to each database."""

    def last(self, database: str, changes: Changes) -> LastVisit | None:
        """Return the last visit to a database; None if there was none, or if the file was replaced since."""

    def mark(self, database: str, changes: Changes, now: float) -> None:
        """Store a visit."""


class LastSeenFile:
    """Stores visits in a file in the state folder. A failure to write is ignored: the feed then shows more as new."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or state_file().with_name("looked.toml")

    def last(self, database: str, changes: Changes) -> LastVisit | None:
        known = self._known().get(database)
        # `born` is the time of the database's first run: another file at the same path has its own visits.
        if known is None or known.get("born") != changes.born:
            return None
        try:
            counts = {str(name): int(count) for name, count in dict(known.get("counts", {})).items()}
            return LastVisit(at=float(known["at"]), number=int(known["number"]), counts=counts)
        except (KeyError, TypeError, ValueError):
            return None

    def mark(self, database: str, changes: Changes, now: float) -> None:
        """Store a visit. A database without any harvest is not stored."""
        if changes.born is None:
            return
        visit = {
            "at": now,
            "born": changes.born,
            "number": max((one.number for one in changes.rows), default=0),
            "counts": {_name(one): one.count for one in changes.tallies},
        }
        known = self._known() | {database: visit}
        kept = sorted(known, key=lambda one: known[one].get("at", 0.0))[-MOST:]
        with suppress(OSError):
            write_owned(self._file, {"looked": {one: known[one] for one in kept}})

    def _known(self) -> dict[str, dict[str, Any]]:
        found = read_owned(self._file).get("looked", {})
        return (
            {str(name): one for name, one in found.items() if isinstance(one, dict)} if isinstance(found, dict) else {}
        )


def since(changes: Changes, visit: LastVisit | None) -> tuple[Tally, ...]:
    """Return what was added since a visit; without one, everything."""
    before = visit.counts if visit else {}
    left = [
        Tally(source=one.source, table=one.table, kind=one.kind, count=one.count - before.get(_name(one), 0))
        for one in changes.tallies
    ]
    return tuple(one for one in left if one.count > 0)


def counted(tallies: Sequence[Tally]) -> str:
    """Return the sums of tallies, as "12 new, 3 changed, 2 renamed"; "" if there are none."""
    sums = {kind: sum(one.count for one in tallies if one.kind == kind) for kind in KINDS}
    return ", ".join(f"{many:,} {kind}" for kind, many in sums.items() if many)


def by_source(tallies: Sequence[Tally]) -> str:
    """Return the sums of tallies for each source, as "github 12 new, 3 changed; gitlab 4 new"."""
    sources = dict.fromkeys(one.source for one in tallies)
    return "; ".join(f"{source} {counted([one for one in tallies if one.source == source])}" for source in sources)


def _name(one: Tally) -> str:
    return f"{one.source} {one.table} {one.kind}"
