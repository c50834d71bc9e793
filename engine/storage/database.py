"""The SQLite file. One thread owns the only connection that writes, and groups jobs into transactions."""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final, TypeVar

from engine.common.errors import DatabaseCorrupt, DatabaseGone, DiskFull, StoreFailed, StoreWaits
from engine.storage.file_watch import FileWatch
from engine.storage.lock_file import LockFile
from engine.storage.opening import claim, connect, is_current, remarks
from engine.storage.rescue import rescue
from engine.storage.unclean_start import check_pages, closed_state, is_small, was_closed
from engine.storage.write_errors import concerns_all, translate

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]
_Waiting = tuple[Job[Any], asyncio.Future[Any]]
BATCH_CHANGES: Final = 200
"""Rows changed after which a transaction takes no more jobs: every job in it waits for the commit."""
BATCH_SECONDS: Final = 0.05
"""Seconds after which an open transaction takes no more jobs."""
LOOK_SECONDS: Final = 2.0
"""Seconds between two looks whether the file is still in its place, while nothing is written."""
FIRST_RETRIES: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the first tries of a transaction that has no room or no lock."""
LAST_RETRY: Final = 15.0
"""Seconds between the later ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreWait:
    """A transaction that cannot be committed now, and is tried again."""

    error: StoreWaits
    since: float
    """Monotonic seconds."""
    next_try: float
    """Likewise."""

    def lasts(self) -> float:
        """Return for how many seconds it has lasted."""
        return time.monotonic() - self.since

    def next_in(self) -> float:
        """Return in how many seconds it is tried again."""
        return max(self.next_try - time.monotonic(), 0.0)


class Database:
    """The database of a harvest.

    `do` returns after the commit; with synchronous=FULL it then survives a power failure.

    A transaction that has no room, or that another program's lock keeps out, is tried again by the thread itself until
    it lands or `give_up`: jobs land in the order in which they were given, and nobody has to give one twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure: StoreFailed | None = None
        """Why nothing is written any more: the file is gone or damaged. None while all is well."""
        self.waiting: StoreWait | None = None
        """What keeps the present transaction from landing; None while nothing does."""
        self.checking = False
        """Whether the pages of a large file are being checked. Jobs wait meanwhile."""
        self.remarks: Sequence[str] = ()
        """What the user should know about the file, found when it was opened."""
        self._file = path
        self._jobs: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._pending = 0
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"store {path.name}", daemon=True)
        self._lock: LockFile
        self._connection: sqlite3.Connection
        self._watch: FileWatch

    def open(self) -> None:
        """Open or create the file and start the thread.

        Raises:
            StoreUnusable: another program's file, not writable, newer than this program, damaged, held by another
                process, or a file with several names.
        """
        self._file, self._lock = claim(self.path)
        try:
            closed = was_closed(self._file, self._lock.last_words)
            in_background = not closed and not is_small(self._file) and is_current(self._file)
            check = not closed and not in_background
            self._connection = connect(self._file, check=check, ours=bool(self._lock.last_words))
            self._watch = FileWatch(self._file, self._lock)
            self.checking = in_background
            self.remarks = remarks(self._file)
        except BaseException:
            self._lock.release(self._lock.last_words)
            raise
        self._thread.start()

    async def do(self, job: Job[T]) -> T:
        """Run `job` in the store's thread and return its result once the transaction is committed.

        The transaction may be shared with other jobs. Each job runs in a savepoint, so a job that raises undoes only
        its own changes. A job may run several times: its transaction is tried again while the disk is full or the
        database is locked.

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

    def give_up(self) -> None:
        """From now on a transaction that cannot land is tried once, and then fails."""
        self._given_up.set()

    def close(self) -> None:
        """Run the jobs that wait, then close the file and release the lock. `failure` is final afterwards."""
        self.give_up()
        if self.checking:
            self._connection.interrupt()  # the next start checks again
        self._jobs.put(None)
        self._thread.join()
        self._look()
        self._connection.close()
        self._lock.release("" if self.failure or self.checking else closed_state(self._file))

    def _work(self) -> None:
        if self.checking:
            self._check()
        while True:
            try:
                first = self._jobs.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._look()
                continue
            if first is None:
                return
            batch = [first]
            results = self._commit(batch)
            _deliver(batch, results)

    def _check(self) -> None:
        """Check the pages of a file that was not closed cleanly, before the first transaction."""
        try:
            check_pages(self._connection, self._file)
        except DatabaseCorrupt as error:
            self.failure = error
        except sqlite3.Error as error:
            if self._given_up.is_set():
                return  # interrupted by `close`
            self.failure = translate(error, self._file)
        self.checking = False

    def _look(self, batch: Sequence[_Waiting] = ()) -> None:
        """Notice that the file was deleted or replaced, and save what it held. `batch` is about to be written."""
        what = "" if self.failure else self._watch.what_happened()
        if what:
            saved = f"; {self._rescue([*batch, *self._drain()])}" if self._watch.is_replaced() else ""
            self.failure = DatabaseGone(f"{what} while fetchdeck had it open{saved}")

    def _rescue(self, waiting: Sequence[_Waiting]) -> str:
        """Save the file, and what waits to be written: it goes into the file without a name before that is copied."""
        for each in waiting:
            with suppress(StoreFailed):
                self._transaction([each], alone=True)
        saved, words = rescue(self._connection, self._file)
        if saved:
            self._watch.remove_log()
        return words

    def _drain(self) -> list[_Waiting]:
        """Return the jobs in the queue, which keeps them."""
        found: list[_Waiting | None] = []
        with suppress(queue.Empty):
            while True:
                found.append(self._jobs.get_nowait())
        for each in found:
            self._jobs.put(each)
        return [each for each in found if each is not None]

    def _commit(self, batch: list[_Waiting]) -> list[Any]:
        """Land the batch's first job and the jobs queued behind it; return their results in order.

        `batch` grows in place, so that the caller can match results to futures even when the transaction fails.
        """
        pauses = chain(FIRST_RETRIES, repeat(LAST_RETRY))
        while True:
            self._look(batch)
            if self.failure is not None:
                self.waiting = None
                return [self.failure] * len(batch)
            try:
                results = self._transaction(batch)
            except StoreWaits as error:
                if self._given_up.is_set():
                    self._take_all(batch)  # or each would wait for the same lock again
                    return [error] * len(batch)
                self._pause(error, next(pauses), batch)
            except StoreFailed as error:
                if isinstance(error, DatabaseCorrupt | DatabaseGone):
                    self.failure = error
                return [error] * len(batch)
            else:
                self.waiting = None
                return results

    def _take_all(self, batch: list[_Waiting]) -> None:
        """Move the queued jobs up to the end of the queue into the batch."""
        with suppress(queue.Empty):
            while (waiting := self._jobs.get_nowait()) is not None:
                batch.append(waiting)
            self._jobs.put(None)

    def _pause(self, error: StoreWaits, seconds: float, batch: Sequence[_Waiting]) -> None:
        """Wait until the transaction is tried again, or given up. The file is watched meanwhile."""
        if isinstance(error, DiskFull):
            # The log is up to 4 MB of pages that are, for the most part, older states of one another: folded into the
            # file they take less room.
            with suppress(sqlite3.Error):
                self._connection.execute("pragma wal_checkpoint(truncate)")
        now = time.monotonic()
        since = self.waiting.since if self.waiting else now
        self.waiting = StoreWait(error=error, since=since, next_try=now + seconds)
        while (left := self.waiting.next_try - time.monotonic()) > 0 and not self.failure:
            if self._given_up.wait(min(left, LOOK_SECONDS)):
                return
            self._look(batch)

    def _transaction(self, batch: list[_Waiting], *, alone: bool = False) -> list[Any]:
        """Run the jobs of the batch, and more of the queue unless they are `alone`, in one transaction.

        Raises:
            StoreFailed: nothing was kept.
        """
        connection = self._connection
        results: list[Any] = []
        # "begin immediate" takes the write lock at once. A deferred transaction would take it at its first write and
        # could then fail with SQLITE_BUSY, which no busy timeout cures (https://sqlite.org/lang_transaction.html).
        try:
            connection.execute("begin immediate")
            started, changes = time.monotonic(), connection.total_changes
            results.extend(_attempt(connection, job) for job, _ in batch)
            while not alone and self._has_room(connection.total_changes - changes, started):
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
            roll_back(connection)
            raise translate(error, self._file) from error
        return results

    def _has_room(self, changes: int, started: float) -> bool:
        return changes < BATCH_CHANGES and time.monotonic() - started < BATCH_SECONDS


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo the open transaction. SQLite may have done so itself: it does where the disk is full or cannot be read."""
    with suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("rollback")


def _attempt(connection: sqlite3.Connection, job: Job[Any]) -> Any:
    """Run a job in a savepoint. Return its result, or the exception it raised after undoing its changes."""
    connection.execute("savepoint job")
    try:
        result = job(connection)
    except Exception as error:
        # Disk full, I/O error, locked, damaged: the whole transaction is in doubt, so it fails as a whole. Any other
        # error is handed to whoever asked for the job.
        if isinstance(error, sqlite3.Error) and concerns_all(error):
            raise
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
