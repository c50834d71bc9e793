"""Failed requests: listed, looked at, and tried again."""

import asyncio
from pathlib import Path

import pytest

from engine.common.errors import BadBody, StoreUnusable, UsageError
from engine.harvest.job import Job
from engine.model.events import Event, FailuresQueued, RequestFailed
from engine.model.snapshot import Failure, State
from engine.model.source import Memory, Page, Request, Response
from engine.storage import failed_requests
from engine.storage.database import Database
from tests.engine.harness import Harvest, prepare, run
from tests.fakes import FakeSource, FakeTransport, answer


def breaks(source: FakeSource, *keys: str, mends: list[str] | None = None) -> FakeTransport:
    """Answer 404 to some keys until they are mended."""
    mended = mends if mends is not None else []

    def script(request: Request, _: int) -> Response:
        return answer(status=404) if request.key in keys and request.key not in mended else source.truth(request)

    return FakeTransport(script)


def kinds(harvest: Harvest) -> tuple[Failure, ...]:
    return harvest.deck.snapshot().failures


async def test_the_requests_of_a_kind_are_listed_newest_first(database: Database) -> None:
    source = FakeSource(details=True)
    harvest = await run(database, source, breaks(source, "item 3", "item 7"), workers=1)

    (kind,) = kinds(harvest)
    found = failed_requests.failed(database.path, "fake", kind.fingerprint)

    assert [one.what for one in found] == ["GET /item/7", "GET /item/3"]
    assert {(one.status, one.attempts, one.source, one.fingerprint) for one in found} == {
        (404, 1, "fake", kind.fingerprint)
    }
    assert failed_requests.failed(database.path, "other", kind.fingerprint) == []
    assert len(failed_requests.failed(database.path, "fake", kind.fingerprint, many=1)) == 1


async def test_a_failure_in_the_log_leads_to_its_kind(database: Database) -> None:
    source = FakeSource(details=True)
    harvest = await run(database, source, breaks(source, "item 3"))

    (kind,) = kinds(harvest)
    assert [event.failure for event in harvest.facts(RequestFailed)] == [kind.fingerprint]
    assert [line.failure for line in harvest.deck.snapshot().log if line.level == "error"] == [kind.fingerprint]


class Fussy(FakeSource):
    """Understands no detail."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        if request.route == "detail":
            raise BadBody("not what it was")
        return super().parse(request, response, memory)


async def test_a_kept_body_is_shown_with_its_controls_as_marks(database: Database) -> None:
    source = Fussy(per_page=1, details=True)
    hostile = b"<b>\x1b[31m\r\nsecond\x00 line\xff"

    def script(request: Request, _: int) -> Response:
        found = source.truth(request)
        return (
            found
            if request.route != "detail"
            else Response(status=200, headers={}, body=hostile, url="http://fake", elapsed=0.1)
        )

    harvest = await run(database, source, FakeTransport(script))
    (one,) = failed_requests.failed(database.path, "fake", kinds(harvest)[0].fingerprint)
    detail = failed_requests.inspect(database.path, one.id, {"fake": source})

    assert detail is not None
    assert detail.body == ("<b>␛[31m", "second␀ line�")
    assert detail.body_size == len(hostile)
    assert detail.address == "http://fake/item/0"
    assert detail.curl == "curl -gsS http://fake/item/0"
    assert "not what it was" in detail.request.reason


async def test_a_request_without_a_kept_body_says_so(database: Database) -> None:
    source = FakeSource(details=True)
    harvest = await run(database, source, breaks(source, "item 3"))
    (one,) = failed_requests.failed(database.path, "fake", kinds(harvest)[0].fingerprint)

    detail = failed_requests.inspect(database.path, one.id, {})

    assert detail is not None
    assert (detail.body, detail.body_size, detail.curl, detail.address) == ((), None, "", "/item/3")
    assert failed_requests.inspect(database.path, 12345, {}) is None


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="cannot read the database"):
        failed_requests.failed(tmp_path / "absent.db", "fake", "x")


async def started(harvest: Harvest, failures: int) -> "asyncio.Task[None]":
    """Run a deck until so many requests failed."""
    enough = asyncio.Event()

    def look(_: Event) -> None:
        if len(harvest.facts(RequestFailed)) >= failures:
            enough.set()

    harvest.deck.listen(look)
    task = asyncio.ensure_future(harvest.deck.run())
    await enough.wait()
    return task


@pytest.mark.parametrize(("which", "sent"), [("all", 2), ("kind", 2), ("one", 1), ("none", 0)])
async def test_what_failed_is_tried_again_while_the_harvest_runs(database: Database, which: str, sent: int) -> None:
    source, mended = FakeSource(pages=40, details=True), list[str]()
    transport = breaks(source, "item 3", "item 7", mends=mended)
    harvest = prepare(database, Job(source=source, transport=transport))
    task = await started(harvest, 2)
    mended += ["item 3", "item 7"]
    group = harvest.deck.group("fake")
    assert group is not None
    (kind,) = kinds(harvest)
    newest = failed_requests.failed(database.path, "fake", kind.fingerprint)[0]

    match which:
        case "all":
            retried = group.retry()
        case "kind":
            retried = group.retry(kind.fingerprint)
        case "one":
            retried = group.retry(kind.fingerprint, newest.id)
        case _:
            retried = group.retry("another kind")
    assert await retried == sent
    await task

    assert [event.requests for event in harvest.facts(FailuresQueued)] == [sent]
    assert harvest.group().failed == 2 - sent
    assert sum(one.count for one in kinds(harvest)) == 2 - sent
    assert harvest.deck.snapshot().state is State.DONE
    assert await harvest.rows("select count(*) from fake_detail") == [(398 + sent,)]
    counted = await harvest.rows("select coalesce(sum(count), 0) from error")
    assert counted == [(2 - sent,)]


async def test_a_retry_of_the_last_requests_keeps_the_run_open_for_them(database: Database) -> None:
    source, mended = FakeSource(per_page=1, details=True), list[str]()
    transport = breaks(source, "item 0", mends=mended)
    harvest = prepare(database, Job(source=source, transport=transport))

    def again(event: object) -> None:
        group = harvest.deck.group("fake")
        if isinstance(event, RequestFailed) and group is not None and not mended:
            mended.append("item 0")
            retried.append(asyncio.ensure_future(group.retry()))

    retried = list[asyncio.Future[int]]()
    harvest.deck.listen(again)
    await harvest.deck.run()

    assert harvest.deck.snapshot().state is State.DONE
    assert await harvest.rows("select count(*) from fake_detail") == [(1,)]
    assert await harvest.rows("select state, count(*) from request group by state") == [("done", 2)]


async def test_a_harvest_that_is_over_tries_nothing_again(database: Database) -> None:
    source = FakeSource(details=True)
    harvest = await run(database, source, breaks(source, "item 3"))
    group = harvest.deck.group("fake")
    assert group is not None

    with pytest.raises(UsageError, match="fake runs no more"):
        await group.retry()

    assert harvest.facts(FailuresQueued) == []
    assert harvest.group().failed == 1


async def test_a_run_that_is_gone_on_with_tries_again_what_failed_when_it_is_told_to(database: Database) -> None:
    source = FakeSource(pages=9, details=True)
    first = await run(database, source, breaks(source, "item 3"), limit=30)
    assert first.group().state is State.STOPPED
    (kind,) = kinds(first)
    assert kind.count == 1

    as_it_is = await run(database, source, breaks(source), limit=5)
    assert len(failed_requests.failed(database.path, "fake", kind.fingerprint)) == 1
    assert as_it_is.group().state is State.STOPPED
    again = await run(database, source, breaks(source), retry_failed=True)

    assert failed_requests.failed(database.path, "fake", kind.fingerprint) == []
    assert again.group().state is State.DONE
    assert kinds(again) == ()
    assert await again.rows("select count(*) from fake_detail") == [(90,)]


async def test_the_trend_is_counted_by_minutes_and_survives_a_restart(database: Database) -> None:
    source = FakeSource(per_page=3, details=True)
    harvest = await run(database, source, breaks(source, "item 0", "item 1"))
    (kind,) = kinds(harvest)
    assert [many for _, many in kind.recent] == [2]

    again = await run(database, source, breaks(source, "item 0", "item 1"))

    (known,) = kinds(again)
    assert known.count == 2, "a new run tries again what failed, and does not count it twice"
    assert sum(many for _, many in known.recent) == 2
