"""A deck on fakes, in virtual time."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from math import inf
from typing import Any

from engine.harvest.deck import Deck
from engine.harvest.job import Job
from engine.model.events import Event
from engine.model.snapshot import GroupState
from engine.storage.database import Database
from tests import fakes
from tests.fakes import FakeSource, FakeTransport

EPOCH = 1_700_000_000.0


class InThisThread(Executor):
    """Works at once: the virtual clock would not wait for another thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as a real executor, it hands over whatever was raised
            future.set_exception(error)
        return future


@dataclass
class Harvest:
    """What a test needs to look at."""

    deck: Deck
    database: Database
    events: list[Event] = field(default_factory=list)

    def group(self, name: str = "fake") -> GroupState:
        return next(group for group in self.deck.snapshot().groups if group.name == name)

    def facts(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def rows(self, query: str) -> list[Any]:
        return await self.database.do(lambda db: db.execute(query).fetchall())


def virtual_wall() -> Callable[[], float]:
    """Make a wall clock that follows the virtual loop's."""
    loop = asyncio.get_running_loop()
    return lambda: EPOCH + loop.time()


def prepare(
    database: Database,
    *jobs: Job,
    duration: float | None = None,
    patience: float = inf,
    reading: Executor | None = None,
) -> Harvest:
    """Make a deck that is ready to run."""
    now, reading = asyncio.get_running_loop().time, reading or InThisThread()
    deck = Deck(
        jobs=jobs,
        database=database,
        now=now,
        wall=virtual_wall(),
        duration=duration,
        patience=patience,
        reading=reading,
    )
    harvest = Harvest(deck=deck, database=database)
    deck.listen(harvest.events.append)
    return harvest


async def run(
    database: Database, source: FakeSource, transport: FakeTransport, duration: float | None = None, **job: Any
) -> Harvest:
    """Run one source to its end."""
    harvest = prepare(database, fakes.job(source, transport, **job), duration=duration)
    await harvest.deck.run()
    return harvest


def ids(db: sqlite3.Connection, table: str = "fake_item", column: str = "id") -> list[int]:
    return [row[0] for row in db.execute(f"select {column} from {table} order by 1")]
