"""The SQLite file. One thread owns the only connection that writes, and groups jobs into transactions."""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from engine.common.errors import StoreFailed, StoreUnusable
from engine.storage import schema

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]
_Waiting = tuple[Job[Any], asyncio.Future[Any]]
BATCH_CHANGES: Final = 200
"""Rows changed after which a transaction takes no more jobs: every job in it waits for the commit."""
BATCH_SECONDS: Final = 0.05
"""Seconds after which an open transaction takes no more jobs."""

# The lock file: exactly one process writes to a database.
#
# Two connections that write can corrupt a WAL database under SQLite 3.7.0 to 3.51.2 (https://sqlite.org/wal.html, "The
# WAL-reset bug"), so a second process is refused before it opens the file. The kernel releases the lock when the
# process ends, however it ends.


class LockFile:
    """An advisory lock file. It holds its owner's process id, for the error message of the second process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, without waiting for it.

        Raises:
            StoreUnusable: another process has it.
            OSError: the file cannot be created.
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
        """Release the lock. The file stays: if it were removed, two processes could lock two files of the same name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Database:
    """The database of a harvest.

    `do` returns after the commit; with synchronous=FULL it then survives a power failure.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._jobs: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._pending = 0
        self._lock = LockFile(path.with_name(path.name + ".lock"))
        self._thread = threading.Thread(target=self._work, name=f"store {path.name}", daemon=True)
        self._connection: sqlite3.Connection

    def open(self) -> None:
        """Open or create the file and start the thread.

        Raises:
            StoreUnusable: another program's file, not writable, newer than this program, or held by another process.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            raise StoreUnusable(_unwritable(self.path, error.strerror or str(error))) from error
        try:
            self._connection = connect(self.path)
        except BaseException:
            self._lock.release()
            raise
        self._thread.start()

    async def do(self, job: Job[T]) -> T:
        """Run `job` in the store's thread and return its result once the transaction is committed.

        The transaction may be shared with other jobs. Each job runs in a savepoint, so a job that raises undoes only
        its own changes.

        Raises:
            StoreFailed: the transaction was rolled back.
            Exception: whatever `job` raised.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future.add_done_callback(self._answered)
        self._pending += 1
        self._jobs.put((job, future))
        # Shielded: the thread may already be running the job, so a cancelled caller must not cancel the future under
        # it. A cancelled caller does not know whether its job was committed.
        return await asyncio.shield(future)

    def _answered(self, _: asyncio.Future[Any]) -> None:
        self._pending -= 1

    def busy(self) -> bool:
        """Say whether any job waits or runs."""
        return self._pending > 0

    def close(self) -> None:
        """Run the jobs that wait, then close the file and release the lock."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()
        self._lock.release()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch = [first]
            results = self._transaction(batch)
            _deliver(batch, results)

    def _transaction(self, batch: list[_Waiting]) -> list[Any]:
        """Run the batch's first job and the jobs queued behind it; return their results in order.

        `batch` grows in place, so that the caller can match results to futures even when the transaction fails.
        """
        connection = self._connection
        results: list[Any] = []
        # "begin immediate" takes the write lock at once. A deferred transaction would take it at its first write and
        # could then fail with SQLITE_BUSY, which no busy timeout cures (https://sqlite.org/lang_transaction.html).
        try:
            connection.execute("begin immediate")
            started, changes = time.monotonic(), connection.total_changes
            results.append(_attempt(connection, batch[0][0]))
            while connection.total_changes - changes < BATCH_CHANGES and time.monotonic() - started < BATCH_SECONDS:
                try:
                    waiting = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if waiting is None:
                    self._jobs.put(None)
                    break
                batch.append(waiting)
                results.append(_attempt(connection, waiting[0]))
            connection.execute("commit")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("rollback")
            failed = StoreFailed(f"{self.path}: {error}: nothing of this transaction was kept")
            return [failed] * len(batch)
        return results


def connect(path: Path) -> sqlite3.Connection:
    """Open `path` for writing: check whose file it is, set the pragmas, migrate the schema.

    Raises:
        StoreUnusable: it is another program's, newer than this one, or not writable.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    except sqlite3.Error as error:
        raise StoreUnusable(_unwritable(path, str(error))) from error
    try:
        _check(connection, path)
        # WAL lets screens read while the harvest writes. In WAL mode synchronous=NORMAL may lose the last commits on a
        # power failure; FULL does not (https://sqlite.org/pragma.html#pragma_synchronous).
        for pragma in ("busy_timeout = 5000", "foreign_keys = on", "journal_mode = wal", "synchronous = full"):
            connection.execute(f"pragma {pragma}")
        schema.migrate(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        # sqlite3 reports SQLITE_NOTADB as a plain DatabaseError, so the text is what tells it apart.
        if "not a database" in str(error):
            raise StoreUnusable(f"{path} is not a SQLite database: name another file with --db") from error
        raise StoreUnusable(_unwritable(path, str(error))) from error
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Write to an existing file in one transaction, which commits when the block ends without an error.

    For a command that runs without a harvest: the lock file refuses it while another process writes.

    Raises:
        StoreUnusable: another program's file, not writable, newer than this program, or held by another process.
    """
    lock = LockFile(path.with_name(path.name + ".lock"))
    lock.acquire()
    try:
        with closing(connect(path)) as connection:
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")
    finally:
        lock.release()


def open_read_only(path: Path, *, timeout: float = 5.0) -> sqlite3.Connection:
    """Open an existing file for reading, whosever it is. A harvest may write to it meanwhile.

    Args:
        path: the file.
        timeout: seconds to wait for a lock. In WAL mode readers do not wait for the writer, only for a checkpoint or a
            recovery, so screens pass less than a second.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=timeout, isolation_level=None)


@contextmanager
def reading(path: Path, *, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
    """Open one of this program's files for reading, until the block ends.

    Raises:
        StoreUnusable: the file belongs to another program, or cannot be read.
    """
    try:
        with closing(open_read_only(path, timeout=timeout)) as connection:
            if not schema.is_ours(connection):
                raise StoreUnusable(_foreign(path))
            yield connection
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"cannot read the database {path}: {error}: name another file with --db") from error


def _check(connection: sqlite3.Connection, path: Path) -> None:
    unclaimed = connection.execute("pragma application_id").fetchone()[0] == 0
    empty = connection.execute("select count(*) from sqlite_master").fetchone()[0] == 0
    if not schema.is_ours(connection) and not (unclaimed and empty):
        raise StoreUnusable(_foreign(path))
    if schema.version(connection) > len(schema.MIGRATIONS):
        raise StoreUnusable(
            f"{path} was written by a newer fetchdeck: update fetchdeck, or name another file with --db"
        )


def _foreign(path: Path) -> str:
    return f"{path} is a database of another program: name another file with --db"


def _unwritable(path: Path, why: str) -> str:
    return f"cannot write the database {path}: {why}: name a place you can write to with --db"


def _attempt(connection: sqlite3.Connection, job: Job[Any]) -> Any:
    """Run a job in a savepoint. Return its result, or the exception it raised after undoing its changes."""
    connection.execute("savepoint job")
    try:
        result = job(connection)
    # Disk full, I/O error, locked: the whole transaction is in doubt, so it fails as a whole.
    except sqlite3.OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - it is handed to whoever asked for the job
        connection.execute("rollback to job")
        result = error
    connection.execute("release job")
    return result


def _deliver(batch: list[_Waiting], results: list[Any]) -> None:
    """Set the results on the futures, with one `call_soon_threadsafe` per event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for (_, future), result in zip(batch, results, strict=True):
        loops.setdefault(future.get_loop(), []).append((future, result))
    for loop, answers in loops.items():
        # A loop that is closed has nobody left to wait for the result.
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if future.cancelled():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
