"""Where the walks of a run began, so that a walk is resumed at the page that failed or begun anew. One connection.

A walk is a list that is read page by page (`Request.walk`). Its first request is kept once a page follows it. The next
run takes over the page that failed and does not ask for the list from its beginning; docs/decisions/0022 has the rule.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.model.source import Request
from engine.model.walk import Completeness, WalkEnd
from engine.storage import frontier
from engine.storage.schema import has_table

RESUME_WITHIN: Final = 86_400.0
"""Seconds after which a failed page is too old to go on from: cursors expire, and the pages of a list move."""


class _State(StrEnum):
    BEGUN = "begun"
    """It began in this run."""
    RESUMED = "resumed"
    """An earlier run began it; this one goes on at the page that failed."""
    EXPIRED = "expired"
    """An earlier run began it too long ago. It begins anew after the seeds, unless one of them begins it."""
    ANEW = "anew"
    """It was begun anew in this run, which happens once."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed request that a new run takes over."""

    id: int
    walk: str
    failed_at: float


@dataclass(frozen=True, slots=True)
class _Start:
    """The first request of a walk."""

    spec: str
    key: str
    landed_at: float


def note(db: sqlite3.Connection, run: int, first: Request, more: Iterable[Request], now: float) -> None:
    """Keep the first request of a walk, once its answer names another page. Later pages of the walk change nothing."""
    if first.walk and any(request.walk == first.walk for request in more):
        _keep(db, run, first, now)


def note_cut(db: sqlite3.Connection, run: int, last: Request, ends: Iterable[WalkEnd], now: float) -> None:
    """Keep the first request of a walk that a page has cut, even if that is its only page; see `take_over_cut`."""
    if any(end.walk == last.walk and end.completeness is Completeness.CUT for end in ends):
        _keep(db, run, last, now)


def landed(db: sqlite3.Connection, source: str, key: str) -> float | None:
    """Return when the first page of a walk landed; None if it began none. A file of an older version has no table."""
    if not has_table(db, "_fetchdeck_walk_start"):
        return None
    query = "select max(landed_at) from _fetchdeck_walk_start join run on run.id = run_id where source = ? and key = ?"
    row = db.execute(query, (source, key)).fetchone()
    return None if row[0] is None else float(row[0])


def under_way(db: sqlite3.Connection, run: int) -> frozenset[str]:
    """Return the walks that this run did not begin by itself: what would begin them again is not queued."""
    rows = db.execute(
        "select walk from _fetchdeck_walk_start where run_id = ? and state in (?, ?)",
        (run, _State.RESUMED, _State.ANEW),
    )
    return frozenset(row[0] for row in rows)


def take_over(
    db: sqlite3.Connection, run: int, source: str, failed: Sequence[Failed], *, full: bool, oldest: float
) -> None:
    """Resume the walks of failed requests that have moved into a new run, or mark them to be begun anew.

    A walk whose first page failed has no start, and its request is simply sent again.

    Args:
        db: a connection that is in a transaction.
        run: the new run.
        source: its source.
        failed: the requests that have moved.
        full: whether everything is fetched. The seeds then begin every walk, so its later pages are dropped.
        oldest: a walk that last failed before this moment, in epoch seconds, begins anew.
    """
    latest: dict[str, float] = {}
    for one in failed:
        latest[one.walk] = max(one.failed_at, latest.get(one.walk, 0.0))
    for walk, failed_at in latest.items():
        start = _earlier(db, source, walk)
        if start is None:
            continue
        if not full and failed_at >= oldest:
            _insert(db, run, walk, start, _State.RESUMED)
            continue
        db.executemany("delete from request where id = ?", [(one.id,) for one in failed if one.walk == walk])
        if not full:
            _insert(db, run, walk, start, _State.EXPIRED)
    _forget(db, source)


def take_over_cut(db: sqlite3.Connection, run: int, source: str, scope: str) -> None:
    """Mark the walks that earlier runs of a scope cut, so that a new run begins them anew, unless a seed does.

    Without this, a walk below an item that is listed once, because its list is asked for what is new only, would stay
    cut for ever while later runs say that they are complete.
    """
    rows = db.execute(
        "select walk from _fetchdeck_walk join run on run.id = run_id"
        " where _fetchdeck_walk.source = ? and completeness = 'cut' and scope = ?",
        (source, scope),
    ).fetchall()
    for (walk,) in rows:
        start = _earlier(db, source, walk)
        if start is not None:
            _insert(db, run, walk, start, _State.EXPIRED)


def adopt(db: sqlite3.Connection, run: int, ids: Sequence[int]) -> tuple[int, Mapping[str, int]]:
    """Move unfinished requests of any run into this one, as `frontier.adopt` does, and resume their walks."""
    moved = frontier.adopt(db, run, ids)
    (source,) = db.execute("select source from run where id = ?", (run,)).fetchone()
    for id in ids:
        row = db.execute("select walk from request where id = ? and run_id = ?", (id, run)).fetchone()
        start = _earlier(db, source, row[0]) if row and row[0] else None
        if start is not None:
            _insert(db, run, row[0], start, _State.RESUMED)
    return moved


def begin_expired(db: sqlite3.Connection, run: int) -> int:
    """Queue the first requests of expired walks that no seed has begun; return how many."""
    queued = 0
    rows = db.execute(
        "select walk, spec from _fetchdeck_walk_start where run_id = ? and state = ?", (run, _State.EXPIRED)
    ).fetchall()
    for walk, spec in rows:
        if not db.execute("select 1 from request where run_id = ? and walk = ? limit 1", (run, walk)).fetchone():
            queued += frontier.enqueue(db, run, [frontier.unpack(spec)])
        db.execute("update _fetchdeck_walk_start set state = ? where run_id = ? and walk = ?", (_State.ANEW, run, walk))
    return queued


def begin_anew(db: sqlite3.Connection, run: int, id: int, walk: str) -> int | None:
    """Begin a walk again at its first page, because the API refuses to go on at a page of an earlier process.

    Its answered pages are forgotten, or their keys would keep them from being asked for. Pages that were open when it
    began anew belong to the old walk: those that are refused as well are dropped.

    Returns:
        How many requests were queued; None if the walk cannot begin anew, so that the request has failed.
    """
    found = db.execute(
        "select spec, state, newest_id from _fetchdeck_walk_start where run_id = ? and walk = ?", (run, walk)
    ).fetchone()
    if found is None or (found[1] == _State.ANEW and (found[2] is None or id > found[2])):
        return None
    if found[1] == _State.ANEW:
        db.execute("delete from request where id = ?", (id,))
        return 0
    first, newest = frontier.unpack(found[0]), frontier.newest(db)
    taken = "select 1 from request where run_id = ? and key = ? and state != 'done'"
    if db.execute(taken, (run, first.key)).fetchone():
        return None
    db.execute("delete from request where run_id = ? and walk = ? and (state = 'done' or id = ?)", (run, walk, id))
    queued = frontier.enqueue(db, run, [first])
    # SQLite gives a deleted row's id to the next one, and the old pages are told from the new ones by their ids.
    db.execute("update request set id = ? where run_id = ? and key = ?", (newest + 1, run, first.key))
    db.execute(
        "update _fetchdeck_walk_start set state = ?, newest_id = ? where run_id = ? and walk = ?",
        (_State.ANEW, newest, run, walk),
    )
    return queued


def counted(rows: Iterable[tuple[int, str, float | None, str]]) -> tuple[Sequence[Failed], Mapping[str, int]]:
    """Sort out the rows of requests that have moved: those of a walk, and how many failed, by kind."""
    moved = list(rows)
    walks = [Failed(id, walk, failed_at or 0.0) for id, walk, failed_at, _ in moved if walk]
    return walks, Counter(failure for *_, failure in moved)


def _earlier(db: sqlite3.Connection, source: str, walk: str) -> _Start | None:
    row = db.execute(
        "select spec, key, landed_at from _fetchdeck_walk_start join run on run.id = run_id"
        " where source = ? and walk = ? order by run_id desc limit 1",
        (source, walk),
    ).fetchone()
    return None if row is None else _Start(*row)


def _keep(db: sqlite3.Connection, run: int, first: Request, now: float) -> None:
    _insert(db, run, first.walk, _Start(frontier.pack(first), first.key, now), _State.BEGUN)


def _insert(db: sqlite3.Connection, run: int, walk: str, start: _Start, state: _State) -> None:
    db.execute(
        "insert or ignore into _fetchdeck_walk_start(run_id, walk, spec, key, landed_at, state)"
        " values(?, ?, ?, ?, ?, ?)",
        (run, walk, start.spec, start.key, start.landed_at, state),
    )


def _forget(db: sqlite3.Connection, source: str) -> None:
    """Delete the starts of finished runs that no failed request is left of, but for walks that are cut."""
    db.execute(
        "delete from _fetchdeck_walk_start where run_id in (select id from run where source = ? and state in"
        " ('done', 'superseded') and not exists (select 1 from request where run_id = run.id and state = 'failed'))"
        " and walk not in (select walk from _fetchdeck_walk where source = ? and completeness = 'cut')",
        (source, source),
    )
