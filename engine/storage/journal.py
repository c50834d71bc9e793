"""What is written down once a second for the next start and for the record: budgets, decisions, samples.

Functions over one connection.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from engine.model.events import LimitMoved
from engine.model.lane_state import Quota
from engine.model.snapshot import Second
from engine.pacing.budgets.learned import Learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One second of one lane."""

    source: str
    lane: str
    at: int
    """The second since the epoch, UTC, that just ended."""
    sent: int
    second: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierBudgets:
    """What an earlier process knew of a lane's budgets."""

    quotas: tuple[Quota, ...]
    """Those whose windows still run, with `resets_in` seconds from now."""
    sent: tuple[tuple[float, int], ...]
    """How many requests left how many seconds ago, the oldest first."""
    learned: Learned | None = None
    """The limits it found out."""


def write(db: sqlite3.Connection, samples: Iterable[Sample], decisions: Iterable[LimitMoved]) -> None:
    """Add a second's samples and the decisions since the last."""
    db.executemany(
        "insert into sample(source, lane, at, sent, requests, rows, bytes, p50, p95, in_flight, lim)"
        " values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict(source, lane, at)"
        " do update set sent = sent + excluded.sent, requests = requests + excluded.requests,"
        " rows = rows + excluded.rows, bytes = bytes + excluded.bytes",
        [
            (one.source, one.lane, one.at, one.sent, s.requests, s.rows, s.bytes, s.p50, s.p95, s.in_flight, s.limit)
            for one in samples
            for s in (one.second,)
        ],
    )
    db.executemany(
        "insert into decision(at, source, lane, old, new, reason) values(?, ?, ?, ?, ?, ?)",
        [(d.at, d.source, d.lane, d.old, d.new, d.reason) for d in decisions],
    )


def write_quotas(db: sqlite3.Connection, domain: str, quotas: Iterable[Quota], wall: float) -> None:
    """Keep what headers said of a domain's budgets, resets as epoch seconds."""
    db.executemany(
        "insert into budget(domain, name, lim, remaining, reset_at, seen_at) values(?, ?, ?, ?, ?, ?)"
        " on conflict(domain, name) do update set lim = excluded.lim, remaining = excluded.remaining,"
        " reset_at = excluded.reset_at, seen_at = excluded.seen_at",
        [
            (domain, q.name, q.limit, q.remaining, wall + q.resets_in, wall)
            for q in quotas
            if q.origin == "headers" and q.resets_in is not None
        ],
    )


def load_earlier(
    db: sqlite3.Connection, *, domain: str, source: str, lane: str, span: float, wall: float
) -> EarlierBudgets:
    """Return what is known of a domain: running windows, and what was sent in the last `span` seconds."""
    sent = tuple(
        (wall - at, many)
        for at, many in db.execute(
            "select at, sent from sample"
            " where source = ? and lane = ? and at >= ? and at <= ? and sent > 0 order by at",
            (source, lane, wall - span, wall),
        )
    )
    row = db.execute("select lessons from learned where domain = ?", (domain,)).fetchone()
    return EarlierBudgets(quotas=_running(db, domain, wall), sent=sent, learned=_learned(row[0]) if row else None)


def latest_windows(db: sqlite3.Connection, beginning: str, wall: float) -> tuple[Quota, ...]:
    """Return the running windows of that domain, of those whose names begin so, that was heard of last."""
    last = db.execute(
        "select domain from budget where substr(domain, 1, ?) = ? order by seen_at desc limit 1",
        (len(beginning), beginning),
    ).fetchone()
    return _running(db, last[0], wall) if last else ()


def _running(db: sqlite3.Connection, domain: str, wall: float) -> tuple[Quota, ...]:
    return tuple(
        Quota(name=name, origin="headers", limit=limit, remaining=remaining, resets_in=reset_at - wall)
        for name, limit, remaining, reset_at in db.execute(
            "select name, lim, remaining, reset_at from budget where domain = ? and reset_at > ?", (domain, wall)
        )
    )


def write_learned(db: sqlite3.Connection, domain: str, learned: Learned) -> None:
    """Keep what was found out about a domain's limits, in place of what was known before."""
    lessons = msgspec.json.encode(learned).decode()
    db.execute(
        "insert into learned(domain, lessons) values(?, ?)"
        " on conflict(domain) do update set lessons = excluded.lessons",
        (domain, lessons),
    )


def _learned(lessons: str) -> Learned | None:
    """Read lessons; None where an older program wrote them in another form."""
    try:
        return msgspec.json.decode(lessons, type=Learned)
    except msgspec.DecodeError:
        return None
