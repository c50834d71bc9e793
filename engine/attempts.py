"""The failing attempts of a request: when each was, what came of it and how long it waited. Over one connection."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from engine.common.text import clean
from engine.model.snapshot import Attempt

KEPT: Final = 20
"""Attempts kept of a request: the newest."""
REASON: Final = 300
"""Characters kept of a reason."""


def note(db: sqlite3.Connection, request: int, attempt: Attempt) -> None:
    """Keep an attempt with its request; the oldest one goes where there are too many."""
    (last,) = db.execute("select coalesce(max(number), 0) from attempt where request_id = ?", (request,)).fetchone()
    db.execute(
        "insert into attempt(request_id, number, at, outcome, status, reason, wait) values(?, ?, ?, ?, ?, ?, ?)",
        (
            request,
            last + 1,
            attempt.at,
            attempt.outcome,
            attempt.status,
            clean(attempt.reason, REASON),
            attempt.wait,
        ),
    )
    db.execute("delete from attempt where request_id = ? and number <= ?", (request, last + 1 - KEPT))


def of(db: sqlite3.Connection, requests: Sequence[int]) -> Mapping[int, Sequence[Attempt]]:
    """Return the attempts of some requests, the newest last. A file of an earlier version has none."""
    if db.execute("select 1 from sqlite_master where type = 'table' and name = 'attempt'").fetchone() is None:
        return {}
    found: dict[int, list[Attempt]] = {}
    for request in requests:
        rows = db.execute(
            "select at, outcome, status, reason, wait from attempt where request_id = ? order by number", (request,)
        ).fetchall()
        found[request] = [
            Attempt(at=at, outcome=outcome, status=status, reason=clean(reason, REASON), wait=wait)
            for at, outcome, status, reason, wait in rows
        ]
    return found
