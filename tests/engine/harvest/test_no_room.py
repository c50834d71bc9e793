"""A request that this process has no room for is queued again, however often, and counts no attempt."""

import pytest

from engine.common.errors import NoRoom, TransportError
from engine.model.events import LimitMoved, RequestFailed, RequestRetried
from engine.model.snapshot import State
from engine.model.source import Memory, Page, Record, Request, Response
from engine.storage.database import Database
from tests.engine.harness import prepare
from tests.fakes import FakeSource, FakeTransport, job

FILES = "the process may open no more than 64 files (ulimit -n)"


async def test_no_room_costs_no_attempt_and_lowers_the_concurrency(database: Database) -> None:
    source = FakeSource(per_page=40, details=True)

    def script(request: Request, tries: int) -> Response | TransportError:
        crowded = request.route == "detail" and tries < 7
        return NoRoom(f"GET {request.url}: {FILES}", why=FILES) if crowded else source.truth(request)

    harvest = prepare(database, job(source, FakeTransport(script), retries=0, workers=16))
    await harvest.deck.run()

    group = harvest.group()
    assert (group.state, group.failed, group.rows) == (State.DONE, 0, 80)
    assert FILES in [move.reason for move in harvest.facts(LimitMoved)]
    assert {retried.reason for retried in harvest.facts(RequestRetried)} == {
        f"GET /item/{n}: {FILES}" for n in range(40)
    }
    outcomes = await harvest.rows("select distinct outcome from attempt")
    assert outcomes == [("no room",)]


async def test_no_room_is_no_sign_that_the_host_is_offline(database: Database) -> None:
    source = FakeSource(pages=3)

    def script(request: Request, tries: int) -> Response | TransportError:
        return NoRoom("no room", why=FILES) if tries < 3 else source.truth(request)

    transport = FakeTransport(script)
    harvest = prepare(database, job(source, transport))
    await harvest.deck.run()

    assert harvest.group().rows == 30
    assert (
        max(after - before for (before, _), (after, _) in zip(transport.sent, transport.sent[1:], strict=False)) < 1.0
    )


@pytest.mark.parametrize("place", ["parse", "store"])
async def test_no_memory_for_one_answer_fails_its_request_only(
    database: Database, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    source = FakeSource(per_page=10, details=True)
    whole_parse = source.parse

    def no_memory(*_: object) -> None:
        raise MemoryError

    class Large(dict[str, object]):
        """A row that cannot be held once more."""

        values = no_memory  # type: ignore[assignment]

    def parse(request: Request, response: Response, memory: Memory) -> Page:
        if request.key != "item 7":
            return whole_parse(request, response, memory)
        if place == "parse":
            no_memory()
        return Page(records=[Record(table="detail", data=Large(item_id=7, text="d7"), raw=b"{}")])

    monkeypatch.setattr(source, "parse", parse)
    harvest = prepare(database, job(source, FakeTransport(lambda request, _: source.truth(request)), retries=0))
    await harvest.deck.run()

    group = harvest.group()
    assert (group.failed, group.rows) == (1, 19)
    (failed,) = harvest.facts(RequestFailed)
    assert "emory" in failed.reason
