"""The decision log, and that it outlives the process."""

import asyncio

from engine.harvest.job import Job
from engine.model.events import LimitMoved, StateChanged
from engine.model.snapshot import State
from engine.model.tuning import Tuning
from engine.storage.database import Database
from engine.storage.decision_log import KEPT, Decisions
from tests.engine.harness import prepare
from tests.fakes import FakeSource, serves


def moved(number: int, source: str = "fake") -> LimitMoved:
    return LimitMoved(at=float(number), source=source, lane="core", old=number, new=number + 1, reason="room")


def test_each_source_has_its_own_newest_moves() -> None:
    log = Decisions()
    for number in range(KEPT + 3):
        log.note(moved(number))
    log.note(moved(1, "other"))
    log.note(StateChanged(at=0.0, source="other", state="paused", reason=""))

    assert len(log.of("fake")) == KEPT
    assert log.of("fake")[-1].new == KEPT + 3
    assert [move.old for move in log.of("other")] == [1]
    assert log.of("nobody") == ()


def test_it_is_the_same_tuple_until_something_moves() -> None:
    log = Decisions()
    log.note(moved(1))
    before = log.of("fake")

    assert log.of("fake") is before
    log.note(moved(2))
    assert len(log.of("fake")) == 2


def test_what_stands_on_disk_is_clean_before_it_is_shown() -> None:
    log = Decisions()

    log.load("fake", [(1.0, "core", 1, 2, "a\x1b[2Jb")])

    assert log.of("fake")[0].reason.isprintable()


async def test_a_resumed_run_shows_what_was_decided_before_it_was_stopped(database: Database) -> None:
    source = FakeSource(pages=1, per_page=5000, details=True)
    first = prepare(database, Job(source=source, transport=serves(source)))
    asyncio.get_running_loop().call_later(4, first.deck.stop, "enough")
    await first.deck.run()
    before = first.group().decisions

    second = prepare(database, Job(source=source, transport=serves(source), tuning=Tuning(workers=1)))
    asyncio.get_running_loop().call_later(5, second.deck.stop, "enough")
    await second.deck.run()

    assert first.group().state is State.STOPPED
    assert len(before) > 2
    assert [(move.old, move.new, move.reason) for move in second.group().decisions[: len(before)]] == [
        (move.old, move.new, move.reason) for move in before
    ]
