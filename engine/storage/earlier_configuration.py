"""Failed requests and cut walks of an earlier configuration, which the present one no longer asks for.

They stay in the database: with the earlier configuration they would be tried again. But they say nothing of what the
present one harvests, so that coverage and errors list them apart.

A request of a run with another configuration is counted here in two cases: a later run has walked its list anew, or the
source says that a list of this name cannot be one of its own any more. In doubt it counts for the present, for a list
whose page failed is not complete.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.model.capabilities import KnowsItsWalks
from engine.model.source import Source
from engine.storage.opening import reading
from engine.storage.runs import FILLS
from engine.storage.schema import has_table

MOST: Final = 50_000
"""Requests, and walks, that are looked at for each source."""
_OTHER: Final = "source = ? and state != 'superseded' and scope != ? and substr(scope, 1, ?) != ?"
_WALKED_ANEW: Final = """
walk != '' and (
  exists(select 1 from _fetchdeck_walk as ended where ended.source = ? and ended.walk = request.walk
    and ended.run_id > request.run_id)
  or exists(select 1 from run as later join request as again on again.run_id = later.id
    where later.source = ? and later.id > request.run_id and again.walk = request.walk and again.walk != ''))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What belongs to an earlier configuration of a source."""

    requests: Mapping[int, str] = field(default_factory=dict)
    """The kind of error of each unfinished request, by its number; "" for one that did not fail."""
    cut: frozenset[str] = frozenset()
    """Names of walks that were cut."""


def read_earlier(database: Path, source: Source) -> Earlier:
    """Return what belongs to an earlier configuration, from a file.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    if not database.exists():
        return Earlier()
    with reading(database) as db:
        return earlier(db, source)


def earlier(db: sqlite3.Connection, source: Source) -> Earlier:
    """Return what belongs to an earlier configuration of a source."""
    if not has_table(db, "_fetchdeck_walk"):
        return Earlier()
    scope = source.scope()
    others = [row[0] for row in db.execute(f"select id from run where {_OTHER}", _bound(source, scope))]  # noqa: S608 - a constant
    requests: dict[int, str] = {}
    for run in others:
        rows = db.execute(
            "select id, case state when 'failed' then failure else '' end, walk,"  # noqa: S608 - constants
            " coalesce(json_extract(spec, '$.part'), ''),"
            f" {_WALKED_ANEW} from request where run_id = ? and state in ('failed', 'claimed', 'queued') limit ?",
            (source.name, source.name, run, MOST - len(requests)),
        )
        requests |= {id: kind for id, kind, walk, part, anew in rows if anew or not _asks(source, part, walk)}
    cut = db.execute(
        "select walk, part from _fetchdeck_walk where source = ? and completeness = 'cut'"  # noqa: S608 - a constant
        f" and run_id in (select id from run where {_OTHER}) limit ?",
        (source.name, *_bound(source, scope), MOST),
    )
    return Earlier(requests=requests, cut=frozenset(walk for walk, part in cut if not _asks(source, part, walk)))


def _bound(source: Source, scope: str) -> tuple[str, str, int, str]:
    fills = scope + FILLS
    return source.name, scope, len(fills), fills


def _asks(source: Source, part: str, walk: str) -> bool:
    return not walk or not isinstance(source, KnowsItsWalks) or source.asks(part, walk)
