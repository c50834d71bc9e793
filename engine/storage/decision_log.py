"""The decision log: the newest moves of each concurrency limit, over all processes of a run."""

import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from engine.common.text import clean
from engine.model.events import Event, LimitMoved
from engine.model.snapshot import Decision

KEPT: Final = 500
Row = tuple[float, str, int, int, str]


class Decisions:
    """The newest limit moves of every source, in memory."""

    def __init__(self) -> None:
        self._number = 0
        self._rings: dict[str, deque[Decision]] = {}
        self._told: dict[str, tuple[Decision, ...]] = {}

    def load(self, source: str, rows: Iterable[Row]) -> None:
        """Add the moves that earlier processes of this run stored, oldest first."""
        for at, lane, old, new, reason in rows:
            self._add(source, at, lane, old, new, clean(reason))

    def note(self, event: Event) -> None:
        """Record a `LimitMoved` event; ignore every other event."""
        if isinstance(event, LimitMoved):
            self._add(event.source, event.at, event.lane, event.old, event.new, event.reason)

    def of(self, source: str) -> tuple[Decision, ...]:
        """Return a source's moves, oldest first.

        While nothing is new it is the same tuple, so a screen can compare by identity.
        """
        if source not in self._told:
            self._told[source] = tuple(self._rings.get(source, ()))
        return self._told[source]

    def _add(self, source: str, at: float, lane: str, old: int, new: int, reason: str) -> None:
        self._number += 1
        move = Decision(number=self._number, at=at, lane=lane, old=old, new=new, reason=reason)
        self._rings.setdefault(source, deque(maxlen=KEPT)).append(move)
        self._told.pop(source, None)


def read(db: sqlite3.Connection, source: str, since: float, many: int = KEPT) -> Sequence[Row]:
    """Return the newest decisions of a source since a moment in epoch seconds, oldest first."""
    rows = db.execute(
        "select at, lane, old, new, reason from decision where source = ? and at >= ? order by id desc limit ?",
        (source, since, many),
    ).fetchall()
    return rows[::-1]
