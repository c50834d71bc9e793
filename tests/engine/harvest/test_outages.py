"""A network or a server that is gone for a while costs no request its attempts, and few requests are sent meanwhile."""

import asyncio
from collections.abc import Callable

import pytest

from engine.common.errors import ConnectFailed, DeadlineExceeded, Interrupted, TransportError
from engine.model.events import OutsideWaitBegan, OutsideWaitEnded, RequestFailed, RequestRetried
from engine.model.lane_state import Bound
from engine.model.outside_wait import Cause
from engine.model.snapshot import GroupState, State
from engine.model.source import Memory, Page, RateBudget, Request, Response
from engine.storage.database import Database
from tests.engine.harness import Harvest, ids, prepare
from tests.fakes import FakeSource, FakeTransport, answer, job
from tui.common.exit_codes import Exit, exit_code

MINUTE = 60.0
REFUSES = "api.example.org refuses connections"
Fault = Callable[[], Response | TransportError]


def refused() -> TransportError:
    return ConnectFailed("GET /items: no connection", why=REFUSES)


def closed() -> TransportError:
    return Interrupted("GET /items: the connection broke", answered=False, why="api.example.org closes connections")


def hangs() -> TransportError:
    return DeadlineExceeded("GET /items: no whole answer", answered=False, why="api.example.org gives no answer")


def maintenance() -> Response:
    return Response(status=200, headers={}, body=b"<h1>Back soon</h1>", url="http://fake", elapsed=0.1)


def broken(status: int) -> Fault:
    return lambda: answer(status=status)


class ReadingSource(FakeSource):
    """Reads the body of every answer, as real sources do."""

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        response.json(object)
        return super().parse(request, response, memory)


class Outage:
    """Breaks a source's server from `begins` to `begins + lasts` seconds after the start."""

    def __init__(self, source: FakeSource, fault: Fault, *, begins: float, lasts: float) -> None:
        self._source, self._fault = source, fault
        self._began_at = asyncio.get_running_loop().time()
        self._begins, self._lasts = begins, lasts
        self.transport = FakeTransport(self._answer)

    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began_at

    def _answer(self, request: Request, _: int) -> Response | TransportError:
        if self._begins <= self._now() < self._begins + self._lasts:
            return self._fault()
        return self._source.truth(request)

    def sent(self) -> int:
        """Count what was sent during the outage."""
        first = self._began_at + self._begins
        return sum(first <= at < first + self._lasts for at, _ in self.transport.sent)


async def watch(
    database: Database, source: FakeSource, outage: Outage, *, at: float, patience: float = float("inf")
) -> tuple[Harvest, GroupState]:
    """Run a harvest; return it with its state `at` seconds after its start."""
    harvest = prepare(database, job(source, outage.transport), patience=patience)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(at)
        seen = harvest.group()
    return harvest, seen


@pytest.mark.parametrize("fault", [refused, closed, hangs])
async def test_a_walk_of_800_rows_survives_half_an_hour_without_the_network(database: Database, fault: Fault) -> None:
    source = FakeSource(pages=80)
    outage = Outage(source, fault, begins=1.6, lasts=30 * MINUTE)

    harvest, seen = await watch(database, source, outage, at=20 * MINUTE)

    assert (seen.state, seen.lanes[0].bound) == (State.WAITING, Bound.OUTSIDE)
    assert seen.reason.startswith("offline since ")
    assert fault().why in seen.reason  # type: ignore[union-attr]  # these faults are errors
    assert harvest.group().state is State.DONE
    assert len(await database.do(ids)) == 800
    assert harvest.facts(RequestFailed) == []
    assert outage.sent() <= 2 + 6 + 30 * MINUTE / 24  # two failures, six probes, then one in 24 s at the most


async def test_what_is_offline_says_when_it_tries_next_and_that_it_goes_on(database: Database) -> None:
    source = FakeSource(pages=80)

    harvest, _ = await watch(database, source, Outage(source, refused, begins=1.6, lasts=600.0), at=300.0)

    (began,), (ended,) = harvest.facts(OutsideWaitBegan), harvest.facts(OutsideWaitEnded)
    assert (began.lane, began.wait.cause, began.wait.words) == ("core", Cause.OFFLINE, REFUSES)
    assert began.wait.next_try is not None
    assert ended.cause is Cause.OFFLINE
    assert 600.0 <= ended.lasted <= 640.0
    retried = harvest.facts(RequestRetried)
    assert retried
    assert not any(one.counted for one in retried)


async def test_the_others_wait_without_a_place_while_one_request_asks(database: Database) -> None:
    source = FakeSource(pages=1, per_page=400, details=True)
    outage = Outage(source, refused, begins=0.5, lasts=30 * MINUTE)

    harvest, seen = await watch(database, source, outage, at=20 * MINUTE)

    assert seen.lanes[0].in_flight <= 1
    assert seen.queued > 100
    assert harvest.group().state is State.DONE
    assert harvest.facts(RequestFailed) == []
    assert outage.sent() <= 32 + 6 + 30 * MINUTE / 24  # the flight of its beginning, then the probes


async def test_lanes_of_one_host_ask_with_one_request(database: Database) -> None:
    one, two = FakeSource(pages=60), FakeSource(pages=60, name="other")
    fault = [Outage(source, refused, begins=2.0, lasts=30 * MINUTE) for source in (one, two)]
    harvest = prepare(database, job(one, fault[0].transport), job(two, fault[1].transport))

    await harvest.deck.run()

    assert [harvest.group(name).state for name in ("fake", "other")] == [State.DONE, State.DONE]
    assert sum(one.sent() for one in fault) <= 8 + 6 + 30 * MINUTE / 24


async def test_a_request_that_alone_gets_no_answer_fails_by_its_own_attempts(database: Database) -> None:
    source = FakeSource(pages=5, details=True)

    def script(request: Request, _: int) -> Response | TransportError:
        return closed() if request.key == "item 7" else source.truth(request)

    source.budgets = (RateBudget(resource="core", requests=2, per=1.0),)  # so slow that others are asked in between
    harvest = prepare(database, job(source, FakeTransport(script)))
    await harvest.deck.run()

    (failed,) = harvest.facts(RequestFailed)
    assert failed.what.endswith("/item/7")
    assert harvest.group().state is State.DONE


async def test_without_a_screen_the_run_ends_after_an_hour_offline_and_says_so(database: Database) -> None:
    source = FakeSource(pages=80)
    outage = Outage(source, refused, begins=1.6, lasts=24 * 3600.0)

    harvest, _ = await watch(database, source, outage, at=60.0, patience=3600.0)

    group = harvest.group()
    assert (group.state, exit_code(harvest.deck.snapshot(), interrupted=False)) == (State.FAILED, Exit.FAILED)
    assert f"{REFUSES}; given up after 60 min, the next run goes on from here" in group.reason
    assert harvest.facts(RequestFailed) == []
    assert 3600.0 <= asyncio.get_running_loop().time() - 1000.0 <= 3700.0


@pytest.mark.parametrize("lasts", [MINUTE, 3600.0, 24 * 3600.0])
async def test_with_a_screen_no_outage_is_too_long(database: Database, lasts: float) -> None:
    source = FakeSource(pages=80)
    outage = Outage(source, refused, begins=1.6, lasts=lasts)

    harvest, _ = await watch(database, source, outage, at=60.0)

    assert (harvest.group().state, harvest.group().failed) == (State.DONE, 0)
    assert len(await database.do(ids)) == 800


async def test_a_maintenance_that_outlasts_patience_ends_the_run_and_fails_nothing(database: Database) -> None:
    source = ReadingSource(pages=1, per_page=5000, details=True)
    outage = Outage(source, maintenance, begins=0.15, lasts=3 * 3600.0)

    harvest, _ = await watch(database, source, outage, at=60.0, patience=3600.0)

    group = harvest.group()
    assert (group.state, group.failed) == (State.FAILED, 0)
    assert group.reason.startswith("failing since ")
    assert group.reason.endswith("; given up after 60 min, the next run goes on from here")


@pytest.mark.parametrize("fault", [maintenance, broken(500), broken(502)])
async def test_a_maintenance_of_an_hour_burns_none_of_5000_queued_requests(database: Database, fault: Fault) -> None:
    source = ReadingSource(pages=1, per_page=5000, details=True)
    outage = Outage(source, fault, begins=0.15, lasts=3600.0)

    harvest, seen = await watch(database, source, outage, at=1800.0)

    assert (seen.state, seen.lanes[0].bound, seen.queued) == (State.WAITING, Bound.OUTSIDE, 5000)
    assert seen.reason.startswith("failing since ")
    group = harvest.group()
    assert (group.state, group.failed) == (State.DONE, 0)
    assert (await harvest.rows("select count(*) from fake_detail"))[0][0] == 5000
    # Those in flight until the breaker tripped, 17 canaries in the first minute, then one in ten seconds less a fifth.
    assert outage.sent() <= 8 + 17 + 3600 / 8


async def test_bad_requests_that_are_left_at_the_end_still_fail(database: Database) -> None:
    source = FakeSource(pages=1, per_page=40, details=True)
    bad = {f"item {number}" for number in range(20, 32)}

    def script(request: Request, _: int) -> Response | TransportError:
        return answer(status=500) if request.key in bad else source.truth(request)

    harvest = prepare(database, job(source, FakeTransport(script)), patience=3600.0)
    await harvest.deck.run()

    assert harvest.group().state is State.DONE
    assert harvest.group().failed == len(bad)
    assert asyncio.get_running_loop().time() - 1000.0 < 3600.0


async def test_a_server_that_fails_half_of_its_requests_is_still_harvested(database: Database) -> None:
    source = FakeSource(pages=1, per_page=600, details=True)

    def script(request: Request, tries: int) -> Response | TransportError:
        wrong = request.route == "detail" and hash(("x", request.context["item"], tries)) % 2
        return answer(status=500) if wrong and tries < 4 else source.truth(request)

    harvest = prepare(database, job(source, FakeTransport(script)))
    await harvest.deck.run()

    assert (harvest.group().state, harvest.group().failed) == (State.DONE, 0)
    assert asyncio.get_running_loop().time() - 1000.0 < 1800.0
