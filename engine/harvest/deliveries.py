"""The deliveries of a deck: one courier for each source that delivers, and what goes wrong told like any failure."""

from collections.abc import Callable
from functools import partial

from engine.courier import Courier
from engine.delivery import Delivers
from engine.harvest.group import WorkerGroup
from engine.model.events import Event, RequestFailed
from engine.model.source import Source
from engine.storage import failures
from engine.storage.database import Database
from engine.storage.failures import Failed, Failures


class Deliveries:
    """Knows the couriers. `wall` tells seconds since the epoch, UTC."""

    def __init__(
        self, *, database: Database, failures: Failures, tell: Callable[[Event], None], wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._failures = failures
        self._tell = tell
        self._wall = wall
        self._couriers: dict[str, Courier] = {}

    def open(self, source: Source, since: float) -> None:
        """Make a courier for a source that delivers; `since` is when its run began."""
        if isinstance(source, Delivers):
            if source.name in self._couriers:
                self._couriers.pop(source.name).close()
            self._couriers[source.name] = Courier(
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
