"""A lock beside the database: exactly one process writes to a harvest.

Two connections that write can corrupt a WAL database under many SQLite versions (https://sqlite.org/wal.html, section
"The WAL-reset bug"), so the second process is refused before it opens the file. The kernel drops the lock with the
process, however it ends.
"""

import fcntl
import os
from pathlib import Path

from engine.common.errors import StoreUnusable


class LockFile:
    """An advisory lock that holds the process number of its owner, for the message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StoreUnusable: another process has it.
            OSError: the file cannot be made.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StoreUnusable(
                f"{self._path.with_suffix('')} is in use by another fetchdeck (process {owner}): "
                "wait for it, stop it, or name another file with --db"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go of it. The file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
