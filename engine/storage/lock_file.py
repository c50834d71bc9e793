"""The lock file beside a database: exactly one process writes, and the next one knows how that process ended.

Two connections that write can corrupt a WAL database under SQLite 3.7.0 to 3.51.2 (https://sqlite.org/wal.html, "The
WAL-reset bug"), so a second process is refused before it opens the file. The kernel releases the lock when the process
ends, however it ends.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.common.errors import StoreUnusable

_LONGEST: Final = 100


class LockFile:
    """An advisory lock file. It holds its owner's process id, for the error message of the second process.

    After the owner has closed the database, it holds in which state that was: see `last_words`.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._name = str(path)
        self.last_words = ""
        """What the previous owner left: the text that it gave to `release`, or its process id if it was killed."""
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, without waiting for it.

        Raises:
            StoreUnusable: another process has it.
            OSError: the file cannot be created, or is a link.
        """
        while True:
            # A link is not followed: under its target's name another process would lock another file.
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self.path, flags, 0o600)
            try:
                self._lock(descriptor)
                if self._is_named(descriptor):
                    break
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # it was deleted or replaced between the opening and the lock
        self.last_words = os.read(descriptor, _LONGEST).decode("ascii", "replace").strip()
        os.fchmod(descriptor, 0o600)
        self._descriptor = descriptor
        self._write(str(os.getpid()))
        os.fsync(descriptor)  # after a power failure it must not still say that the database was closed

    def release(self, last_words: str = "") -> None:
        """Release the lock, and leave a text for the next owner.

        The file stays: if it were removed, two processes could lock two files of the same name.
        """
        if self._descriptor is not None:
            with suppress(OSError):  # without the text, the next owner checks the database
                self._write(last_words)
            os.close(self._descriptor)
            self._descriptor = None

    def is_in_place(self) -> bool:
        """Whether the file that is locked is still the one of this name. If not, another process can lock that one."""
        return self._descriptor is not None and self._is_named(self._descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            raise StoreUnusable(
                f"{self.path.with_suffix('')} is in use by another fetchdeck (process {owner}): "
                "wait for it, stop it, or name another file with --db"
            ) from error

    def _is_named(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.lstat(self._name), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    def _write(self, text: str) -> None:
        assert self._descriptor is not None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode("ascii"), 0)
