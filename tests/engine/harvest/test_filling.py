"""Filling parts of the coverage map, and setting requests aside: over a running deck, in virtual time."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.common.errors import StoreUnusable, UsageError
from engine.harvest.group import WorkerGroup
from engine.harvest.job import Job
from engine.model.commands import Done, Fill, Quarantine, Refused, Release, Stop, StopNow, Tune
from engine.model.coverage import CoverageReader, Part, PartState, RefillPlan
from engine.model.events import PartsQueued, RequestsQuarantined
from engine.model.snapshot import State
from engine.model.source import Request, Response
from engine.model.tuning import Tuning
from engine.storage import quarantine
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from engine.storage.failed_requests import failed, inspect
from engine.storage.failed_requests import quarantined as in_quarantine
from tests.engine import harness
from tests.engine.harness import EPOCH
from tests.fakes import FakeSource, FakeTransport, answer, serves


@dataclass
class Pages(FakeSource):
    """A source that knows its pages as parts."""

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        left = reader.by_part(lambda request: f"page-{request.context['page']}" if request.route == "list" else "")
        for number in range(self.pages):
            landed = reader.landed(f"page {number}")
            rows = reader.between("item", "id", number * self.per_page, (number + 1) * self.per_page - 1)
            state = PartState.MISSING if landed is None else PartState.COMPLETE
            key = f"page-{number}"
            part = Part(key=key, name=f"page {number}", state=state, rows=rows, updated=landed)
            yield part.with_open_requests(left.get(key, ()))

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        return [self.page(int(key.removeprefix("page-")))]


def broken(source: FakeSource, *keys: str) -> FakeTransport:
    """Answer 404 to some requests."""

    def script(request: Request, _tries: int) -> Response:
        headers = {"server": "nginx", "set-cookie": "s3cr3t"}
        return answer(status=404, headers=headers) if request.key in keys else source.truth(request)

    return FakeTransport(script)


def states(path: Path, source: FakeSource) -> dict[str, str]:
    with coverage_map(path, source, now=EPOCH) as found:
        return {one.key: one.state for one in found.shown()}


async def test_the_chart_says_what_landed_failed_and_was_never_asked_for(database: Database) -> None:
    source = Pages(pages=3)

    await harness.run(database, source, broken(source, "page 1"))

    with coverage_map(database.path, source, now=EPOCH) as found:
        parts = found.shown()
    assert [(one.key, one.state, one.rows) for one in parts] == [
        ("page-0", "complete", 10),
        ("page-1", "failed", 0),
        ("page-2", "missing", 0),
    ]
    assert parts[1].detail == "1 request failed: 404 Not Found"
    assert [one.fillable for one in parts] == [False, True, True]


async def test_a_run_that_fills_a_part_fetches_it_and_what_follows_and_nothing_else(database: Database) -> None:
    source = Pages(pages=3)
    await harness.run(database, source, broken(source, "page 1"))
    with coverage_map(database.path, source, now=EPOCH) as found:
        plan = found.plan_refill(["page-1"])
    transport = serves(source)

    again = await harness.run(database, source, transport, refill=plan)

    assert [key for _, key in transport.sent] == ["page 1", "page 2"]
    assert states(database.path, source) == dict.fromkeys(("page-0", "page-1", "page-2"), "complete")
    assert again.group().failed == 0
    assert await again.rows("select count(*) from error") == [(0,)]


async def test_parts_are_named_by_key_or_by_state_and_a_wrong_name_is_told(database: Database) -> None:
    source = Pages(pages=3)
    await harness.run(database, source, broken(source, "page 1"))

    with coverage_map(database.path, source, now=EPOCH) as found:
        assert found.plan_refill(["missing", "failed"]).parts == ("page-1", "page-2")
        assert not found.plan_refill(["complete"])
        with pytest.raises(UsageError, match=r'no part "page-9": did you mean "page-\d"'):
            found.plan_refill(["page-9"])


async def test_a_running_source_takes_up_what_fills_a_part(database: Database) -> None:
    source = Pages(pages=4)
    transport = broken(source, "page 1")
    harness_ = harness.prepare(database, Job(source=source, transport=transport))
    running = asyncio.get_running_loop().create_task(harness_.deck.run())
    await asyncio.sleep(0.15)
    filled = harness_.deck.send(Fill("fake", ("page-3",)))

    await running

    assert await filled == Done(1)
    assert [key for _, key in transport.sent] == ["page 0", "page 1", "page 3"]
    assert [(one.parts, one.requests) for one in harness_.facts(PartsQueued)] == [(1, 1)]


async def test_a_part_that_is_being_fetched_is_not_asked_for_twice(database: Database) -> None:
    source = Pages(pages=4)
    transport = serves(source)
    harness_ = harness.prepare(database, Job(source=source, transport=transport))
    running = asyncio.get_running_loop().create_task(harness_.deck.run())
    await asyncio.sleep(0.15)
    with coverage_map(database.path, source, now=EPOCH) as found:
        plan = found.plan_refill(["page-1"])

    await harness_.deck.send(Fill("fake", ("page-1",)))

    await running
    assert plan.unfinished
    assert [key for _, key in transport.sent] == ["page 0", "page 1", "page 2", "page 3"]


async def test_a_running_source_tries_again_what_failed_in_a_part_it_is_to_fill(database: Database) -> None:
    source = Pages(pages=9, per_page=1, details=True)
    transport = broken(source, "item 0")
    harness_ = harness.prepare(database, Job(source=source, transport=transport, tuning=Tuning(workers=1)))
    running = asyncio.get_running_loop().create_task(harness_.deck.run())
    await asyncio.sleep(0.5)
    (kind,) = harness_.deck.snapshot().failures
    (lost,) = failed(database.path, "fake", kind.fingerprint)
    transport.script = lambda request, _: source.truth(request)

    await harness_.deck.groups()[0].fill(RefillPlan(parts=("page-0",), unfinished=(lost.id,)))

    await running
    assert [key for _, key in transport.sent].count("item 0") == 2
    assert harness_.group().failed == 0
    assert harness_.deck.snapshot().failures == ()


async def test_a_source_that_has_ended_begins_a_run_for_a_part_while_others_go_on(database: Database) -> None:
    quick, slow = Pages(pages=3), FakeSource(pages=40, name="slow", base_url="http://slow")
    transport = broken(quick, "page 1")
    deck = harness.prepare(database, Job(source=quick, transport=transport), Job(source=slow, transport=serves(slow)))
    running = asyncio.get_running_loop().create_task(deck.deck.run())
    await asyncio.sleep(1.5)
    assert deck.group().state is State.DONE
    transport.script = lambda request, _: quick.truth(request)

    tuned = await deck.deck.send(Tune("fake", Tuning(cap=5)))
    filled = [deck.deck.send(Fill("fake", ("page-1",))) for _ in range(2)]
    await asyncio.sleep(1.0)

    assert deck.group("slow").state is State.RUNNING
    assert deck.group().state is State.DONE
    assert states(database.path, quick)["page-2"] == "complete"
    assert deck.deck.snapshot().failures == ()
    assert [await answer for answer in filled] == [Done(1), Done(1)]
    assert (tuned, deck.group().tuning) == (Done(), Tuning(cap=5))
    await running
    assert not transport.sent.count((0, "page 0"))


async def test_a_source_that_begins_again_while_the_last_other_one_ends_is_run_to_its_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, slow = Pages(pages=3), FakeSource(pages=20, name="slow", base_url="http://slow")
    transport = broken(quick, "page 1")
    deck = harness.prepare(database, Job(source=quick, transport=transport), Job(source=slow, transport=serves(slow)))
    reopen = deck.deck._reopen

    async def late(old: WorkerGroup, plan: RefillPlan) -> WorkerGroup:
        await asyncio.sleep(600.0)
        assert deck.group("slow").state is State.DONE
        return await reopen(old, plan)

    monkeypatch.setattr(deck.deck, "_reopen", late)
    running = asyncio.get_running_loop().create_task(deck.deck.run())
    await asyncio.sleep(1.0)
    assert (deck.group().state, deck.group("slow").state) == (State.DONE, State.RUNNING)
    transport.script = lambda request, _: quick.truth(request)

    filled = deck.deck.send(Fill("fake", ("page-1",)))
    await running

    assert await filled == Done(1)
    assert states(database.path, quick)["page-1"] == "complete"


async def test_what_a_request_failed_with_keeps_its_head_without_secrets(database: Database) -> None:
    source = Pages(pages=2)

    ran = await harness.run(database, source, broken(source, "page 1"))

    kind = ran.deck.snapshot().failures[0]
    one = failed(database.path, "fake", kind.fingerprint)[0]
    assert one.head == ("404 Not Found", "server: nginx", "set-cookie: <hidden>")


async def test_a_request_in_quarantine_is_tried_by_no_run_until_it_is_released(database: Database) -> None:
    source = FakeSource(pages=1, per_page=3, details=True)
    long = FakeSource(pages=30, name="long", base_url="http://long")
    both = harness.prepare(
        database,
        Job(source=source, transport=broken(source, "item 1", "item 2")),
        Job(source=long, transport=serves(long)),
    )
    running = asyncio.get_running_loop().create_task(both.deck.run())
    await asyncio.sleep(1.0)
    kind = both.deck.snapshot().failures[0]
    ids = [one.id for one in failed(database.path, "fake", kind.fingerprint)]

    assert await both.deck.send(Quarantine("fake", None, ids[0])) == Done(1)
    assert both.deck.snapshot().failures[0].count == 1
    assert [one.id for one in in_quarantine(database.path)] == [ids[0]]
    detail = inspect(database.path, ids[0], {"fake": source})
    assert detail is not None
    assert detail.request.aside
    await running

    later = serves(source)
    await harness.run(database, source, later)
    kept = in_quarantine(database.path)[0].what
    assert sorted(key for _, key in later.sent) == ["item 0", f"item {3 - int(kept[-1])}", "page 0"]

    assert await database.do(lambda db: quarantine.release(db, "fake", ids[0], None)) == 1
    assert in_quarantine(database.path) == []
    last = serves(source)
    await harness.run(database, source, last)
    assert len(last.sent) == 4


async def test_a_running_source_tries_what_is_released_at_once(database: Database) -> None:
    source = FakeSource(pages=20, per_page=1)
    transport = broken(source, "page 2")
    deck = harness.prepare(database, Job(source=source, transport=transport, tuning=Tuning(workers=1)))
    transport.script = lambda request, tries: (
        answer(status=404) if request.key == "lost" and not tries else source.truth(source.page(0))
        if request.key == "lost" else source.truth(request)
    )  # fmt: skip
    running = asyncio.get_running_loop().create_task(deck.deck.run())
    await asyncio.sleep(0.15)
    await deck.deck.groups()[0].fill(RefillPlan(parts=("x",), requests=(Request(
        key="lost", url="/items", route="list", context={"page": 19}),)))  # fmt: skip
    await asyncio.sleep(0.5)
    assert await deck.deck.send(Quarantine("fake")) == Done(1)
    assert deck.group().failed == 0
    assert await deck.deck.send(Release("fake")) == Done(1)

    await running

    assert [key for _, key in transport.sent].count("lost") == 2
    assert [(one.requests, one.released) for one in deck.facts(RequestsQuarantined)] == [(1, False), (1, True)]


class NeverDone(Executor):
    """Takes calls and answers none, as a coverage map that takes for ever to read."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        return future


@pytest.mark.parametrize("command", [Stop(), StopNow()])
async def test_the_end_does_not_wait_for_the_coverage_map_and_refuses_the_refill(
    database: Database, command: Stop | StopNow
) -> None:
    source = Pages(pages=100)
    deck = harness.prepare(database, Job(source=source, transport=serves(source)), reading=NeverDone())
    running = asyncio.get_running_loop().create_task(deck.deck.run())
    await asyncio.sleep(0.15)
    filled = deck.deck.send(Fill("fake", ("page-3",)))
    await asyncio.sleep(0.15)

    deck.deck.send(command)
    await asyncio.wait([running], timeout=3600)

    assert running.done()
    assert await filled == Refused("the harvest has ended")
    assert deck.group().state is State.STOPPED


async def test_commands_for_a_source_nobody_runs_are_refused(database: Database) -> None:
    deck = harness.prepare(database, Job(source=FakeSource(), transport=serves(FakeSource())))
    answers = [deck.deck.send(command) for command in (Fill("none", ("x",)), Quarantine("none"), Release("none"))]

    await deck.deck.run()

    assert {await answer for answer in answers} == {Refused("none is no source of this harvest")}


def test_a_file_that_is_not_there_knows_no_parts_but_those_the_source_names(tmp_path: Path) -> None:
    assert states(tmp_path / "none.db", Pages(pages=2)) == {"page-0": "missing", "page-1": "missing"}
    with coverage_map(tmp_path / "none.db", FakeSource(), now=EPOCH) as found:
        assert found.shown() == []
    (tmp_path / "text").write_text("no database " * 200)
    with pytest.raises(StoreUnusable), coverage_map(tmp_path / "text", Pages(), now=EPOCH):
        pass
