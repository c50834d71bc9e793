"""What each page of a walk that is under way brought, so that its end can be judged by all of them. One connection.

It is kept beyond the run, because a later one may resume the walk, and forgotten when the walk ends or begins anew.
"""

import sqlite3
from collections.abc import Sequence

from engine.model.walk import Counted, WalkEnd


def note(db: sqlite3.Connection, source: str, walk: str, page: Counted | None, ends: Sequence[WalkEnd]) -> None:
    """Store what a page of a walk brought; with its end, forget the walk."""
    if not walk or page is None:
        return
    ended = any(end.walk == walk for end in ends)
    if page.pages == 1 or ended:
        db.execute("delete from _fetchdeck_walk_page where source = ? and walk = ?", (source, walk))
    if not ended:
        db.execute(
            "insert or replace into _fetchdeck_walk_page(source, walk, number, items, digest, total, missing)"
            " values(?, ?, ?, ?, ?, ?, ?)",
            (source, walk, page.pages, page.items, page.digest, page.total, page.missing),
        )


def read(db: sqlite3.Connection, source: str, walk: str) -> Sequence[Counted]:
    """Return what the pages of a walk brought that have landed so far."""
    query = "select items, number, digest, total, missing from _fetchdeck_walk_page where source = ? and walk = ?"
    rows = db.execute(f"{query} order by number", (source, walk))
    return [
        Counted(items=items, pages=number, digest=digest, total=total, missing=bool(missing))
        for items, number, digest, total, missing in rows
    ]
