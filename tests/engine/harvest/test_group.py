import asyncio
from dataclasses import dataclass, replace

import pytest

from engine.common.errors import BadBody, DeadlineExceeded, LaneError, SourceError
from engine.harvest.job import Job
from engine.model.events import (
    LimitMoved,
    RequestFailed,
    RequestLanded,
    RequestRetried,
    RequestThrottled,
    RunEnded,
    RunStarted,
)
from engine.model.lane_state import Bound
from engine.model.snapshot import State
from engine.model.source import Avoided, Covered, Memory, Page, RateBudget, Request, Response
from engine.model.tuning import Tuning
from engine.storage.database import Database
from tests.engine.harness import ids, prepare, run
from tests.fakes import FakeSource, FakeTransport, answer, serves


async def test_a_harvest_lands_every_row_and_ends(database: Database) -> None:
    source = FakeSource(pages=5, per_page=10, details=True)

    harvest = await run(database, source, serves(source))

    assert await database.do(ids) == list(range(50))
    assert await database.do(lambda db: ids(db, "fake_detail", "item_id")) == list(range(50))
    assert harvest.deck.snapshot().state is State.DONE
    assert (harvest.group().done, harvest.group().queued) == (55, 0)


async def test_each_row_says_which_page_brought_it(database: Database) -> None:
    source = FakeSource(pages=2, per_page=2)

    harvest = await run(database, source, serves(source))

    assert await harvest.rows("select id, raw_page from fake_item order by id") == [(0, 0), (1, 0), (2, 1), (3, 1)]


async def test_a_request_counts_as_sent_only_when_its_transport_is_ready(database: Database) -> None:
    source = FakeSource(pages=1, per_page=1)
    transport = FakeTransport(lambda request, _: source.truth(request), latency=0.1, loading=5.0)

    began = asyncio.get_running_loop().time()

    await run(database, source, transport)

    assert transport.sent[0][0] - began >= 5.0


async def test_no_request_is_sent_twice(database: Database) -> None:
    source = FakeSource(pages=5, details=True)
    transport = serves(source)

    await run(database, source, transport)

    keys = [key for _, key in transport.sent]
    assert len(keys) == len(set(keys)) == 55


async def test_the_controller_lets_more_in_flight_when_nothing_pushes_back(database: Database) -> None:
    source = FakeSource(per_page=500, details=True)
    transport = serves(source)

    harvest = await run(database, source, transport)

    assert transport.most_in_flight == 32
    assert [move.new for move in harvest.facts(LimitMoved)][:3] == [4, 8, 16]


async def test_a_pinned_source_never_has_more_in_flight(database: Database) -> None:
    source = FakeSource(pages=10, details=True)
    transport = serves(source)

    await run(database, source, transport, workers=3)

    assert transport.most_in_flight == 3


async def test_a_failing_request_backs_off_without_a_place_and_lands_in_the_end(database: Database) -> None:
    source = FakeSource(details=True)

    def script(request: Request, tries: int) -> Response:
        return answer(status=503) if request.key == "item 3" and tries < 3 else source.truth(request)

    transport = FakeTransport(script)
    harvest = await run(database, source, transport)

    assert [event.attempt for event in harvest.facts(RequestRetried)] == [1, 2, 3]
    assert 3 in await database.do(lambda db: ids(db, "fake_detail", "item_id"))
    times = [at for at, key in transport.sent if key == "item 3"]
    waits = [event.wait for event in harvest.facts(RequestRetried)]
    assert all(later - sooner >= wait for sooner, later, wait in zip(times, times[1:], waits, strict=False))


async def test_a_request_that_keeps_failing_is_given_up_and_its_siblings_land(database: Database) -> None:
    source = FakeSource(details=True)

    def script(request: Request, _: int) -> Response | DeadlineExceeded:
        return DeadlineExceeded("too slow") if request.key == "item 3" else source.truth(request)

    harvest = await run(database, source, FakeTransport(script))

    assert len(await database.do(lambda db: ids(db, "fake_detail", "item_id"))) == 9
    assert harvest.group().failed == 1
    (failed,) = harvest.facts(RequestFailed)
    assert (failed.attempt, failed.what) == (5, "GET /item/3")
    assert harvest.deck.snapshot().failures[0].kind == "DeadlineExceeded"
    assert await harvest.rows("select state, attempt from request where key = 'item 3'") == [("failed", 5)]
    assert await harvest.rows("select kind, count from error") == [("DeadlineExceeded", 1)]


@pytest.mark.parametrize(("retries", "sent"), [(0, 1), (2, 3), (7, 8)])
async def test_the_person_says_how_often_it_is_sent_again(database: Database, retries: int, sent: int) -> None:
    source = FakeSource()
    transport = FakeTransport(lambda *_: answer(status=503))

    harvest = await run(database, source, transport, retries=retries)

    assert (len(transport.sent), harvest.group().retries, harvest.group().failed) == (sent, retries, 1)


async def test_a_source_may_say_so_itself_and_the_person_comes_first(database: Database) -> None:
    @dataclass
    class Shy(FakeSource):
        retries: int = 1

    own, wished = FakeTransport(lambda *_: answer(status=503)), FakeTransport(lambda *_: answer(status=503))

    await run(database, Shy(name="own"), own)
    await run(database, Shy(name="wished"), wished, retries=3)

    assert (len(own.sent), len(wished.sent)) == (2, 4)


async def test_a_refusal_is_sent_again_even_where_nothing_else_is(database: Database) -> None:
    source = FakeSource()
    refused = answer(status=429, headers={"retry-after": "1"})
    transport = FakeTransport(lambda request, tries: refused if tries < 3 else source.truth(request))

    harvest = await run(database, source, transport, retries=0)

    assert (harvest.group().failed, harvest.group().rows) == (0, 10)


async def test_how_often_may_be_changed_while_a_source_runs(database: Database) -> None:
    source = FakeSource()

    def script(_: Request, tries: int) -> Response:
        if tries == 1:
            group = harvest.deck.group("fake")
            assert group is not None
            group.tune(Tuning(retries=2))
        return answer(status=503)

    transport = FakeTransport(script)
    harvest = prepare(database, Job(source=source, transport=transport, tuning=Tuning(retries=9)))

    await harvest.deck.run()

    assert len(transport.sent) == 3
    assert harvest.group().most_retries == 2


async def test_a_404_fails_at_once(database: Database) -> None:
    source = FakeSource(details=True)
    transport = FakeTransport(
        lambda request, _: answer(status=404) if request.key == "item 3" else source.truth(request)
    )

    harvest = await run(database, source, transport)

    assert [key for _, key in transport.sent].count("item 3") == 1
    assert harvest.deck.snapshot().failures[0].kind == "404"


async def test_a_refusal_stops_the_domain_and_one_canary_tests_it(database: Database) -> None:
    source = FakeSource(pages=20, details=True)
    closed: dict[str, float] = {}

    def script(request: Request, _: int) -> Response:
        now = asyncio.get_running_loop().time()
        if len(transport.sent) > 60:
            closed.setdefault("until", now + 30)
        if now < closed.get("until", 0):
            return answer(status=429, headers={"retry-after": "30"})
        return source.truth(request)

    transport = FakeTransport(script)
    harvest = await run(database, source, transport)

    assert len(await database.do(ids)) == 200
    refused_at = harvest.facts(RequestThrottled)[0].at
    quiet = [at for at, _ in transport.sent if closed["until"] - 29 < at < closed["until"]]
    after = [at for at, _ in transport.sent if at >= closed["until"]]
    assert quiet == []
    assert after[1] - after[0] == pytest.approx(transport.latency)
    assert harvest.group().throttled == len(harvest.facts(RequestThrottled)) < 35
    assert refused_at > 0
    assert harvest.group().failed == 0


async def test_a_refusal_costs_no_attempt(database: Database) -> None:
    source = FakeSource(details=True)

    def script(request: Request, tries: int) -> Response:
        return answer(status=429) if request.key == "item 3" and tries < 7 else source.truth(request)

    harvest = await run(database, source, FakeTransport(script))

    assert harvest.group().failed == 0
    assert await harvest.rows("select attempt, refused, state from request where key = 'item 3'") == [(0, 7, "done")]


async def test_a_budget_from_headers_is_never_overdrawn(database: Database) -> None:
    source = FakeSource(pages=40, details=True)
    windows: dict[int, int] = {}

    def script(request: Request, _: int) -> Response:
        now = asyncio.get_running_loop().time()
        window = int(now // 60)
        windows[window] = used = windows.get(window, 0) + 1
        limits = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": str(max(0, 100 - used))}
        limits["x-ratelimit-reset"] = str(int((window + 1) * 60 - now) + 1)
        return source.truth(request) if used <= 100 else answer(status=429, headers=limits)

    def with_headers(request: Request, tries: int) -> Response:
        result = script(request, tries)
        now = asyncio.get_running_loop().time()
        used = windows[int(now // 60)]
        headers = {
            "x-ratelimit-limit": "100",
            "x-ratelimit-remaining": str(max(0, 100 - used)),
            "x-ratelimit-reset": str(int(60 - now % 60) + 1),
        }
        return Response(status=result.status, headers=headers, body=result.body, url="", elapsed=0.1)

    harvest = await run(database, source, FakeTransport(with_headers))

    assert harvest.group().throttled == 0
    assert max(windows.values()) <= 100
    assert len(await database.do(ids)) == 400


async def test_a_configured_budget_holds_in_every_window(database: Database) -> None:
    source = FakeSource(pages=10, details=True, budgets=(RateBudget(requests=20, per=10.0),))
    transport = serves(source)

    await run(database, source, transport)

    times = [at for at, _ in transport.sent]
    assert max(sum(start <= at < start + 10 for at in times) for start in times) == 20


async def test_a_waiting_source_says_what_it_waits_for(database: Database) -> None:
    source = FakeSource(pages=10, details=True, budgets=(RateBudget(requests=20, per=60.0),))
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(harvest.deck.run())
        await asyncio.sleep(30)
        group = harvest.group()
        running.cancel()

    assert group.state is State.WAITING
    assert group.lanes[0].bound is Bound.BUDGET
    assert "20 per 60 s" in group.reason


async def test_a_limit_stops_the_source_and_the_next_run_goes_on(database: Database) -> None:
    source = FakeSource(pages=5, details=True)
    transport = serves(source)

    first = await run(database, source, transport, limit=20)
    second = await run(database, source, transport)

    assert first.group().state is State.STOPPED
    assert "limit of 20" in first.group().reason
    assert first.group().done == 20
    assert second.facts(RunStarted)[0].resumed
    assert second.group().state is State.DONE
    keys = [key for _, key in transport.sent]
    assert len(keys) == len(set(keys)) == 55


async def test_a_duration_stops_the_deck(database: Database) -> None:
    source = FakeSource(pages=200)

    harvest = await run(database, source, serves(source), duration=5.0)

    assert harvest.deck.snapshot().state is State.STOPPED
    assert "5 s are over" in harvest.group().reason
    assert harvest.group().lanes[0].in_flight == 0


async def test_stopping_waits_for_what_is_in_flight_and_says_so(database: Database) -> None:
    source = FakeSource(pages=50, details=True)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(2.05)
        harvest.deck.stop("stopped by hand")
        draining = harvest.group()

    assert draining.state is State.DRAINING
    assert "in flight" in draining.reason
    assert harvest.group().state is State.STOPPED
    assert await harvest.rows("select count(*) from request where state = 'claimed'") == [(0,)]


async def test_a_cancelled_run_loses_nothing(database: Database) -> None:
    source = FakeSource(pages=20, details=True)
    transport = serves(source)
    harvest = prepare(database, Job(source=source, transport=transport))

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(harvest.deck.run())
        await asyncio.sleep(2.05)
        running.cancel()
    second = await run(database, source, transport)

    assert harvest.group().state is State.STOPPED
    assert second.group().state is State.DONE
    assert await database.do(ids) == list(range(200))


async def test_a_paused_source_starts_nothing_until_it_is_resumed(database: Database) -> None:
    source = FakeSource(pages=20, details=True)
    transport = serves(source)
    harvest = prepare(database, Job(source=source, transport=transport))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(1.05)
        group = harvest.deck.groups()[0]
        group.pause()
        await asyncio.sleep(1)
        sent, paused = len(transport.sent), harvest.group()
        await asyncio.sleep(100)
        still = len(transport.sent)
        group.resume()

    assert paused.state is State.PAUSED
    assert paused.lanes[0].bound is Bound.PAUSE
    assert still == sent
    assert harvest.group().state is State.DONE


class Choosy(FakeSource):
    """Cannot read one page, and stops at another."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        if request.key == "item 3":
            raise BadBody("no such shape")
        if request.key == "item 4":
            raise KeyError("a mistake in the source")
        if request.key == "item 99":
            raise SourceError("the API has moved")
        return super().parse(request, response, memory)


async def test_a_body_that_cannot_be_read_costs_its_page_only_and_is_kept(database: Database) -> None:
    source = Choosy(details=True)

    harvest = await run(database, source, serves(source))

    assert harvest.group().state is State.DONE
    assert harvest.group().failed == 2
    assert len(await database.do(lambda db: ids(db, "fake_detail", "item_id"))) == 8
    kept = await harvest.rows("select key, body from quarantine order by key")
    assert kept == [("item 3", b'{"id":3}'), ("item 4", b'{"id":4}')]


async def test_a_source_that_must_stop_keeps_what_it_has_and_can_go_on_later(database: Database) -> None:
    source = Choosy(pages=20, details=True)

    harvest = await run(database, source, serves(source))

    assert harvest.group().state is State.FAILED
    assert harvest.group().reason == "the API has moved"
    assert harvest.facts(RunEnded)[0].state == "failed"
    assert await harvest.rows("select state from request where key = 'item 99'") == [("queued",)]


async def test_a_lane_that_is_closed_gives_up_what_is_its_own_and_the_others_go_on(database: Database) -> None:
    @dataclass
    class TwoSites(FakeSource):
        """Asks for odd items by a lane of their own, which closes at item 3."""

        def detail(self, number: int) -> Request:
            return replace(super().detail(number), resource="odd" if number % 2 else "core")

        def parse(self, request: Request, response: Response, memory: Memory) -> Page:
            if request.key == "item 3":
                raise LaneError("its site checks for bots")
            return super().parse(request, response, memory)

    budgets = [RateBudget(resource="core"), RateBudget(resource="odd", concurrency=1)]
    source = TwoSites(pages=3, details=True, budgets=budgets)
    transport = serves(source)

    harvest = await run(database, source, transport)

    group = harvest.group()
    landed = await database.do(lambda db: ids(db, "fake_detail", "item_id"))
    assert landed == sorted([1, *range(0, 30, 2)])
    assert [key for _, key in transport.sent if key in {f"item {n}" for n in range(5, 30, 2)}] == []
    assert (group.state, group.failed, group.queued) == (State.DONE, 14, 0)
    (kind,) = harvest.deck.snapshot().failures
    assert (kind.kind, kind.message, kind.count) == ("LaneError", "its site checks for bots", 14)
    given_up = harvest.facts(RequestFailed)
    assert {event.lane for event in given_up} == {"odd"}
    assert {event.slot for event in given_up} == {0, None}  # those that were never sent had no worker
    assert {event.lane for event in harvest.facts(RequestLanded)} == {"odd", "core"}
    assert {line.lane for line in harvest.deck.snapshot().log if line.slot is not None} == {"odd", "core"}


async def test_what_a_closed_lane_gave_up_is_asked_for_by_the_next_run(database: Database) -> None:
    class Closed(FakeSource):
        def parse(self, request: Request, response: Response, memory: Memory) -> Page:
            raise LaneError("closed for today")

    await run(database, Closed(), serves(FakeSource()))

    harvest = await run(database, FakeSource(), serves(FakeSource()))

    assert (harvest.group().done, harvest.group().failed) == (1, 0)


async def test_a_refused_token_stops_its_source_and_no_other(database: Database) -> None:
    good, bad = FakeSource(pages=10), FakeSource(name="locked")
    jobs = [
        Job(source=good, transport=serves(good)),
        Job(source=bad, transport=FakeTransport(lambda *_: answer({"message": "Bad credentials"}, status=401))),
    ]
    harvest = prepare(database, *jobs)

    await harvest.deck.run()

    assert harvest.group("fake").state is State.DONE
    assert harvest.group("locked").state is State.FAILED
    assert "401" in harvest.group("locked").reason


class Broken(FakeSource):
    """Has a mistake where nobody catches it."""

    def seed(self, memory: Memory) -> list[Request]:
        raise ZeroDivisionError("a mistake")


async def test_a_crash_in_one_group_is_shown_and_stops_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = FakeSource(pages=10), Broken(name="broken")
    harvest = prepare(database, Job(source=good, transport=serves(good)), Job(source=bad, transport=serves(bad)))

    await harvest.deck.run()

    assert harvest.group("fake").state is State.DONE
    assert harvest.group("broken").state is State.FAILED
    assert "ZeroDivisionError" in harvest.group("broken").reason
    assert any("stopped unexpectedly" in line.text for line in harvest.deck.snapshot().log)
    assert "crashed" in caplog.text


class Conditional(FakeSource):
    """Asks for its pages conditionally."""

    def page(self, number: int) -> Request:
        return Request(key=f"page {number}", url="/items", conditional=True, route="list", context={"page": number})


async def test_an_unchanged_answer_is_parsed_from_the_stored_one(database: Database) -> None:
    source = Conditional()

    def script(request: Request, _: int) -> Response:
        if transport.headers[-1].get("if-none-match") == 'W/"1"':
            return answer(status=304)
        return answer([1, 2], headers={"etag": 'W/"1"', "link": "<x>"})

    transport = FakeTransport(script)
    await run(database, source, transport)
    second = await run(database, source, transport)
    third = await run(database, source, transport, full=True)

    assert second.facts(RequestLanded)[0].status == 304
    assert second.facts(RequestLanded)[0].rows == 2
    assert third.facts(RequestLanded)[0].status == 200


async def test_the_same_rows_again_change_nothing(database: Database) -> None:
    source = FakeSource(pages=2)
    first = await run(database, source, serves(source))
    before = await first.rows("select * from fake_item order by id")
    await asyncio.sleep(100)

    second = await run(database, source, serves(source))

    assert await second.rows("select * from fake_item order by id") == before


async def test_cursors_reach_the_next_run(database: Database) -> None:
    source = FakeSource(pages=3)
    await run(database, source, serves(source))

    await run(database, source, serves(source))

    assert [dict(memory.cursors) for memory in source.memories] == [{}, {"page": "2"}]


async def test_what_failed_for_good_is_tried_again_by_the_next_run(database: Database) -> None:
    source = FakeSource(details=True)
    await run(
        database, source, FakeTransport(lambda r, _: answer(status=404) if r.key == "item 3" else source.truth(r))
    )

    second = await run(database, source, serves(source))

    assert 3 in await database.do(lambda db: ids(db, "fake_detail", "item_id"))
    assert second.group().failed == 0


async def test_a_listener_that_raises_is_asked_no_more(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    source = FakeSource(pages=3)
    harvest = prepare(database, Job(source=source, transport=serves(source)))
    calls: list[int] = []

    def bad(_: object) -> None:
        calls.append(1)
        raise RuntimeError("mine")

    harvest.deck.listen(bad)
    await harvest.deck.run()

    assert calls == [1]
    assert harvest.group().state is State.DONE
    assert "asked no more" in caplog.text


async def test_a_second_of_every_lane_and_every_decision_is_written_down(database: Database) -> None:
    source = FakeSource(pages=40, details=True)
    harvest = await run(database, source, serves(source))

    (sent, requests) = (await harvest.rows("select sum(sent), sum(requests) from sample"))[0]
    assert sent == requests == 440
    assert await harvest.rows("select count(*) from decision") == [(len(harvest.facts(LimitMoved)),)]


async def test_a_budget_is_remembered_by_the_next_process(database: Database) -> None:
    source = FakeSource(pages=10, details=True, budgets=(RateBudget(requests=20, per=60.0),))
    transport = serves(source)
    await run(database, source, transport, duration=10.0)

    await run(database, source, transport)

    times = [at for at, _ in transport.sent]
    assert max(sum(start <= at < start + 60 for at in times) for start in times) <= 20


async def test_a_window_that_headers_told_of_is_remembered_by_the_next_process(database: Database) -> None:
    source = FakeSource(pages=5)
    now = asyncio.get_running_loop().time
    over = now() + 300

    def script(request: Request, _: int) -> Response:
        left = 3 - request.context["page"] if now() < over else 99
        told = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": str(left)}
        told["x-ratelimit-reset"] = str(int((over - now()) % 300) + 1)
        return replace(source.truth(request), headers=told)

    transport = FakeTransport(script)
    first = await run(database, source, transport, duration=10.0)
    before = len(transport.sent)

    await run(database, source, transport)

    assert [quota.origin for quota in first.group().lanes[0].quotas] == ["headers"]
    assert 0 < before < len(transport.sent) == 5
    assert all(at >= over for at, _ in transport.sent[before:])


class Curious(FakeSource):
    """FakeLastSeen at what is stored while it parses."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        page = super().parse(request, response, memory)
        stored = memory.rows("item", [(number,) for number in range(100)])
        covered = [Covered("items", request.context["page"] * 10, request.context["page"] * 10 + 9)]
        return replace(page, note=f"{len(stored)} stored", covered=covered)


async def test_a_source_sees_what_is_stored_and_what_is_covered(database: Database) -> None:
    source = Curious(pages=3)
    harvest = await run(database, source, serves(source))
    await run(database, source, serves(source))

    assert [event.note for event in harvest.facts(RequestLanded)] == ["0 stored", "10 stored", "20 stored"]
    assert [dict(memory.covered) for memory in source.memories] == [{}, {"items": [(0, 29)]}]


async def test_why_requests_were_avoided_is_told_in_clean_words(database: Database) -> None:
    @dataclass
    class Sparing(FakeSource):
        def parse(self, request: Request, response: Response, memory: Memory) -> Page:
            page = super().parse(request, response, memory)
            return replace(page, avoided=[Avoided(3, "many\x1b in one"), Avoided(1, "unchanged")])

    source = Sparing(pages=2)

    harvest = await run(database, source, serves(source))

    assert harvest.group().avoided == 8
    assert [each.requests for each in harvest.group().avoided_by] == [6, 2]
    assert all(each.why.isprintable() for each in harvest.group().avoided_by)


async def test_each_second_says_its_latency_and_what_was_left_of_the_budget(database: Database) -> None:
    source = FakeSource(per_page=20, details=True, budgets=(RateBudget(requests=5, per=20.0),))

    harvest = await run(database, source, serves(source))

    seconds = harvest.group().seconds
    assert {second.p50 for second in seconds} == {0.1, None}
    assert all(second.p50 is None for second in seconds if not second.requests)
    lefts = [second.left for second in seconds if second.left is not None]
    assert min(lefts) == 0.0 < max(lefts)
    assert len(harvest.group().hour) == len(seconds) // 12
