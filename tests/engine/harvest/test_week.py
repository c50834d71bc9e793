"""A week in virtual time: outages, a laptop that sleeps and a change of daylight saving, with and without a screen."""

import asyncio
import time
from collections.abc import Iterator
from math import inf

import pytest

from engine.common.errors import ConnectFailed, TransportError
from engine.harvest.deck import Deck
from engine.model.events import Event, OutsideWaitBegan, RequestFailed
from engine.model.outside_wait import DEFAULT_PATIENCE, Cause
from engine.model.snapshot import State
from engine.model.source import Request, Response
from engine.storage.database import Database
from tests.engine.harness import InThisThread, ids
from tests.fakes import FakeSource, FakeTransport, job
from tests.virtual_loop import VirtualLoop
from tui.common.exit_codes import Exit, exit_code

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
BEGINS = 1792890000.0 - 3 * DAY
"""Three days before the clocks of Berlin go back, on 25 October 2026 at 01:00 UTC."""
PAGES, EACH = 1000, 590.0
"""A walk of so many pages, each of which takes so many seconds: almost a week."""
OUTAGES = ((0.5 * DAY, MINUTE), (1.5 * DAY, HOUR), (4.5 * DAY, DAY))
"""When the network is gone, and for how long."""
SLEEP = (2.5 * DAY, 9 * HOUR)
"""When the lid of the laptop is closed, and for how long."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Week:
    """A harvest that takes a week, and what happens meanwhile."""

    def __init__(self, database: Database, *, patience: float) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._loop, self._began = loop, loop.time()
        self.source = FakeSource(pages=PAGES)
        self.transport = FakeTransport(self._answer, latency=EACH)
        self.deck = Deck(
            jobs=[job(self.source, self.transport)],
            database=database,
            now=loop.time,
            wall=lambda: BEGINS + self.passed,
            patience=patience,
            reading=InThisThread(),
        )
        self.events: list[Event] = []
        self.deck.listen(self.events.append)

    @property
    def passed(self) -> float:
        return self._loop.time() - self._began

    def _answer(self, request: Request, _: int) -> Response | TransportError:
        if any(begins <= self.passed < begins + lasts for begins, lasts in OUTAGES):
            return ConnectFailed("GET /items: no connection", why="the network is unreachable")
        return self.source.truth(request)

    async def harvest(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            asleep = tasks.create_task(self._sleep())
            await self.deck.run()
            asleep.cancel()

    async def _sleep(self) -> None:
        await asyncio.sleep(SLEEP[0])
        self._loop.clock += SLEEP[1]

    def state(self) -> State:
        return self.deck.snapshot().groups[0].state


def failed(week: Week) -> list[Event]:
    return [event for event in week.events if isinstance(event, RequestFailed)]


async def test_with_a_screen_it_is_whole_at_the_end_of_the_week(database: Database) -> None:
    week = Week(database, patience=inf)

    await week.harvest()

    assert week.state() is State.DONE
    assert len(await database.do(ids)) == 10 * PAGES
    assert failed(week) == []
    waits = [event.wait.cause for event in week.events if isinstance(event, OutsideWaitBegan)]
    assert set(waits) == {Cause.OFFLINE}
    assert week.passed < PAGES * EACH + sum(lasts for _, lasts in OUTAGES) + SLEEP[1] + 3 * HOUR


async def test_without_one_it_ends_at_the_day_without_a_network_and_the_next_run_is_whole(database: Database) -> None:
    week = Week(database, patience=DEFAULT_PATIENCE)

    await week.harvest()

    deck = week.deck.snapshot()
    assert week.state() is State.FAILED
    assert deck.groups[0].reason.startswith("offline since ")
    assert deck.groups[0].reason.endswith("given up after 60 min, the next run goes on from here")
    assert exit_code(deck, interrupted=False) is Exit.FAILED
    assert failed(week) == []
    assert OUTAGES[2][0] < week.passed < OUTAGES[2][0] + 2 * HOUR
    stored = len(await database.do(ids))
    assert 0 < stored < 10 * PAGES

    again = FakeTransport(lambda request, _: week.source.truth(request))
    rest = Deck(
        jobs=[job(week.source, again)],
        database=database,
        now=asyncio.get_running_loop().time,
        wall=lambda: BEGINS + week.passed,
        reading=InThisThread(),
    )
    await rest.run()

    assert rest.snapshot().groups[0].state is State.DONE
    assert len(await database.do(ids)) == 10 * PAGES
    assert len(again.sent) == PAGES - stored // 10
