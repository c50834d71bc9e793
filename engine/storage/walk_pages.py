"""What each page of a walk that is under way brought, so that its end can be judged by all of them. One connection.

It is kept beyond the run, because a later one may resume the walk, and forgotten when the walk ends or begins anew.
"""

import sqlite3
from collections.abc import Sequence

from engine.model.source import Page
from engine.model.walk import Counted


def note(db: sqlite3.Connection, source: str, walk: str, page: Page) -> None:
    """Store what a page of a walk brought; with its end, forget the walk."""
    one = page.counted
    if not walk or one is None:
        return
    ended = any(end.walk == walk for end in page.ends)
    if one.pages == 1 or ended:
        db.execute("delete from _fetchdeck_walk_page where source = ? and walk = ?", (source, walk))
    if not ended:
        db.execute(
            "insert or replace into _fetchdeck_walk_page(source, walk, number, items, digest, total, missing)"
            " values(?, ?, ?, ?, ?, ?, ?)",
            (source, walk, one.pages, one.items, one.digest, one.total, one.missing),
        )


def read(db: sqlite3.Connection, source: str, walk: str) -> Sequence[Counted]:
    """Return what the pages of a walk brought that have landed so far."""
    query = "select items, number, digest, total, missing from _fetchdeck_walk_page where source = ? and walk = ?"
    rows = db.execute(f"{query} order by number", (source, walk))
    return [
        Counted(items=items, pages=number, digest=digest, total=total, missing=bool(missing))
        for items, number, digest, total, missing in rows
    ]
