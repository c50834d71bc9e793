"""Commands given between the start and the first request of a source: each is carried out, or refused with a reason."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from engine.common.errors import UsageError
from engine.harvest.job import Job
from engine.model.commands import Done, Fill, Quarantine, Refused, Release, Retry, SetPin, Stop, Tune
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.events import PartsQueued, RunStarted
from engine.model.snapshot import State
from engine.model.source import Memory, Request, Response
from engine.model.tuning import Tuning
from engine.storage.database import Database
from engine.storage.failed_requests import quarantined as in_quarantine
from tests.engine.harness import Harvest, prepare, run
from tests.fakes import FakeSource, FakeTransport, answer, serves


def broken(source: FakeSource, *keys: str) -> FakeTransport:
    def script(request: Request, _tries: int) -> Response:
        return answer(status=404) if request.key in keys else source.truth(request)

    return FakeTransport(script)


async def left_unfinished(database: Database, source: FakeSource) -> None:
    """Leave a run behind in which one request failed for good and others are queued."""
    await run(database, source, broken(source, "item 1"), workers=1, limit=5)


async def test_a_retry_is_carried_out_once_the_source_has_begun(database: Database) -> None:
    source = FakeSource(pages=1, details=True)
    await left_unfinished(database, source)
    transport = serves(source)
    harvest = prepare(database, Job(source=source, transport=transport))

    retried = harvest.deck.send(Retry("fake"))
    await harvest.deck.run()

    assert await retried == Done(1)
    assert [key for _, key in transport.sent].count("item 1") == 1
    assert harvest.group().failed == 0
    assert [event.pending for event in harvest.facts(RunStarted)] == [5]


async def test_a_request_is_set_aside_before_the_source_begins_and_let_out_again(database: Database) -> None:
    source = FakeSource(pages=1, details=True)
    await left_unfinished(database, source)
    first = prepare(database, Job(source=source, transport=serves(source), tuning=Tuning(limit=1)))
    set_aside = first.deck.send(Quarantine("fake"))
    await first.deck.run()
    found = in_quarantine(database.path)
    transport = serves(source)
    second = prepare(database, Job(source=source, transport=transport))

    released = second.deck.send(Release("fake"))
    await second.deck.run()

    assert (await set_aside, await released) == (Done(1), Done(1))
    assert [one.what for one in found] == ["GET /item/1"]
    assert in_quarantine(database.path) == []
    assert [key for _, key in transport.sent].count("item 1") == 1


class Whole(FakeSource):
    """Is one part, and has nothing new of itself."""

    def seed(self, memory: Memory) -> Sequence[Request]:
        return ()

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        return [Part(key="all", name="all", state=PartState.MISSING)]

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        return [self.page(0)]


async def test_a_part_is_filled_by_a_source_that_would_have_ended_at_once(database: Database) -> None:
    source = Whole(pages=1)
    transport = serves(source)
    other = FakeSource(pages=3, name="other", base_url="http://other")
    harvest = prepare(database, Job(source=source, transport=transport), Job(source=other, transport=serves(other)))

    filled = harvest.deck.send(Fill("fake", ("all",)))
    wrong = harvest.deck.send(Fill("fake", ("some",)))
    await harvest.deck.run()

    assert await filled == Done(1)
    assert [key for _, key in transport.sent] == ["page 0"]
    assert [event.requests for event in harvest.facts(PartsQueued)] == [1]
    refused = await wrong
    assert isinstance(refused, Refused)
    assert 'fake has no part "some"' in refused.reason


async def test_settings_hold_from_the_first_request_on(database: Database) -> None:
    source = FakeSource(pages=1, details=True)
    transport = serves(source)
    harvest = prepare(database, Job(source=source, transport=transport, tuning=Tuning(workers=8)))

    answers = [harvest.deck.send(Tune("fake", Tuning(retries=1))), harvest.deck.send(SetPin("fake", 1))]
    await harvest.deck.run()

    assert [await one for one in answers] == [Done(), Done()]
    assert transport.most_in_flight == 1
    assert harvest.group().tuning == Tuning(workers=1, retries=1)


class Unseeded(FakeSource):
    """Cannot say what to fetch."""

    def seed(self, memory: Memory) -> Sequence[Request]:
        raise UsageError("nothing to fetch")


async def outcomes(harvest: Harvest, *more: asyncio.Future[Done | Refused]) -> list[Done | Refused]:
    answers = [*more, harvest.deck.send(Retry("fake")), harvest.deck.send(Retry())]
    await harvest.deck.run()
    return [await one for one in answers]


async def test_a_source_that_cannot_begin_refuses_and_stays_failed(database: Database) -> None:
    source = Unseeded()
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    assert await outcomes(harvest) == [Refused("fake runs no more")] * 2

    assert harvest.group().state is State.FAILED
    assert harvest.group().reason == "nothing to fetch"


async def test_a_source_that_is_stopped_before_it_begins_refuses(database: Database) -> None:
    source = FakeSource()
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    assert await outcomes(harvest, harvest.deck.send(Stop())) == [Done(), *[Refused("fake is stopping")] * 2]

    assert harvest.group().state is State.STOPPED


@pytest.mark.parametrize("command", [Retry(), Fill("fake", ("x",)), Quarantine("fake"), Release("fake")])
async def test_once_all_is_over_every_command_is_refused(
    database: Database, command: Retry | Fill | Quarantine | Release
) -> None:
    source = FakeSource(pages=1)
    harvest = await run(database, source, serves(source))

    assert await harvest.deck.send(command) == Refused("the harvest has ended")
