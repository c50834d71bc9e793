"""Notices when an open database is deleted or replaced: SQLite goes on writing to a file without a name, silently.

Compared are device and inode of the database, its write-ahead log and its lock file. A look is four calls of stat(2),
some ten microseconds, beside a transaction that waits for the disk.
"""

import os
from contextlib import suppress
from pathlib import Path

from engine.storage.lock_file import LockFile

_Identity = tuple[int, int]


class FileWatch:
    """Remembers which files a database consists of. It is made while they are known to be in place."""

    def __init__(self, file: Path, lock: LockFile) -> None:
        self._file = str(file)
        self._wal = f"{file}-wal"
        self._lock = lock
        self._file_was = _identity(self._file)
        self._wal_was: _Identity | None = None
        """Known from the first look that finds it: SQLite makes the file when it is first needed."""

    def what_happened(self) -> str:
        """Say what happened to the database, as in "harvest.db was deleted"; "" if nothing did."""
        try:
            if what := _changed(self._file, self._file_was):
                return what
            if self._wal_was is None:
                self._wal_was = _identity(self._wal)
            elif what := _changed(self._wal, self._wal_was):
                return what
            if not self._lock.is_in_place():
                return f"{self._lock.path} was deleted or replaced, so that another fetchdeck could write as well"
        except OSError:
            return ""  # its state is unknown: a network file system that does not answer, or a folder without access
        return ""

    def is_replaced(self) -> bool:
        """Whether the data is in a file that has lost its name, and not only the lock in one."""
        return bool(_changed(self._file, self._file_was) or (self._wal_was and _changed(self._wal, self._wal_was)))

    def remove_log(self) -> None:
        """Remove the log of a database that has lost its name, once all of it is saved elsewhere.

        SQLite would fold it into whatever file has that name next. A log that is not ours is left alone.
        """
        if self._wal_was is None or _changed(self._file, self._file_was) == "" or _changed(self._wal, self._wal_was):
            return
        for path in (self._wal, f"{self._file}-shm"):
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108 -- the names are texts here


def _identity(file: str) -> _Identity | None:
    try:
        found = os.stat(file)  # noqa: PTH116 -- Path.stat takes twice the time, and this runs before each transaction
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _changed(file: str, before: _Identity | None) -> str:
    now = _identity(file)
    if now == before:
        return ""
    return f"{file} was deleted" if now is None else f"another file took the place of {file}"
