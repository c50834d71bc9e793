"""Runs, and the cursors and coverage they keep for the next one. Functions over one connection.

A run belongs to a source and a scope, which is what its configuration harvests. An unfinished run is resumed; after a
finished one a new run begins, which starts from the cursors.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.model.source import Covered
from engine.storage import failures, frontier, walk_starts

FILLS: Final = " fills "
_LONGEST: Final = 300


# Coverage: ranges of ids that are known completely, merged where they overlap or touch.


def add_coverage(db: sqlite3.Connection, source: str, ranges: Iterable[Covered]) -> None:
    """Add ranges, each merged with those it overlaps or touches. A range with low > high is empty and skipped."""
    for one in ranges:
        if one.low > one.high:
            continue
        touching = (source, one.scope, one.high + 1, one.low - 1)
        low, high = db.execute(
            "select min(low), max(high) from coverage where source = ? and scope = ? and low <= ? and high >= ?",
            touching,
        ).fetchone()
        db.execute("delete from coverage where source = ? and scope = ? and low <= ? and high >= ?", touching)
        merged = (min(one.low, low), max(one.high, high)) if low is not None else (one.low, one.high)
        db.execute("insert into coverage(source, scope, low, high) values(?, ?, ?, ?)", (source, one.scope, *merged))


def read_coverage(db: sqlite3.Connection, source: str) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Return a source's ranges by scope, lowest first."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for scope, low, high in db.execute(
        "select scope, low, high from coverage where source = ? order by scope, low", (source,)
    ):
        ranges.setdefault(scope, []).append((low, high))
    return ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    id: int
    resumed: bool
    started_at: float
    """Seconds since the epoch, UTC."""
    full: bool
    cursors: Mapping[str, str]
    covered: Mapping[str, Sequence[tuple[int, int]]]
    counts: frontier.Counts
    recovered: Mapping[str, int] = field(default_factory=dict)
    """How many requests a dead process had claimed, by lane: it may have sent them."""


def begin(
    db: sqlite3.Connection,
    source: str,
    scope: str,
    *,
    full: bool,
    now: float,
    resume_within: float = walk_starts.RESUME_WITHIN,
) -> Run:
    """Resume the unfinished run of this scope, or begin a new one. `full` always begins a new one.

    A new run resumes the walks that failed less than `resume_within` seconds ago; see `walk_starts`.

    Unfinished runs of other scopes are left alone. The unfinished run that `full` replaces is marked superseded, and
    its requests are deleted except those in quarantine.
    """
    row = db.execute(
        "select id, started_at, full from run where source = ? and scope = ? and state not in ('done', 'superseded')"
        " order by id desc limit 1",
        (source, scope),
    ).fetchone()
    if row and full:
        db.execute("update run set state = 'superseded', ended_at = ? where id = ?", (now, row[0]))
        db.execute("delete from request where run_id = ? and state != 'aside'", (row[0],))
        row = None
    if row:
        id, started_at, full = row[0], row[1], bool(row[2])
        recovered = frontier.recover(db, id)
        db.execute("update run set state = 'running', reason = '', ended_at = null where id = ?", (id,))
    else:
        recovered = {}
        id, started_at = _create(db, source, scope, full=full, now=now, oldest=now - resume_within), now
    cursors = dict(db.execute("select name, value from cursor where source = ?", (source,)).fetchall())
    return Run(
        id=id,
        resumed=bool(row),
        started_at=started_at,
        full=full,
        cursors=cursors,
        covered=read_coverage(db, source),
        counts=frontier.counts(db, id),
        recovered=recovered,
    )


def fill_scope(scope: str, parts: Sequence[str]) -> str:
    """Name the scope of a run that refills only some parts of another scope.

    A long list of parts is replaced by its digest, so that the name stays readable and the same parts still give the
    same scope.
    """
    named = ", ".join(sorted(parts))
    label = named if len(named) <= _LONGEST else hashlib.blake2b(named.encode(), digest_size=8).hexdigest()
    return f"{scope}{FILLS}{label}"


def save_cursors(db: sqlite3.Connection, source: str, cursors: Mapping[str, str]) -> None:
    """Store cursors over their old values."""
    db.executemany(
        "insert into cursor(source, name, value) values(?, ?, ?)"
        " on conflict(source, name) do update set value = excluded.value",
        [(source, name, value) for name, value in cursors.items()],
    )


def end(db: sqlite3.Connection, run: int, state: str, reason: str, now: float) -> None:
    db.execute("update run set state = ?, reason = ?, ended_at = ? where id = ?", (state, reason, now, run))


def _create(db: sqlite3.Connection, source: str, scope: str, *, full: bool, now: float, oldest: float) -> int:
    """Begin a run. Failed requests of the scope's finished runs move into it; their answered requests are deleted.

    A walk that last failed before `oldest` is begun anew, instead of going on at the page that failed.
    """
    query = "insert into run(source, scope, full, state, started_at) values(?, ?, ?, 'running', ?) returning id"
    run = int(db.execute(query, (source, scope, int(full), now)).fetchone()[0])
    db.execute(
        "delete from request where state = 'done' and run_id in"
        " (select id from run where source = ? and scope = ? and state = 'done')",
        (source, scope),
    )
    # The prefix test also takes over the failures of refill runs, whose scopes begin with this scope.
    again = db.execute(
        "update or ignore request set run_id = ?, state = 'queued', attempt = 0, refused = 0, not_before = 0"
        " where state = 'failed' and run_id in (select id from run where source = ? and state = 'done'"
        " and (scope = ? or substr(scope, 1, ?) = ?))"
        " returning id, walk, ended_at, failure",
        (run, source, scope, len(scope + FILLS), scope + FILLS),
    )
    failed, kinds = walk_starts.counted(again.fetchall())
    failures.uncount(db, kinds)
    walk_starts.take_over(db, run, source, failed, full=full, oldest=oldest)
    if not full:
        walk_starts.take_over_cut(db, run, source, scope)
    return run
