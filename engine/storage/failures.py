"""The error table: failures grouped by kind, and bodies that could not be parsed. Functions over one connection."""

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from engine.common.text import clean
from engine.model.snapshot import Attempt, Failure
from engine.storage.schema import has_table

KEPT_ATTEMPTS: Final = 20
"""Attempts kept per request: the newest."""
REASON_LENGTH: Final = 300
"""Characters kept of a reason."""
BODY_KEPT: Final = 65_536
"""Bytes kept of an unreadable body."""
RECENT: Final = 60
"""Minutes with failures that are kept per kind."""
BODIES_KEPT: Final = 200
"""Unreadable bodies kept per source: the newest."""


# Attempts: when each failed, with which outcome, and how long the request then waited.


def note_attempt(db: sqlite3.Connection, request: int, attempt: Attempt) -> None:
    """Store an attempt with its request; delete the oldest beyond KEPT_ATTEMPTS."""
    (last,) = db.execute("select coalesce(max(number), 0) from attempt where request_id = ?", (request,)).fetchone()
    db.execute(
        "insert into attempt(request_id, number, at, outcome, status, reason, wait) values(?, ?, ?, ?, ?, ?, ?)",
        (
            request,
            last + 1,
            attempt.at,
            attempt.outcome,
            attempt.status,
            clean(attempt.reason, REASON_LENGTH),
            attempt.wait,
        ),
    )
    db.execute("delete from attempt where request_id = ? and number <= ?", (request, last + 1 - KEPT_ATTEMPTS))


def attempts_of(db: sqlite3.Connection, requests: Sequence[int]) -> Mapping[int, Sequence[Attempt]]:
    """Return the attempts of the given requests, the newest last. A file of an older version has none."""
    if not has_table(db, "attempt"):
        return {}
    found: dict[int, list[Attempt]] = {}
    for request in requests:
        rows = db.execute(
            "select at, outcome, status, reason, wait from attempt where request_id = ? order by number", (request,)
        ).fetchall()
        found[request] = [
            Attempt(at=at, outcome=outcome, status=status, reason=clean(reason, REASON_LENGTH), wait=wait)
            for at, outcome, status, reason, wait in rows
        ]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRecord:
    """One request that failed for good. The texts are clean."""

    kind: str
    """"404", "Interrupted", "BadBody"."""
    message: str
    what: str
    """The request as `engine.storage.frontier` describes it."""
    status: int | None = None
    body: bytes | None = None
    """The body, where it could not be parsed."""
    head: str = ""
    """Head of the response, as `engine.pacing.response.error_text` makes it; "" where none arrived."""


def fingerprint(source: str, kind: str, message: str) -> str:
    """Hash what failures of one kind share: the message without numbers, ids and quoted parts."""
    shape = re.sub(r"[0-9a-f]{8,}|\d+|\"[^\"]*\"|'[^']*'", "#", message.lower())
    return hashlib.blake2b(f"{source}\0{kind}\0{shape}".encode(), digest_size=8).hexdigest()


def count(db: sqlite3.Connection, source: str, failed: FailureRecord, now: float) -> None:
    """Add a failure to its group."""
    print_ = fingerprint(source, failed.kind, failed.message)
    db.execute(
        "insert into error(fingerprint, source, kind, message, sample, count, first_at, last_at)"
        " values(?, ?, ?, ?, ?, 1, ?, ?) on conflict(fingerprint) do update set"
        " count = count + 1, last_at = excluded.last_at, message = excluded.message, sample = excluded.sample",
        (print_, source, failed.kind, failed.message, failed.what, now, now),
    )


def uncount(db: sqlite3.Connection, queued: Mapping[str, int]) -> None:
    """Take requests that are queued again out of their groups; delete groups that become empty."""
    counts = [(many, fingerprint) for fingerprint, many in queued.items()]
    db.executemany("update error set count = count - ? where fingerprint = ?", counts)
    db.executemany("delete from error where fingerprint = ? and count <= 0", [(one,) for one in queued])


def keep_body(db: sqlite3.Connection, source: str, key: str, failed: FailureRecord, now: float) -> None:
    """Store the beginning of an unreadable body; delete the oldest beyond BODIES_KEPT."""
    body = (failed.body or b"")[:BODY_KEPT]
    db.execute(
        "insert into quarantine(source, key, at, reason, body) values(?, ?, ?, ?, ?)",
        (source, key, now, failed.message, body),
    )
    db.execute(
        "delete from quarantine where source = ? and id <="
        " (select id from quarantine where source = ? order by id desc limit 1 offset ?)",
        (source, source, BODIES_KEPT),
    )


def keep_head(db: sqlite3.Connection, request: int, head: str) -> None:
    """Store the head of a request's last response. Without one, delete what an earlier failure stored."""
    if head:
        db.execute("insert or replace into response_head(request_id, head) values(?, ?)", (request, head))
    else:
        db.execute("delete from response_head where request_id = ?", (request,))


def load(db: sqlite3.Connection, source: str, many: int) -> list[Failure]:
    """Read a source's failure groups, the newest first."""
    recent = _recent(db, source)
    rows = db.execute(
        "select fingerprint, kind, message, count, first_at, last_at, sample from error"
        " where source = ? and count > 0 order by last_at desc limit ?",
        (source, many),
    )
    return [
        Failure(
            fingerprint=f,
            source=source,
            kind=k,
            message=m,
            count=c,
            first=first,
            last=last,
            sample=sample,
            recent=tuple(recent.get(f, ())),
        )
        for f, k, m, c, first, last, sample in rows
    ]


class Failures:
    """The error table for screens: loaded from the database, then updated as requests fail."""

    def __init__(self) -> None:
        self._groups: dict[str, Failure] = {}

    def load(self, known: Iterable[Failure]) -> None:
        """Add the groups of the database, given newest first. Groups that are already here are newer and win."""
        self._groups = {failure.fingerprint: failure for failure in reversed(list(known))} | self._groups

    def forget(self, source: str) -> None:
        """Drop a source's groups, before they are loaded again."""
        self._groups = {print_: one for print_, one in self._groups.items() if one.source != source}

    def add(self, source: str, failed: FailureRecord, now: float) -> None:
        """Add a failure to its group and move the group to the end, which is the newest."""
        print_ = fingerprint(source, failed.kind, failed.message)
        old = self._groups.pop(print_, None)
        self._groups[print_] = Failure(
            fingerprint=print_,
            source=source,
            kind=failed.kind,
            message=failed.message,
            count=old.count + 1 if old else 1,
            first=old.first if old else now,
            last=now,
            sample=failed.what,
            recent=_counted(old.recent if old else (), int(now // 60)),
        )

    def uncount(self, queued: Mapping[str, int]) -> None:
        """Take requests that are queued again out of their groups; drop groups that become empty."""
        for fingerprint, many in queued.items():
            old = self._groups.get(fingerprint)
            if old is not None and old.count > many:
                self._groups[fingerprint] = replace(old, count=old.count - many)
            elif old is not None:
                del self._groups[fingerprint]

    def newest(self, many: int) -> tuple[Failure, ...]:
        """Return the groups with the newest failures, newest first."""
        return tuple(islice(reversed(self._groups.values()), many))


def _recent(db: sqlite3.Connection, source: str) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Count a source's failed requests by kind and minute, over the last RECENT minutes that have failures."""
    found: dict[str, list[tuple[int, int]]] = {}
    rows = db.execute(
        "select failure, cast(request.ended_at / 60 as integer) as minute, count(*)"
        " from request join run on run.id = run_id"
        " where request.state = 'failed' and source = ? group by failure, minute order by minute",
        (source,),
    )
    for fingerprint, minute, many in rows:
        found.setdefault(fingerprint, []).append((minute, many))
    return {fingerprint: minutes[-RECENT:] for fingerprint, minutes in found.items()}


def _counted(recent: tuple[tuple[int, int], ...], minute: int) -> tuple[tuple[int, int], ...]:
    """Add one to the newest minute."""
    if recent and recent[-1][0] == minute:
        return (*recent[:-1], (minute, recent[-1][1] + 1))
    return (*recent[-RECENT + 1 :], (minute, 1))
