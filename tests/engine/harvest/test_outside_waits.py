"""One rule for every wait whose cause is outside of fetchdeck: said, holding nothing, ended by itself or patience."""

import asyncio
from collections.abc import Callable

import pytest

from engine.model.events import OutsideWaitBegan, OutsideWaitEnded
from engine.model.lane_state import Bound
from engine.model.outside_wait import Cause, OutsideWait
from engine.model.snapshot import State
from engine.storage.database import Database
from tests.engine.harness import EPOCH, Harvest, ids, prepare
from tests.fakes import FakeSource, job, serves
from tui.common.exit_codes import Exit, exit_code

WORDS = "0 B left on /data"


async def harvest_with(
    database: Database,
    meanwhile: Callable[[Harvest], None],
    *,
    at: float,
    then: Callable[[Harvest], None],
    after: float,
) -> Harvest:
    """Run 200 pages, do something `at` seconds in, and something else `after` more seconds."""
    source = FakeSource(pages=200)
    harvest = prepare(database, job(source, serves(source)), patience=3600.0)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(at)
        meanwhile(harvest)
        await asyncio.sleep(after)
        then(harvest)
    return harvest


def full(harvest: Harvest) -> None:
    harvest.deck.hold(Cause.DISK_FULL, WORDS, next_in=20.0)


async def test_a_held_source_sends_nothing_holds_no_place_and_says_why(database: Database) -> None:
    seen = []

    def look(harvest: Harvest) -> None:
        seen.append(harvest.group())
        harvest.deck.let_go(Cause.DISK_FULL)

    harvest = await harvest_with(database, full, at=2.0, then=look, after=60.0)

    (held,) = seen
    assert (held.state, held.lanes[0].bound, held.lanes[0].in_flight) == (State.WAITING, Bound.OUTSIDE, 0)
    assert held.reason.startswith("disk full since ")
    assert held.reason.endswith(f": {WORDS}; next try in 0 s")
    assert [(wait.cause, wait.words) for wait in held.outside] == [(Cause.DISK_FULL, WORDS)]
    assert harvest.group().state is State.DONE
    assert len(await database.do(ids)) == 2000
    assert harvest.group().outside == ()


async def test_what_began_and_what_ended_is_an_event_each(database: Database) -> None:
    harvest = await harvest_with(
        database, full, at=2.0, then=lambda harvest: harvest.deck.let_go(Cause.DISK_FULL), after=60.0
    )

    (began,), (ended,) = harvest.facts(OutsideWaitBegan), harvest.facts(OutsideWaitEnded)
    assert (began.lane, began.wait.cause, began.wait.words) == ("", Cause.DISK_FULL, WORDS)
    assert (ended.cause, ended.lasted) == (Cause.DISK_FULL, pytest.approx(60.0, abs=2))


async def test_a_wait_of_seconds_is_no_event(database: Database) -> None:
    harvest = await harvest_with(
        database, full, at=2.0, then=lambda harvest: harvest.deck.let_go(Cause.DISK_FULL), after=3.0
    )

    assert (harvest.facts(OutsideWaitBegan), harvest.facts(OutsideWaitEnded)) == ([], [])
    assert harvest.group().state is State.DONE


async def test_when_patience_runs_out_the_run_ends_by_its_cause_and_can_be_resumed(database: Database) -> None:
    over = []

    def look(harvest: Harvest) -> None:
        group = harvest.deck.group("fake")
        assert group is not None
        over.append((harvest.group().state, group.outside.over.is_set()))

    harvest = await harvest_with(database, full, at=2.0, then=look, after=3590.0)

    assert over == [(State.WAITING, False)]
    group = harvest.group()
    assert group.state is State.FAILED
    assert group.reason.startswith("disk full since ")
    assert group.reason.endswith(f"{WORDS}; given up after 60 min, the next run goes on from here")
    assert exit_code(harvest.deck.snapshot(), interrupted=False) is Exit.FAILED
    before = len(await database.do(ids))
    assert 0 < before < 2000

    source = FakeSource(pages=200)
    resumed = prepare(database, job(source, serves(source)))
    await resumed.deck.run()

    assert resumed.group().state is State.DONE
    assert len(await database.do(ids)) == 2000
    assert resumed.group().requests == 200 - before // 10


async def test_a_renewed_wait_lasts_since_it_began(database: Database) -> None:
    seen: list[OutsideWait] = []

    def look(harvest: Harvest) -> None:
        harvest.deck.hold(Cause.DISK_FULL, "4 KB left on /data")
        seen.extend(harvest.group().outside)
        harvest.deck.let_go(Cause.DISK_FULL)

    await harvest_with(database, full, at=2.0, then=look, after=60.0)

    (wait,) = seen
    assert (wait.words, wait.next_try) == ("4 KB left on /data", None)
    assert wait.since == pytest.approx(EPOCH + 1000.0 + 2.0)


async def test_a_paused_source_is_not_given_up(database: Database) -> None:
    def pause(harvest: Harvest) -> None:
        group = harvest.deck.group("fake")
        assert group is not None
        full(harvest)
        group.pause()

    def look(harvest: Harvest) -> None:
        assert harvest.group().state is State.PAUSED
        group = harvest.deck.group("fake")
        assert group is not None
        harvest.deck.let_go(Cause.DISK_FULL)
        group.resume()

    harvest = await harvest_with(database, pause, at=2.0, then=look, after=4000.0)

    assert harvest.group().state is State.DONE
