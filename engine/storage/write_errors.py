"""Says what an error of SQLite means for a transaction: that it can be committed later, or never."""

import os
import resource
import sqlite3
import tempfile
from pathlib import Path
from typing import Final

from engine.common.descriptors import bound, none_left
from engine.common.errors import (
    DatabaseCorrupt,
    DatabaseGone,
    DatabaseLocked,
    DatabaseReadOnly,
    DiskFull,
    OutOfDescriptors,
    StoreFailed,
)
from engine.common.paths import tilde

UNDONE: Final = "nothing of this transaction was kept"
_PRIMARY: Final = 0xFF
"""The bits of a result code that say its kind (https://sqlite.org/rescode.html#primary_result_codes)."""
_NO_ROOM: Final = 64 * 1024
"""Bytes. SQLite grows its index of the log in steps of 32 kB, and calls it an I/O error where there is no room."""
_WHOLE: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_NOMEM,
    }
)


def code_of(error: sqlite3.Error) -> int:
    """Return the primary result code; 0 where Python raised the error itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY


def concerns_all(error: sqlite3.Error) -> bool:
    """Whether an error is one of the file, so that the whole transaction is in doubt and not the one statement."""
    return isinstance(error, sqlite3.OperationalError) or code_of(error) in _WHOLE


def translate(error: sqlite3.Error, file: Path) -> StoreFailed:
    """Return what an error means. The transaction has been rolled back."""
    code = code_of(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(file)):
        return DiskFull(no_room(file))
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return DatabaseLocked(f"another program holds a lock on {tilde(file)}")
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR} and none_left():
        return OutOfDescriptors(bound())
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
        return DatabaseGone(f"{file} was moved or deleted while fetchdeck had it open: {UNDONE}")
    if code == sqlite3.SQLITE_READONLY:
        return DatabaseReadOnly(f"{tilde(file)} takes no writes any more ({error}): {UNDONE}")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DatabaseCorrupt(corrupt(file, str(error)))
    return StoreFailed(f"{file}: {error}: {UNDONE}")


def corrupt(file: Path, finding: str) -> str:
    """Return the line about a damaged database, with the way out."""
    return (
        f"the database {tilde(file)} is damaged ({finding}): `fetchdeck repair --db {tilde(file)}` saves what can be"
        " read into a new file, or restore a backup"
    )


def no_room(file: Path) -> str:
    """Say in words what has no room, and how much is left."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and _largest(file) + _NO_ROOM > limit:
        return f"{tilde(file)} has reached the limit of file sizes (ulimit -f), {_size(limit)}"
    # SQLite sorts large results in temporary files, which may be on another disk.
    folders = [file.parent, Path(tempfile.gettempdir())]
    folder = min(folders, key=free)
    return f"{_size(free(folder))} left on {tilde(folder)}"


def free(folder: Path) -> int:
    """Return how many bytes can still be written to the file system of a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _is_full(file: Path) -> bool:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and _largest(file) + _NO_ROOM > limit:
        return True
    try:
        return free(file.parent) < _NO_ROOM
    except OSError:
        return False


def _largest(file: Path) -> int:
    parts = (file, file.with_name(f"{file.name}-wal"))
    return max((part.stat().st_size for part in parts if part.exists()), default=0)


def _size(many: int) -> str:
    import humanize  # only here: every start imports this module, and needs no sizes

    return "0 B" if not many else humanize.naturalsize(many, format="%.1f")
