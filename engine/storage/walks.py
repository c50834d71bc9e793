"""The ends of walks on disk. Functions over one connection.

A walk has one row: how it ended when it was last walked, and in which run. That a page of it failed, or was not sent,
is not written here. It is read from the requests, so that a retry needs to take nothing back, and a failed page cuts
its walk whether the walk's last page landed before or after it.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from engine.common.text import clean
from engine.model.snapshot import State
from engine.model.source import Request
from engine.model.walk import NAMED, WORST_FIRST, Completeness, WalkEnd, WalkReport
from engine.storage.frontier import Claimed
from engine.storage.opening import reading
from engine.storage.schema import has_table

LONGEST: Final = 300
"""Characters kept of a reason and of a place."""
MOST_OPEN: Final = 50_000
"""Requests of a run that are searched for walks that did not end."""
_FAILED: Final = ("failed", "aside")
_OPEN: Final = ("queued", "claimed")
_COLUMNS: Final = "walk, part, completeness, reason, place, arrived, total"
# The specification of a request that is done is empty, and json_extract refuses that: the first query leaves it out.
# A page that waited for the others of its walk (`behind`) was not sent because one of them failed: that one is named.
# SQLite takes the columns beside max() from the row with the maximum: https://sqlite.org/lang_select.html#bareagg
_UNFINISHED: Final = """
with asked as materialized (
  select walk, spec, state, reason, behind, coalesce(ended_at, 0) as at from request
  where run_id = ? and state in ({states}) and walk != '' order by state = 'failed' desc limit ?),
unfinished as materialized (
  select walk, coalesce(json_extract(spec, '$.part'), '') as part, json_extract(spec, '$.page') as page, state, reason,
    at, max(case state when 'failed' then 3 - behind when 'aside' then 1 else 0 end)
  from asked group by walk)
"""


def save(
    db: sqlite3.Connection, source: str, run: int, ends: Iterable[WalkEnd], now: float
) -> Sequence[tuple[WalkEnd, Completeness | None]]:
    """Store ends over the earlier ones. Return each with what the same walk was before in this run; None if new."""
    changed = []
    for end in ends:
        query = "select completeness from _fetchdeck_walk where source = ? and walk = ? and run_id = ?"
        before = db.execute(query, (source, end.walk, run)).fetchone()
        shown = (clean(end.reason, LONGEST), clean(end.place, LONGEST))
        db.execute(
            f"insert or replace into _fetchdeck_walk(source, run_id, {_COLUMNS}, at)"
            " values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (source, run, end.walk, end.part, end.completeness.value, *shown, end.arrived, end.total, now),
        )
        changed.append((end, Completeness(before[0]) if before else None))
    return changed


def circle(
    db: sqlite3.Connection,
    source: str,
    run: int,
    claimed: Claimed,
    more: Sequence[Request],
    ends: Sequence[WalkEnd],
) -> WalkEnd | None:
    """Return the end of a walk whose next page has been read before in this run, so that it is not queued again.

    Nothing of the walk would be left to read, and nothing would say how it ended. None if there is more of it, or an
    end, or if the page names no other.
    """
    request = claimed.request
    goes_on = any(one.walk == request.walk for one in more)
    if not request.walk or not goes_on or any(end.walk == request.walk for end in ends):
        return None
    left = "select 1 from request where run_id = ? and walk = ? and walk != '' and state != 'done' and id != ? limit 1"
    ended = "select 1 from _fetchdeck_walk where source = ? and walk = ? and run_id = ?"
    if db.execute(left, (run, request.walk, claimed.id)).fetchone():
        return None
    if db.execute(ended, (source, request.walk, run)).fetchone():
        return None
    return WalkEnd(
        walk=request.walk,
        part=request.part,
        completeness=Completeness.CUT,
        reason="the API names a page again that was read before, so the pages go in circles",
        place="" if request.page is None else f"page {request.page}",
    )


def of_run(db: sqlite3.Connection, source: str, run: int, *, ended: State | None = None) -> WalkReport:
    """Report on the walks of a run.

    A failed page cuts its walk, and one in quarantine bounds it: a person chose that. Where a run has `ended` with
    requests that were not sent, their walks are bounded if it was stopped, and cut if its source failed.
    """
    states = (*_FAILED, *_OPEN) if ended in {State.STOPPED, State.FAILED} else _FAILED
    unfinished = _UNFINISHED.format(states=", ".join(f"'{state}'" for state in states))
    found = dict.fromkeys(Completeness, 0)
    bound = (run, MOST_OPEN)
    for state, many in db.execute(f"{unfinished} select state, count(*) from unfinished group by state", bound):  # noqa: S608 - constants
        found[_completeness(state, ended)] += many
    rest = "select completeness, count(*) from _fetchdeck_walk where source = ? and run_id = ?"
    rest += " and walk not in (select walk from unfinished) group by completeness"
    for completeness, many in db.execute(f"{unfinished} {rest}", (*bound, source, run)):
        found[Completeness(completeness)] += many
    named = [_end(row) for row in _newest_cut(db, source, run)]
    query = "select walk, part, page, state, reason from unfinished order by state = 'failed' desc, at desc limit ?"
    for walk, part, page, state, reason in db.execute(f"{unfinished} {query}", (*bound, NAMED)):
        if _completeness(state, ended) is Completeness.CUT:
            failed = state in _FAILED
            why = reason if failed else "not read, because the source failed"
            named = [one for one in named if one.walk != walk]
            end = WalkEnd.of_failed_page(walk=walk, part=part, page=page, reason=why)
            named.append(replace(_cleaned(end), failed_page=failed))
    return WalkReport(**{one.value: many for one, many in found.items()}, named=tuple(named[:NAMED]))


def by_part(db: sqlite3.Connection, source: str, apart: Collection[str] = ()) -> Mapping[str, WalkReport]:
    """Report on how each walk of a source ended last, by part. Each report names one walk of a kind, the worst first.

    Cut walks of the names `apart` are left out. A file of an older version has none of any kind.
    Failed pages are left out: the coverage map finds them among the open requests.
    """
    if not has_table(db, "_fetchdeck_walk"):
        return {}
    rows = db.execute(
        f"select {_COLUMNS}, max(at), count(*) from _fetchdeck_walk where source = ? group by part, completeness",  # noqa: S608 - a constant
        (source,),
    )
    counts: dict[str, dict[str, int]] = {}
    named: dict[str, list[WalkEnd]] = {}
    left = _cut_of_parts(db, source, apart) if apart else {}
    for *columns, _at, many in rows.fetchall():
        end = _end(columns)
        if apart and end.completeness is Completeness.CUT:
            end, many = left.get(end.part, (end, 0))  # noqa: PLW2901 -- what is left without those
            if not many:
                continue
        counts.setdefault(end.part, {})[end.completeness.value] = many
        if end.completeness is not Completeness.WHOLE:
            named.setdefault(end.part, []).append(end)
    for ends in named.values():
        ends.sort(key=lambda end: WORST_FIRST.index(end.completeness))
    return {part: WalkReport(**many, named=tuple(named.get(part, ()))) for part, many in counts.items()}


def _cut_of_parts(db: sqlite3.Connection, source: str, apart: Collection[str]) -> Mapping[str, tuple[WalkEnd, int]]:
    """Return the newest cut walk of each part and how many there are, without those of the names `apart`."""
    query = f"select {_COLUMNS} from _fetchdeck_walk where source = ? and completeness = 'cut' order by at"  # noqa: S608 - a constant
    found: dict[str, tuple[WalkEnd, int]] = {}
    for row in db.execute(query, (source,)):
        if row[0] not in apart:
            end = _end(row)
            found[end.part] = (end, found.get(end.part, (end, 0))[1] + 1)
    return found


def cut(db: sqlite3.Connection, source: str, many: int, apart: Collection[str] = ()) -> tuple[Sequence[WalkEnd], int]:
    """Return the walks of a source that are cut now, at most `many`, the newest first; and how many there are.

    Walks with failed pages are left out: their requests are listed as failed. So are the names `apart`.
    """
    if not has_table(db, "_fetchdeck_walk"):
        return (), 0
    query = "from _fetchdeck_walk where source = ? and completeness = 'cut'"
    (count,) = db.execute(f"select count(*) {query}", (source,)).fetchone()
    rows = db.execute(f"select {_COLUMNS} {query} order by at desc limit ?", (source, many + len(apart)))
    return [_end(row) for row in rows.fetchall() if row[0] not in apart][:many], count - len(apart)


def read_cut(
    database: Path, sources: Sequence[str], many: int, apart: Mapping[str, Collection[str]] | None = None
) -> Mapping[str, tuple[Sequence[WalkEnd], int]]:
    """Return what `cut` returns of each source, from a file. `apart` has names that are left out, by source.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    with reading(database) as db:
        return {source: cut(db, source, many, (apart or {}).get(source, ())) for source in sources}


def _newest_cut(db: sqlite3.Connection, source: str, run: int) -> Sequence[Sequence[Any]]:
    query = f"select {_COLUMNS} from _fetchdeck_walk where source = ? and run_id = ? and completeness = 'cut'"  # noqa: S608 - a constant
    return db.execute(f"{query} order by at desc limit ?", (source, run, NAMED)).fetchall()


def _completeness(state: str, ended: State | None) -> Completeness:
    if state == "failed" or (state in _OPEN and ended is State.FAILED):
        return Completeness.CUT
    return Completeness.BOUNDED


def _end(row: Sequence[Any]) -> WalkEnd:
    walk, part, completeness, reason, place, arrived, total = row
    return _cleaned(
        WalkEnd(
            walk=walk,
            part=part,
            completeness=Completeness(completeness),
            reason=reason,
            place=place,
            arrived=arrived,
            total=total,
        )
    )


def _cleaned(end: WalkEnd) -> WalkEnd:
    """Return an end that can be shown: its words come from the API."""
    return replace(
        end, walk=clean(end.walk, LONGEST), reason=clean(end.reason, LONGEST), place=clean(str(end.place), LONGEST)
    )
