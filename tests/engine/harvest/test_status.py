"""A rest of more than ten minutes: said with its end, kept by the next run, and no other source waits for it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from engine.harvest.job import Job
from engine.model.events import LaneParked
from engine.model.lane_state import Bound
from engine.model.snapshot import State
from engine.model.source import RateBudget, Request, Response
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.retry import LONGEST_PENALTY, SHORTEST_PENALTY
from engine.storage.database import Database
from tests.engine.harness import EPOCH, Harvest, prepare, run
from tests.fakes import FakeSource, FakeTransport, answer, serves

ASKED = 11 * 60
"""Seconds: a little more than the ten minutes from which on a rest is a stay, as each is a second of work here."""


def clock(epoch: float) -> str:
    return f"{datetime.fromtimestamp(round(epoch)):%H:%M}"


def refusing(source: FakeSource, seconds: int = ASKED, *, after: int = 5) -> FakeTransport:
    """Refuse everything from the sixth request on, until the time that was asked for is over."""
    until: dict[str, float] = {}

    def script(request: Request, _: int) -> Response:
        now = asyncio.get_running_loop().time()
        if len(transport.sent) > after:
            until.setdefault("then", now + seconds)
        if now < until.get("then", 0.0):
            return answer(status=429, headers={"retry-after": str(round(until["then"] - now))})
        return source.truth(request)

    transport = FakeTransport(script)
    return transport


async def watch(
    database: Database, *jobs: Job, at: float = 60.0, look: Callable[[Harvest], None] = lambda _: None
) -> Harvest:
    harvest = prepare(database, *jobs)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(at)
        look(harvest)
    return harvest


@pytest.mark.parametrize(("wait", "parked"), [(600.0, False), (601.0, True), (1e9, True), (0.0, False), (None, False)])
def test_a_rest_of_more_than_ten_minutes_is_a_stay(wait: float | None, parked: bool) -> None:
    gate = PenaltyGate()

    gate.on_refused(0.0, -1.0, wait, "429", chance=1.0)

    left = gate.parked(0.0)
    assert (left is not None) is parked
    assert SHORTEST_PENALTY <= (gate.blocked(0.0) or 0.0) <= LONGEST_PENALTY


def test_while_the_canary_is_under_way_nothing_is_parked() -> None:
    gate = PenaltyGate()
    gate.on_refused(0.0, -1.0, 1000.0, "429")

    gate.on_sent(1001.0)

    assert gate.parked(1001.0) is None


async def test_a_parked_source_says_until_when_and_goes_on_by_itself(database: Database) -> None:
    source, seen = FakeSource(pages=20, details=True), list[tuple[State, str, Bound, float | None, State]]()

    def look(harvest: Harvest) -> None:
        group, lane = harvest.group(), harvest.group().lanes[0]
        seen.append((group.state, group.reason, lane.bound, lane.parked_until, harvest.deck.snapshot().state))

    harvest = await watch(database, Job(source=source, transport=refusing(source)), look=look)

    ((state, reason, bound, until, whole),) = seen
    refused_at = harvest.facts(LaneParked)[0].at
    assert (state, bound, whole) == (State.PARKED, Bound.PENALTY, State.PARKED)
    assert until == pytest.approx(refused_at + ASKED, abs=3)
    assert reason == f"parked until {clock(until or 0)}: fake asks for 11 min"
    assert harvest.group().state is State.DONE


async def test_a_flight_of_refusals_is_said_once(database: Database) -> None:
    source = FakeSource(pages=20, details=True)

    harvest = await watch(database, Job(source=source, transport=refusing(source, after=40)), at=ASKED + 300)

    (parked,) = harvest.facts(LaneParked)
    assert parked.until == pytest.approx(parked.at + ASKED, abs=3)
    assert harvest.group().throttled > 1


async def test_other_sources_go_on_meanwhile(database: Database) -> None:
    one, two, seen = FakeSource(pages=20, details=True), FakeSource(name="other", pages=400), list[State]()
    budget = RateBudget(requests=60, per=60.0)
    two.budgets, two.base_url = (budget,), "http://other"
    jobs = Job(source=one, transport=refusing(one)), Job(source=two, transport=serves(two))

    def look(harvest: Harvest) -> None:
        seen.extend(group.state for group in harvest.deck.snapshot().groups)
        seen.append(harvest.deck.snapshot().state)
        seen.append(State.RUNNING if harvest.group("other").done > 100 else State.IDLE)

    await watch(database, *jobs, at=300.0, look=look)

    assert seen[0] is State.PARKED
    assert seen[1] in {State.RUNNING, State.WAITING}
    assert seen[2] is seen[1]
    assert seen[3] is State.RUNNING


class TwoLanes(FakeSource):
    """Has details in a lane of their own."""

    def detail(self, number: int) -> Request:
        return Request(
            key=f"item {number}", url=f"/item/{number}", route="detail", resource="search", context={"item": number}
        )


async def test_a_source_with_a_lane_elsewhere_still_runs_and_says_what_is_parked(database: Database) -> None:
    budgets = (RateBudget(resource="core"), RateBudget(resource="search", requests=6, per=60.0, apart=True))
    source, seen = TwoLanes(pages=20, details=True, budgets=budgets), list[tuple[State, str]]()

    def script(request: Request, _: int) -> Response:
        now = asyncio.get_running_loop().time()
        refuse = request.resource == "core" and len(transport.sent) > 12 and now < 1000 + ASKED
        return answer(status=429, headers={"retry-after": str(ASKED)}) if refuse else source.truth(request)

    transport = FakeTransport(script)

    def look(harvest: Harvest) -> None:
        seen.append((harvest.group().state, harvest.group().lanes[0].reason))

    await watch(database, Job(source=source, transport=transport), at=90.0, look=look)

    ((state, reason),) = seen
    assert state in {State.RUNNING, State.WAITING}
    assert reason.startswith("parked until ")


async def test_for_still_ends_a_parked_harvest_which_can_be_resumed(database: Database) -> None:
    source = FakeSource(pages=20, details=True)
    transport = refusing(source)

    stopped = await run(database, source, transport, duration=120.0)

    assert stopped.group().state is State.STOPPED
    assert stopped.group().queued > 0
    assert asyncio.get_running_loop().time() < 1000 + 130


async def test_the_next_run_keeps_a_rest_that_is_not_over(database: Database) -> None:
    source = FakeSource(pages=20, details=True)
    transport = refusing(source)
    first = await run(database, source, transport, duration=120.0)
    parked = first.facts(LaneParked)[0]
    sent = len(transport.sent)

    second = await run(database, source, transport)

    times = [at for at, _ in transport.sent[sent:]]
    assert EPOCH + times[0] >= parked.until - 1
    assert second.group().state is State.DONE
    assert second.group().throttled == 0
