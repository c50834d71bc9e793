"""Delivering what has landed: read-only, once per news, and nothing that goes wrong in it stops a run."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.harvest.deliveries import DeliveryWorker
from engine.model.capabilities import Stored
from engine.model.source import Column, Record, Table
from engine.storage import source_tables
from engine.storage.opening import connect
from tests.virtual_loop import VirtualLoop

THING = Table("thing", (Column("kind"), Column("id", "integer")), ("kind", "id"))
Deliver = Callable[[Stored, float], Sequence[str]]


class Delivering:
    """A source that delivers as it is told."""

    def __init__(self, deliver: Deliver) -> None:
        self.deliver = deliver


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "harvest.db"
    db = connect(file)
    source_tables.create(db, "fake", [THING])
    rows = [("a", 3), ("a", 1), ("a", 2), ("b", 9)]
    source_tables.Writer("fake", [THING]).write(
        db, [Record(table="thing", data={"kind": kind, "id": id}) for kind, id in rows], 1.0
    )
    db.close()
    return file


def worker_of(database: Path, deliver: Deliver) -> DeliveryWorker:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.threads.append(lambda: True)  # time stands still: the worker's thread is at work whenever a test waits
    return DeliveryWorker(source=Delivering(deliver), name="fake", tables=[THING], database=database, since=5.0)


async def test_rows_are_found_by_their_columns_and_in_order(database: Path) -> None:
    seen: list[object] = []

    def deliver(stored: Stored, since: float) -> Sequence[str]:
        seen.append([row["id"] for row in stored.select("thing", {"kind": "a"}, above=("id", 1))])
        seen.append(len(list(stored.select("thing"))))
        seen.append(since)
        return ()

    made = worker_of(database, deliver)
    await made.deliver(0)
    made.close()

    assert seen == [[2, 3], 4, 5.0]


async def test_without_news_nothing_is_delivered(database: Path) -> None:
    times: list[float] = []

    def deliver(_: Stored, since: float) -> Sequence[str]:
        times.append(since)
        return ()

    made = worker_of(database, deliver)

    for landed in (0, 0, 7, 7):
        await made.deliver(landed)
    made.close()

    assert len(times) == 2


async def test_a_delivery_whose_caller_is_cancelled_before_it_began_is_made_all_the_same(database: Path) -> None:
    """On a busy machine its thread had not begun when the run ended: what had landed was left to the next run."""
    times, busy = list[float](), threading.Event()

    def deliver(_: Stored, since: float) -> Sequence[str]:
        times.append(since)
        return ()

    made = worker_of(database, deliver)
    made._thread.submit(busy.wait)

    asking = asyncio.ensure_future(made.deliver(3))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    busy.set()
    await made.deliver(3)
    await made.finish()
    made.close()

    assert times == [5.0]


async def test_a_problem_is_told_once_and_clean(database: Path) -> None:
    made = worker_of(database, lambda _stored, _since: ["bad\x1b[31m", "bad\x1b[31m"])

    told = [list(await made.deliver(landed)) for landed in (0, 1)]
    made.close()

    assert told == [["bad␛[31m"], []]


async def test_a_source_that_raises_is_a_problem_and_no_crash(database: Path) -> None:
    def deliver(stored: Stored, since: float) -> Sequence[str]:
        return [str(row) for row in stored.select("thing", {"kind; drop table fake_thing": "a"})]

    made = worker_of(database, deliver)
    problems = await made.deliver(0)
    made.close()

    assert len(problems) == 1
    assert "cannot be delivered: KeyError" in problems[0]


async def test_a_delivery_under_way_is_waited_for_where_the_run_has_ended(database: Path) -> None:
    begun, seen = threading.Event(), list[object]()

    def deliver(stored: Stored, _since: float) -> Sequence[str]:
        begun.set()
        seen.extend(row["id"] for row in stored.select("thing", {"kind": "a"}))
        return ()

    made = worker_of(database, deliver)
    under_way = asyncio.ensure_future(made.deliver(0))
    await asyncio.sleep(0)
    begun.wait()
    under_way.cancel()

    await made.finish()
    made.close()

    assert sorted(map(str, seen)) == ["1", "2", "3"]


async def test_a_delivery_under_way_ends_at_its_next_row_where_the_run_is_broken_off(database: Path) -> None:
    begun, go_on, seen = threading.Event(), threading.Event(), list[object]()

    def deliver(stored: Stored, _since: float) -> Sequence[str]:
        for row in stored.select("thing"):
            seen.append(row["id"])
            begun.set()
            go_on.wait()
        return ["never reached"]

    made = worker_of(database, deliver)
    under_way = asyncio.ensure_future(made.deliver(0))
    await asyncio.sleep(0)
    begun.wait()

    closing = threading.Thread(target=made.close)
    closing.start()
    made.closed.wait()
    go_on.set()
    closing.join()

    assert list(await under_way) == []
    assert len(seen) == 1
