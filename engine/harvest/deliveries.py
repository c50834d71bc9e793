"""Lets a source deliver stored rows elsewhere (links, files), in a thread with a read-only connection."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.common.text import clean
from engine.harvest.group import WorkerGroup
from engine.model.capabilities import Delivers
from engine.model.events import Event, RequestFailed
from engine.model.source import Source, Table
from engine.storage import failures
from engine.storage.database import Database
from engine.storage.failures import FailureRecord, Failures
from engine.storage.opening import open_read_only
from engine.storage.source_tables import table_name

LONGEST_LINE: Final = 300
log: Final = logging.getLogger(__name__)


class DeliveryWorker:
    """Delivers for one source's run, one delivery at a time. Each problem is returned once."""

    def __init__(self, *, source: Delivers, name: str, tables: Sequence[Table], database: Path, since: float) -> None:
        self._source = source
        self._name = name
        self._tables = tables
        self._database = database
        self._since = since
        self._reported: set[str] = set()
        self._landed = -1
        self.closed = threading.Event()
        """Set when the deck ends: a delivery under way stops at its next row."""
        self._under_way: Future[Sequence[str]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"delivery {name}")

    async def deliver(self, landed: int) -> Sequence[str]:
        """Deliver if rows have landed since the last time; return the problems that are new.

        Args:
            landed: the rows that this run has written so far.
        """
        if landed == self._landed:
            return ()
        self._landed = landed
        self._under_way = self._thread.submit(self._deliver)
        # Shielded, because cancelling the caller (StopNow, or the end of a group) would cancel a delivery that the
        # thread has not begun. Nobody would make up for it: its rows already count as delivered.
        found = await asyncio.shield(asyncio.wrap_future(self._under_way))
        problems = [clean(one, LONGEST_LINE) for one in found]
        new = [one for one in dict.fromkeys(problems) if one not in self._reported]
        self._reported.update(new)
        return new

    async def finish(self) -> None:
        """Wait for the delivery that is under way, if there is one."""
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wrap_future(self._under_way)

    def close(self) -> None:
        """End a delivery under way at its next row. The next run delivers what is left out."""
        self.closed.set()
        self._thread.shutdown()

    def _deliver(self) -> Sequence[str]:
        if self.closed.is_set():
            return ()
        connection = open_read_only(self._database)
        connection.row_factory = sqlite3.Row
        try:
            return self._source.deliver(_StoredRows(connection, self._name, self._tables, self.closed), self._since)
        except _Cancelled:
            return ()
        except Exception as error:  # a third-party source may raise anything; the rows are safe, and the run goes on
            log.exception("source %s cannot deliver", self._name)
            return [clean(f"what landed cannot be delivered: {type(error).__name__}: {error}", 500)]
        finally:
            connection.close()


class _Cancelled(BaseException):
    """Raised instead of a row when the deck ends. It is no `Exception`, so that no source catches it as an error."""


class _StoredRows:
    """Reads the tables of one source until `closed` is set.

    Names are checked against the source's declaration, and values are bound, so nothing of an API becomes SQL.
    """

    def __init__(
        self, connection: sqlite3.Connection, source: str, tables: Sequence[Table], closed: threading.Event
    ) -> None:
        self._connection = connection
        self._closed = closed
        self._source = source
        self._columns = {table.name: {column.name for column in table.columns} for table in tables}

    def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, above: tuple[str, int] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield rows, as `engine.model.capabilities.Stored` says."""
        given = dict(where or {})
        columns = [*given, *([above[0]] if above else [])]
        if unknown := set(columns) - self._columns[table]:
            raise KeyError(f"table {table} declares no {', '.join(sorted(unknown))}")
        tests = [f"{column} = ?" for column in given] + ([f"{above[0]} > ?"] if above else [])
        clause = f" where {' and '.join(tests)}" if tests else ""
        order = f" order by {above[0]}" if above else ""
        values = [*given.values(), *([above[1]] if above else [])]
        query = f"select * from {table_name(self._source, table)}{clause}{order}"  # noqa: S608 -- declared names only
        for row in self._connection.execute(query, values):
            if self._closed.is_set():
                raise _Cancelled
            yield dict(row)


class Deliveries:
    """The deliveries of a deck. `wall` returns seconds since the epoch, UTC."""

    def __init__(
        self, *, database: Database, failures: Failures, emit: Callable[[Event], None], wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._failures = failures
        self._emit = emit
        self._wall = wall
        self._workers: dict[str, DeliveryWorker] = {}

    def open(self, source: Source, since: float) -> None:
        """Prepare the deliveries of a source, if it makes any; `since` is when its run began."""
        if isinstance(source, Delivers):
            if source.name in self._workers:
                self._workers.pop(source.name).close()
            self._workers[source.name] = DeliveryWorker(
                source=source, name=source.name, tables=source.tables, database=self._database.path, since=since
            )

    async def deliver(self, group: WorkerGroup) -> None:
        """Deliver what a group has stored. A problem is counted and shown like a failed request, and stops nothing.

        Raises:
            StoreFailed: a failure could not be counted on disk.
        """
        worker = self._workers.get(group.name)
        for problem in await worker.deliver(group.meter.rows) if worker else ():
            failed = FailureRecord(kind="Delivery", message=problem, what="delivery")
            now = self._wall()
            group.meter.failed += 1
            self._failures.add(group.name, failed, now)
            await self._database.do(partial(failures.count, source=group.name, failed=failed, now=now))
            self._emit(
                RequestFailed(
                    at=now, source=group.name, slot=None, what="delivery", status=None, attempt=1, reason=problem
                )
            )

    async def finish(self) -> None:
        """Wait for the deliveries under way."""
        for worker in self._workers.values():
            await worker.finish()

    def close(self) -> None:
        """End the deliveries under way at their next row."""
        for worker in self._workers.values():
            worker.close()
