"""A wall clock that is set, a machine that sleeps, and daylight saving: a retry waits as long as it was to wait."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from engine.harvest.deck import Deck
from engine.harvest.job import Job
from engine.harvest.steady_clock import SleepCountingLoop
from engine.model.events import Event, Remarked
from engine.model.lane_state import Quota
from engine.model.snapshot import State
from engine.pacing.admission import Admission
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.penalty_gate import PenaltyGate
from engine.storage import journal, schema
from engine.storage.database import Database
from tests.engine.harness import EPOCH, InThisThread
from tests.fakes import FakeSource, FakeTransport, answer, job, serves
from tests.virtual_loop import VirtualLoop

HOUR = 3600.0
WAIT = 40.0
BUSY = answer(status=503)
START: float = 1000.0
"""What the virtual loop's clock begins with."""


@pytest.fixture(autouse=True)
def long_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first retry wait long enough for something to happen meanwhile. No gate waits as well then."""
    monkeypatch.setattr("engine.harvest.outcomes.Backoff", lambda chance: lambda attempt: WAIT)


def virtual_loop() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


@dataclass
class Clocks:
    """The wall clock beside the loop's time, which counts sleep."""

    start: float = EPOCH
    step: float = 0.0
    loop: VirtualLoop = field(default_factory=virtual_loop)

    def wall(self) -> float:
        return self.start + self.loop.time() + self.step

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep now: no timer runs meanwhile."""
        self.loop.clock += seconds

    def deck(self, database: Database, made: Job) -> Deck:
        return Deck(
            jobs=[made],
            database=database,
            now=self.loop.time,
            wall=self.wall,
            reading=InThisThread(),
        )


def failing_once(source: FakeSource) -> FakeTransport:
    """Fail at the second page once."""
    return FakeTransport(
        lambda request, tries: BUSY if request.key == "page 1" and not tries else source.truth(request)
    )


async def waited(
    database: Database, clocks: Clocks, change: Callable[[], None] = lambda: None, *, after: float = 10.0
) -> tuple[float, list[Event]]:
    """Return after how many seconds of the loop's time the second page was sent again, and the events.

    `change` happens `after` seconds of its wait.
    """
    source = FakeSource(pages=3)
    transport, events = failing_once(source), list[Event]()
    deck = clocks.deck(database, job(source, transport))
    deck.listen(events.append)
    asyncio.get_running_loop().call_later(after, change)
    await deck.run()
    assert deck.snapshot().state is State.DONE
    sent = [at for at, key in transport.sent if key == "page 1"]
    return sent[1] - sent[0], events


def remarks(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Remarked)]


@pytest.mark.parametrize("step", [-HOUR, HOUR, -10 * HOUR], ids=["an hour back", "an hour forward", "ten hours back"])
async def test_a_clock_that_is_set_changes_no_wait(database: Database, step: float) -> None:
    clocks = Clocks()

    seconds, events = await waited(database, clocks, lambda: setattr(clocks, "step", step))

    assert seconds == pytest.approx(WAIT, abs=2.0)
    way = "forward" if step > 0 else "back"
    assert [text.partition(" by ")[0] for text in remarks(events)] == [f"the clock was set {way}"]


async def test_a_clock_that_is_set_while_a_request_is_put_back_changes_no_wait(database: Database) -> None:
    clocks = Clocks()

    seconds, _ = await waited(database, clocks, lambda: setattr(clocks, "step", HOUR), after=0.15)

    assert seconds == pytest.approx(WAIT, abs=2.0)


async def test_a_clock_that_ntp_corrects_by_a_second_is_let_be(database: Database) -> None:
    clocks = Clocks()

    seconds, events = await waited(database, clocks, lambda: setattr(clocks, "step", 1.0))

    assert seconds == pytest.approx(WAIT, abs=2.0)
    assert remarks(events) == []


@pytest.mark.parametrize(("asleep", "in_all"), [(HOUR, 10.0 + HOUR), (20.0, WAIT)])
async def test_a_sleep_counts_as_waiting(database: Database, asleep: float, in_all: float) -> None:
    clocks = Clocks()

    seconds, events = await waited(database, clocks, lambda: clocks.sleep(asleep))

    assert seconds == pytest.approx(in_all, abs=3.0)
    assert remarks(events) == []


def test_the_engines_loop_counts_the_sleep_of_the_machine() -> None:
    with asyncio.Runner(loop_factory=SleepCountingLoop) as runner:
        loop = runner.get_loop()
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        slept = runner.run(asyncio.sleep(0.01, "slept"))

        assert before < loop.time() <= time.clock_gettime(time.CLOCK_BOOTTIME)
    assert slept == "slept"


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
async def test_daylight_saving_changes_no_wait(database: Database, change: datetime) -> None:
    at = change.timestamp()
    assert abs(time.localtime(at).tm_hour - time.localtime(at - 1).tm_hour) != 1, "the clocks change here"

    seconds, events = await waited(database, Clocks(start=at - START - 20.0))

    assert seconds == pytest.approx(WAIT, abs=2.0)
    assert remarks(events) == []


@pytest.mark.parametrize(("step", "left"), [(0.0, 30.0), (-HOUR, WAIT), (HOUR, 0.0)])
async def test_a_clock_that_was_set_between_two_processes_makes_no_wait_longer(
    database: Database, step: float, left: float
) -> None:
    source = FakeSource(pages=3)
    clocks, loop = Clocks(), asyncio.get_running_loop()
    first = clocks.deck(database, job(source, failing_once(source)))
    loop.call_later(10.0, first.stop, "enough")
    await first.run()

    transport = serves(source)
    later = Clocks(step=step)
    began = loop.time()
    await later.deck(database, job(source, transport)).run()

    assert transport.sent[0][0] - began == pytest.approx(left, abs=2.0)


def test_a_budget_or_a_rest_is_no_longer_than_it_was_when_the_clock_was_set_back() -> None:
    quota = Quota(name="core", origin="headers", limit=100, remaining=0, resets_in=50.0)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)
        journal.write_quotas(db, "host core", [quota], EPOCH)

        def known(wall: float) -> list[float]:
            earlier = journal.load_earlier(db, domain="host core", source="s", lane="core", span=60.0, wall=wall)
            return [one.resets_in for one in earlier.quotas if one.resets_in is not None]

        assert (known(EPOCH + 20.0), known(EPOCH - HOUR)) == ([30.0], [50.0])


@pytest.mark.parametrize(("age", "left"), [(20.0, 30.0), (-HOUR, 50.0), (HOUR, 0.0)])
def test_a_rest_is_no_longer_than_it_was_when_the_clock_was_set_back(age: float, left: float) -> None:
    made = Admission(controller=Fixed(4), resource="core", cap=4, gate=PenaltyGate())

    made.restore(START, replace(made.learned(EPOCH, now=START), resting_until=EPOCH + 50.0), age=age)

    assert made.gate.blocked(START) == pytest.approx(left, abs=1.0)
