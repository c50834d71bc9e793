"""Notes that sources leave on answers, on disk: each text once, with its count. Functions over one connection."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.common.text import clean
from engine.model.snapshot import Note
from engine.storage.opening import reading
from engine.storage.schema import has_table

KEPT: Final = 1_000
"""Texts kept of a source: the ones that came last. Those that are dropped stay counted."""
TOGETHER: Final = 100
"""Texts dropped together, because counting them for each new one would take longer than writing it."""
LONGEST: Final = 300
"""Characters kept of a text."""
OTHERS: Final = ""
"""The text of the row that counts the notes whose texts were dropped."""


def add(db: sqlite3.Connection, source: str, text: str, now: float) -> None:
    """Count a note; drop the texts that came longest ago if there are too many."""
    if _count(db, source, clean(text, LONGEST), 1, now, now) > 1:
        return
    (many,) = db.execute("select count(*) from _fetchdeck_note where source = ?", (source,)).fetchone()
    if many > KEPT + TOGETHER:
        _drop(db, source, many - KEPT)


def load(db: sqlite3.Connection, source: str, many: int) -> Sequence[Note]:
    """Return a source's notes, the newest first; the dropped ones last, as one. A file of an older version has none."""
    if not has_table(db, "_fetchdeck_note"):
        return ()
    rows = db.execute(
        "select text, count, first_at, last_at from _fetchdeck_note where source = ?"
        " order by text = ?, last_at desc limit ?",
        (source, OTHERS, many),
    )
    return [
        Note(source=source, text=clean(text, LONGEST), count=count, first=first, last=last)
        for text, count, first, last in rows.fetchall()
    ]


def read_notes(database: Path, sources: Sequence[str], many: int) -> Sequence[Note]:
    """Return what `load` returns of each source, from a file.

    Raises:
        StoreUnusable: the file cannot be read.
    """
    with reading(database) as db:
        return [note for source in sources for note in load(db, source, many)]


def _drop(db: sqlite3.Connection, source: str, many: int) -> None:
    """Drop the oldest texts, and add their counts to those that were dropped before."""
    oldest = db.execute(
        "select text, count, first_at, last_at from _fetchdeck_note where source = ? and text != ?"
        " order by last_at limit ?",
        (source, OTHERS, many),
    ).fetchall()
    db.executemany("delete from _fetchdeck_note where source = ? and text = ?", [(source, text) for text, *_ in oldest])
    counts, firsts, lasts = zip(*((count, first, last) for _, count, first, last in oldest), strict=True)
    _count(db, source, OTHERS, sum(counts), min(firsts), max(lasts))


def _count(db: sqlite3.Connection, source: str, text: str, many: int, first: float, last: float) -> int:
    """Add to the count of a text; return its new count."""
    row = db.execute(
        "insert into _fetchdeck_note(source, text, count, first_at, last_at) values(?, ?, ?, ?, ?)"
        " on conflict(source, text) do update set count = count + excluded.count,"
        " first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at) returning count",
        (source, text, many, first, last),
    ).fetchone()
    return int(row[0])
