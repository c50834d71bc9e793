"""The journal, written once a second: samples and decisions for the record, budgets for the next start.

Functions over one connection.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from engine.model.events import LimitMoved
from engine.model.lane_state import Quota
from engine.model.snapshot import Second
from engine.model.source import Source
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
    """What earlier processes knew about a lane's budgets."""

    quotas: tuple[Quota, ...]
    """The budgets whose windows are still open; `resets_in` counts from now."""
    sent: tuple[tuple[float, int], ...]
    """Pairs of seconds ago and requests sent, the oldest first."""
    learned: Learned | None = None
    """The inferred limits."""


def write(db: sqlite3.Connection, samples: Iterable[Sample], decisions: Iterable[LimitMoved]) -> None:
    """Add the samples of a second and the decisions since the last call."""
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


def domain_name(source: Source, resource: str, identity: str = "") -> str:
    """Name a limit domain: the host, the resource, and who asks.

    Without `identity` it is the prefix shared by the domains of all identities.
    """
    mine = (budget.base_url for budget in source.budgets if budget.resource == resource and budget.base_url)
    return f"{next(mine, source.base_url)} {resource} {identity}"


def write_quotas(db: sqlite3.Connection, domain: str, quotas: Iterable[Quota], wall: float) -> None:
    """Store the budgets that headers advertised for a domain. Resets are stored as seconds since the epoch."""
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
    db: sqlite3.Connection, *, domain: str, source: str, lane: str, span: float, wall: float, recovered: int = 0
) -> EarlierBudgets:
    """Return a domain's open windows, its inferred limits, and its sends of the last `span` seconds.

    The journal is written once a second, so a process that was killed has sent more than it says: what was answered
    since, and at most what it had claimed (`recovered`). All of that counts as sent now.
    """
    sent = tuple(
        (wall - at, many)
        for at, many in db.execute(
            "select at, sent from sample"
            " where source = ? and lane = ? and at >= ? and at <= ? and sent > 0 order by at",
            (source, lane, wall - span, wall),
        )
    )
    if recovered:
        last = wall - min((ago for ago, _ in sent), default=span)
        answered = db.execute(
            "select count(*) from request join run on run.id = run_id"
            " where source = ? and lane = ? and request.ended_at >= ? and request.ended_at <= ?",
            (source, lane, last, wall),
        ).fetchone()[0]
        sent = (*sent, (0.0, answered + recovered))
    row = db.execute("select lessons from learned where domain = ?", (domain,)).fetchone()
    return EarlierBudgets(quotas=_open_windows(db, domain, wall), sent=sent, learned=_learned(row[0]) if row else None)


def latest_windows(db: sqlite3.Connection, beginning: str, wall: float) -> tuple[Quota, ...]:
    """Return the open windows of the most recently updated domain whose name starts with `beginning`."""
    last = db.execute(
        "select domain from budget where substr(domain, 1, ?) = ? order by seen_at desc limit 1",
        (len(beginning), beginning),
    ).fetchone()
    return _open_windows(db, last[0], wall) if last else ()


def _open_windows(db: sqlite3.Connection, domain: str, wall: float) -> tuple[Quota, ...]:
    # No window is longer than it was when it was seen: the clock may have been set back since.
    return tuple(
        Quota(name=name, origin="headers", limit=limit, remaining=remaining, resets_in=resets_in)
        for name, limit, remaining, resets_in in db.execute(
            "select name, lim, remaining, min(reset_at - ?, reset_at - seen_at) from budget"
            " where domain = ? and reset_at > ?",
            (wall, domain, wall),
        )
    )


def write_learned(db: sqlite3.Connection, domain: str, learned: Learned) -> None:
    """Replace the inferred limits of a domain."""
    lessons = msgspec.json.encode(learned).decode()
    db.execute(
        "insert into learned(domain, lessons) values(?, ?)"
        " on conflict(domain) do update set lessons = excluded.lessons",
        (domain, lessons),
    )


def _learned(lessons: str) -> Learned | None:
    """Parse stored limits; None if an older version wrote them in another form."""
    try:
        return msgspec.json.decode(lessons, type=Learned)
    except msgspec.DecodeError:
        return None
