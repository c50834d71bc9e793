"""Notices that the last process did not close a database, and checks its pages then.

Whoever closes a database leaves its size and its time of change in the lock file. If the next process finds anything
else, or a log that was not folded in, then fetchdeck was killed, the power failed, or something else changed the file.
A table in the database would say less: it is inside of what is in doubt, costs two more transactions a run, and does
not notice a change from outside.
"""

import sqlite3
from pathlib import Path
from typing import Final

from engine.common.errors import DatabaseCorrupt
from engine.common.text import clean
from engine.storage.write_errors import corrupt

SMALL: Final = 64 * 2**20
"""Bytes of a database that is checked before the harvest starts. A larger one is checked while it starts."""


def closed_state(file: Path) -> str:
    """Return the text that stands for a closed database in its present state; "" if there is none."""
    try:
        found = file.stat()
    except OSError:
        return ""
    return f"closed {found.st_size} {found.st_mtime_ns}"


def was_closed(file: Path, last_words: str) -> bool:
    """Whether the last process closed the database, and nothing has changed it since. A new file counts as closed."""
    wal = file.with_name(f"{file.name}-wal")
    if wal.exists() and wal.stat().st_size:
        return False
    return not file.exists() or not file.stat().st_size or last_words == closed_state(file)


def is_small(file: Path) -> bool:
    wal = file.with_name(f"{file.name}-wal")
    return sum(part.stat().st_size for part in (file, wal) if part.exists()) <= SMALL


def check_pages(connection: sqlite3.Connection, file: Path) -> None:
    """Check that every page can be read and every tree is in order (https://sqlite.org/pragma.html#pragma_quick_check).

    Raises:
        DatabaseCorrupt: they are not.
    """
    try:
        found = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        found = str(error)
    if found != "ok":
        raise DatabaseCorrupt(corrupt(file, clean(found.replace("*** in database main ***", "").strip(), 120)))
