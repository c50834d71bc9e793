"""Coverage: which ranges of ids are known whole, kept merged. Functions over one connection."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from engine.model.source import Covered


def add(db: sqlite3.Connection, source: str, ranges: Iterable[Covered]) -> None:
    """Add ranges, each merged with those it overlaps or touches."""
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


def read(db: sqlite3.Connection, source: str) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Return a source's ranges by scope, the lowest first."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for scope, low, high in db.execute(
        "select scope, low, high from coverage where source = ? order by scope, low", (source,)
    ):
        ranges.setdefault(scope, []).append((low, high))
    return ranges
