"""The deliveries of a deck: one courier for each source that delivers, and what goes wrong told like any failure."""

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
from engine.storage.failures import Failed, Failures
from engine.storage.source_tables import table_name

# Has a source deliver what has landed: in a thread of its own, over a connection that can only read.

LONGEST_LINE: Final = 300
log: Final = logging.getLogger(__name__)


class DeliveryWorker:
    """Serves one source's run. One delivery happens at a time; a problem is told once."""

    def __init__(self, *, source: Delivers, name: str, tables: Sequence[Table], database: Path, since: float) -> None:
        self._source = source
        self._name = name
        self._tables = tables
        self._database = database
        self._since = since
        self._told: set[str] = set()
        self._landed = -1
        self.closed = threading.Event()
        """Nobody waits for deliveries any more."""
        self._under_way: Future[Sequence[str]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"courier {name}")

    async def deliver(self, landed: int) -> Sequence[str]:
        """Deliver, unless no row has landed since the last time; return the problems nobody was told yet.

        Args:
            landed: how many rows this run has written so far.
        """
        if landed == self._landed:
            return ()
        self._landed = landed
        self._under_way = self._thread.submit(self._deliver)
        # Shielded: a caller that is cancelled would cancel a delivery whose thread has not begun, and nobody would make
        # it again, because its rows count as delivered.
        found = await asyncio.shield(asyncio.wrap_future(self._under_way))
        problems = [clean(one, LONGEST_LINE) for one in found]
        new = [one for one in dict.fromkeys(problems) if one not in self._told]
        self._told.update(new)
        return new

    async def finish(self) -> None:
        """Wait for the delivery that is under way, if there is one."""
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wrap_future(self._under_way)

    def close(self) -> None:
        """End a delivery that is under way at its next row: what it leaves out is made up for by the next run."""
        self.closed.set()
        self._thread.shutdown()

    def _deliver(self) -> Sequence[str]:
        if self.closed.is_set():
            return ()
        connection = sqlite3.connect(f"{self._database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            return self._source.deliver(_StoredRows(connection, self._name, self._tables, self.closed), self._since)
        except _Cancelled:
            return ()
        except Exception as error:  # a stranger's source may raise anything; what landed is safe, and the run goes on
            log.exception("source %s cannot deliver", self._name)
            return [f"what landed cannot be delivered: {type(error).__name__}: {error}"]
        finally:
            connection.close()


class _Cancelled(BaseException):
    """Raised in place of a row; no source takes it for a fault of its own."""


class _StoredRows:
    """The tables of one source, until `closed`. Names are checked against its declaration, values are bound."""

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
        """Yield rows: see `engine.model.capabilities.Stored`."""
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
    """Knows the couriers. `wall` tells seconds since the epoch, UTC."""

    def __init__(
        self, *, database: Database, failures: Failures, tell: Callable[[Event], None], wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._failures = failures
        self._tell = tell
        self._wall = wall
        self._couriers: dict[str, DeliveryWorker] = {}

    def open(self, source: Source, since: float) -> None:
        """Make a courier for a source that delivers; `since` is when its run began."""
        if isinstance(source, Delivers):
            if source.name in self._couriers:
                self._couriers.pop(source.name).close()
            self._couriers[source.name] = DeliveryWorker(
                source=source, name=source.name, tables=source.tables, database=self._database.path, since=since
            )

    async def deliver(self, group: WorkerGroup) -> None:
        """Have a group's source deliver what has landed; what goes wrong is counted and shown, and stops nothing.

        Raises:
            StoreFailed: a failure could not be counted on disk.
        """
        courier = self._couriers.get(group.name)
        for problem in await courier.deliver(group.meter.rows) if courier else ():
            failed = Failed(kind="Delivery", message=problem, what="delivery")
            now = self._wall()
            group.meter.failed += 1
            self._failures.add(group.name, failed, now)
            await self._database.do(partial(failures.count, source=group.name, failed=failed, now=now))
            self._tell(
                RequestFailed(
                    at=now, source=group.name, place=None, what="delivery", status=None, attempt=1, reason=problem
                )
            )

    async def finish(self) -> None:
        """Wait for what is under way."""
        for courier in self._couriers.values():
            await courier.finish()

    def close(self) -> None:
        """End what is under way at its next row."""
        for courier in self._couriers.values():
            courier.close()
