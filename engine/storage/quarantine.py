"""Requests in quarantine: set aside by hand, sent by no run until released. Functions over one connection."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.storage import frontier
from engine.storage.frontier import describe
from engine.storage.opening import writing

ALL: Final = "all"
"""Names every request of a source."""
_MINE: Final = "run_id in (select id from run where source = ?)"


def keys(db: sqlite3.Connection, source: str) -> set[str]:
    """Return the keys that no run of a source may queue."""
    rows = db.execute(f"select key from request where state = 'aside' and {_MINE}", (source,))  # noqa: S608 - a constant
    return {row[0] for row in rows}


def quarantine(db: sqlite3.Connection, source: str, failure: str | None, id: int | None) -> Mapping[str, int]:
    """Set aside failed requests: all of a source, one kind of error, or one request. Count them by kind.

    Their error groups keep their texts with a reduced count, so that a release finds them.
    """
    rows = db.execute(
        f"update request set state = 'aside' where state = 'failed' and {_MINE}"  # noqa: S608 - a constant
        " and failure = coalesce(?, failure) and id = coalesce(?, id) returning failure",
        (source, failure, frontier.row_id(id)),
    )
    found = Counter(row[0] for row in rows.fetchall())
    counts = [(many, fingerprint) for fingerprint, many in found.items()]
    db.executemany("update error set count = max(0, count - ?) where fingerprint = ?", counts)
    return found


def release(db: sqlite3.Connection, source: str, id: int | None, run: int | None) -> int:
    """Release one request or all of a source from quarantine; return how many.

    They are queued in `run`. Without a run they count as failed again, and the next run retries them.
    """
    rows = db.execute(
        f"select request.id, failure, status, request.reason, request.ended_at, spec, run_id from request"  # noqa: S608 - a constant
        f" where state = 'aside' and {_MINE} and id = coalesce(?, id)",
        (source, frontier.row_id(id)),
    ).fetchall()
    for request, failure, status, reason, at, spec, home in rows:
        if run is not None:
            db.execute(
                "update or ignore request set run_id = ?, state = 'queued', attempt = 0, refused = 0, not_before = 0"
                " where id = ?",
                (run, request),
            )
            continue
        db.execute("update or ignore request set state = 'failed', run_id = ? where id = ?", (_heir(db, home), request))
        what = describe(frontier.unpack(spec))
        kind = "released" if status is None else str(status)
        db.execute(
            "insert into error(fingerprint, source, kind, message, sample, count, first_at, last_at)"
            " values(?, ?, ?, ?, ?, 1, ?, ?) on conflict(fingerprint) do update set count = count + 1",
            (failure, source, kind, reason, what, at, at),
        )
    return len(rows)


# For the command line: the file is opened and locked for one change, without a run.


def quarantine_in_file(database: Path, source: str, which: str) -> int:
    """Set aside a failed request by its number, a kind of error by its fingerprint, or ALL; return how many.

    Raises:
        StoreUnusable: the file cannot be written, or a harvest writes to it.
    """
    id = _number(which)
    failure = which if id is None and which != ALL else None
    with writing(database) as db:
        return sum(quarantine(db, source, failure, id).values())


def release_in_file(database: Path, source: str, which: str) -> int:
    """Release a request from quarantine by its number, or ALL; return how many.

    Raises:
        StoreUnusable: the file cannot be written, or a harvest writes to it.
    """
    id = _number(which)
    with writing(database) as db:
        return release(db, source, id, None) if id is not None or which == ALL else 0


def _number(which: str) -> int | None:
    # 15 digits fit in SQLite's 64-bit integers.
    return int(which) if which.isascii() and which.isdigit() and len(which) < 16 else None


def _heir(db: sqlite3.Connection, run: int) -> int:
    """Return the newest run of the same scope: the next run retries the failures of that one."""
    query = "select max(other.id) from run join run as other using(source, scope) where run.id = ?"
    found = db.execute(query, (run,)).fetchone()[0]
    return run if found is None else int(found)
