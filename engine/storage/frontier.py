"""The frontier: the requests of a run on disk, and the state of each. Functions over one connection.

A request is queued, then claimed by the process that will send it, then done or failed. A claim without an outcome is
left only by a process that died; `recover` queues it again, which is how a killed run resumes.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, Final

import msgspec

from engine.common.text import clean
from engine.model.source import Request

_DEFAULTS: Final = {
    field.name: field.default_factory() if field.default_factory is not MISSING else field.default
    for field in fields(Request)
}
_decode = msgspec.json.Decoder(Request).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A request claimed from the frontier, with its history."""

    id: int
    request: Request
    attempt: int
    """Failed attempts so far."""
    refused: int
    """Rate-limit refusals so far."""
    lost: bool = False
    """It waited for the others of its walk, and one of them has failed. It fails as well, without being sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Requests of a run, by state."""

    queued: int = 0
    claimed: int = 0
    done: int = 0
    failed: int = 0
    aside: int = 0
    """In quarantine."""


# A request that is behind others waits while one of its walk is open. The term `walk != ''` lets SQLite use the index,
# which holds no request without a walk (https://sqlite.org/partialindex.html).
_FREE: Final = """
 and (behind = 0 or not exists (
   select 1 from request as other where other.run_id = request.run_id and other.walk = request.walk
   and other.walk != '' and other.state in ('queued', 'claimed') and other.id != request.id))
"""


def pack(request: Request) -> str:
    """Encode a request for the disk: JSON of the fields that differ from their defaults."""
    given: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(request, name)
        if value != default:
            given[name] = value
    return msgspec.json.encode(given).decode()


def unpack(spec: str) -> Request:
    return _decode(spec)


def enqueue(db: sqlite3.Connection, run: int, requests: Iterable[Request], parent: int | None = None) -> int:
    """Add the requests whose keys are new in this run; return how many were added."""
    rows = [(run, r.key, r.resource, r.priority, parent, pack(r), r.walk, r.behind) for r in requests]
    cursor = db.executemany(
        "insert into request(run_id, key, lane, priority, parent_id, spec, walk, behind) values(?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict(run_id, key) do nothing",
        rows,
    )
    return max(0, cursor.rowcount)


def claim(db: sqlite3.Connection, run: int, lane: str, many: int, now: float) -> list[Claimed]:
    """Claim up to `many` due requests that wait for no other: the lowest priority number first, then the oldest."""
    query = "select id, spec, attempt, refused from request where run_id = ? and lane = ? and state = 'queued'"
    rows = db.execute(
        f"{query} and not_before <= ? {_FREE} order by priority, id limit ?",
        (run, lane, now, many),
    ).fetchall()
    db.executemany("update request set state = 'claimed' where id = ?", [(row[0],) for row in rows])
    claimed = [
        Claimed(id=id, request=unpack(spec), attempt=attempt, refused=refused) for id, spec, attempt, refused in rows
    ]
    return [replace(one, lost=_is_lost(db, run, one)) if one.request.behind else one for one in claimed]


def _is_lost(db: sqlite3.Connection, run: int, claimed: Claimed) -> bool:
    query = "select 1 from request where run_id = ? and walk = ? and walk != '' and state = 'failed' limit 1"
    return db.execute(query, (run, claimed.request.walk)).fetchone() is not None


def holds_back(db: sqlite3.Connection, run: int, walk: str) -> bool:
    """Say whether a queued request waits for the others of a walk, so that it may be due when one of them is over."""
    query = "select 1 from request where run_id = ? and walk = ? and walk != '' and state = 'queued' and behind limit 1"
    return bool(walk) and db.execute(query, (run, walk)).fetchone() is not None


def next_due(db: sqlite3.Connection, run: int, lane: str) -> float | None:
    """Return when a lane's first queued request may be sent, in epoch seconds; None when none is queued."""
    query = f"select min(not_before) from request where run_id = ? and lane = ? and state = 'queued' {_FREE}"  # noqa: S608 -- a constant
    value = db.execute(query, (run, lane)).fetchone()[0]
    return None if value is None else float(value)


def put_back(
    db: sqlite3.Connection, claimed: Claimed, not_before: float, reason: str, *, wait: float | None = None
) -> None:
    """Queue a claimed request again, with its updated history.

    Args:
        db: a connection that is in a transaction.
        claimed: the request.
        not_before: when it is due, in epoch seconds.
        reason: why it is queued again.
        wait: how many seconds that is from now.
    """
    db.execute(
        "update request set state = 'queued', not_before = ?, wait = ?, attempt = ?, refused = ?, reason = ?"
        " where id = ?",
        (not_before, wait, claimed.attempt, claimed.refused, reason, claimed.id),
    )


def shorten_waits(db: sqlite3.Connection, run: int, now: float) -> None:
    """Let no request of a run wait longer than it was to wait at all: the clock was set back since an earlier process.

    What is left of a wait is the time until it is due, or the whole wait where that is shorter.
    """
    db.execute(
        "update request set not_before = ? + wait where run_id = ? and state = 'queued' and not_before > ? + wait",
        (now, run, now),
    )


def move_due_times(db: sqlite3.Connection, seconds: float) -> None:
    """Move the due times of all requests along with a clock that was set."""
    db.execute("update request set not_before = not_before + ? where state = 'queued' and not_before > 0", (seconds,))


def mark_done(db: sqlite3.Connection, id: int, status: int, now: float) -> None:
    """Mark a request as answered. The specification is emptied: a request that is done is never sent again."""
    db.execute(
        "update request set state = 'done', status = ?, ended_at = ?, spec = '' where id = ?",
        (status, now, id),
    )


def mark_failed(
    db: sqlite3.Connection, claimed: Claimed, status: int | None, reason: str, now: float, failure: str = ""
) -> None:
    """Mark a request as failed for good, with the fingerprint of its failure. It can still be queued again by hand."""
    db.execute(
        "update request set state = 'failed', status = ?, reason = ?, attempt = ?, ended_at = ?, failure = ?"
        " where id = ?",
        (status, reason, claimed.attempt, now, failure, claimed.id),
    )


def row_id(id: int | None) -> int | None:
    """Return an id as a statement can take it. Beyond 64 bits sqlite3 raises OverflowError; -1 is the id of no row."""
    return id if id is None or -(2**63) <= id < 2**63 else -1


def retry(db: sqlite3.Connection, run: int, failure: str | None = None, id: int | None = None) -> Mapping[str, int]:
    """Queue failed requests again with a fresh history: all, one kind of error, or one request. Count them by kind."""
    rows = db.execute(
        "update request set state = 'queued', attempt = 0, refused = 0, not_before = 0"
        " where run_id = ? and state = 'failed' and failure = coalesce(?, failure) and id = coalesce(?, id)"
        " returning failure",
        (run, failure, row_id(id)),
    )
    return Counter(row[0] for row in rows.fetchall())


def adopt(db: sqlite3.Connection, run: int, ids: Iterable[int]) -> tuple[int, Mapping[str, int]]:
    """Move unfinished requests of any run into this one, with a fresh history.

    Return how many moved, and how many of those had failed, by kind. A request whose key this run already has stays
    where it is: `update or ignore` skips it because (run_id, key) is unique.
    """
    failed: Counter[str] = Counter()
    moved = 0
    for id in ids:
        row = db.execute("select state, failure, run_id from request where id = ?", (id,)).fetchone()
        if row is None or row[0] not in {"failed", "queued", "claimed"} or (row[0] != "failed" and row[2] == run):
            continue
        done = db.execute(
            "update or ignore request set run_id = ?, state = 'queued', attempt = 0, refused = 0, not_before = 0"
            " where id = ?",
            (run, id),
        ).rowcount
        moved += done
        failed.update({row[1]: done} if row[0] == "failed" and done else {})
    return moved, failed


def newest(db: sqlite3.Connection) -> int:
    """Return the highest id of a request."""
    return int(db.execute("select coalesce(max(id), 0) from request").fetchone()[0])


def requeue_unsent(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Queue claimed requests that were not sent."""
    db.executemany("update request set state = 'queued' where id = ? and state = 'claimed'", [(id,) for id in ids])


def recover(db: sqlite3.Connection, run: int) -> Mapping[str, int]:
    """Queue the requests that a dead process had claimed; return how many, by lane."""
    query = "select lane, count(*) from request where run_id = ? and state = 'claimed' group by lane"
    found = dict(db.execute(query, (run,)).fetchall())
    db.execute("update request set state = 'queued' where run_id = ? and state = 'claimed'", (run,))
    return found


def counts(db: sqlite3.Connection, run: int) -> Counts:
    """Count a run's requests by state."""
    found: Mapping[str, int] = dict(
        db.execute("select state, count(*) from request where run_id = ? group by state", (run,)).fetchall()
    )
    return Counts(**found)


def describe(request: Request) -> str:
    """Describe a request by method, path and parameters, safe to show."""
    query = "&".join(f"{name}={value}" for name, value in request.params.items())
    verb = "GIT" if request.via == "git" else request.method
    return clean(f"{verb} {request.url}{'?' if query else ''}{query}", 160)
