"""Manual control of the concurrency: trials, pins and caps, and the reason of each move in the decision log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from engine.harvest.group import WorkerGroup
from engine.harvest.job import Job
from engine.model.events import LimitMoved
from engine.model.source import RateBudget
from engine.model.tuning import Tuning
from engine.pacing.concurrency.controller import LoadSignal, Move, Sample
from engine.pacing.concurrency.knee import Knee, Phase
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.concurrency.shared_host import HostController
from engine.storage.database import Database
from tests.engine.harness import Harvest, prepare
from tests.fakes import FakeSource, serves


def answered(knee: Knee, latency: float, rounds: int) -> list[Move]:
    """Fill the knee's limit again and again with answers that take so long; return the moves."""
    moves, now = list[Move](), 0.0
    for _ in range(rounds * 40):
        many = knee.limit
        tags = [knee.sent(now, number + 1, "r") for number in range(many)]
        now += latency
        for tag in tags:
            sample = Sample(tag=tag, sent_at=now - latency, latency=latency, route="r", signal=LoadSignal.OK)
            move = knee.observe(now, sample)
            moves += [move] if move else []
    return moves


def test_what_is_tried_out_goes_on_from_there() -> None:
    knee = Knee(64, start=20.0)

    assert knee.try_out(25.0, "by hand") == Move(20, 25, "by hand")
    assert knee.limit == 25


def test_the_start_goes_on_doubling_from_more_and_stops_at_less() -> None:
    up, down = Knee(64, start=8.0), Knee(64, start=8.0)

    up.try_out(10.0, "by hand")
    down.try_out(6.4, "by hand")

    assert (up.describe(), down.describe()) == (Phase.START.value, Phase.CRUISE.value)


def test_the_law_takes_back_what_makes_requests_queue() -> None:
    knee, at_once = Knee(64, start=8.0), 0.1
    answered(knee, at_once, 1)
    known = knee.limit
    knee.try_out(2.0 * known, "by hand")

    moves = answered(knee, 2 * at_once, 1)

    assert moves
    assert moves[0].new < 2 * known


def test_at_the_cap_there_is_nothing_more_to_try() -> None:
    assert Knee(8, start=8.0).try_out(10.0, "by hand") == Move(8, 8, "by hand")


def test_a_fixed_number_is_judged_by_nobody() -> None:
    assert Fixed(4).try_out(5.0, "by hand") is None
    assert HostController(Fixed(4)).join().try_out(5.0, "by hand") is None


def test_a_group_tries_out_its_share_of_the_host() -> None:
    knee = Knee(64, start=16.0)
    host = HostController(knee)
    one, two = host.join(), host.join()
    one.ask(0.0)
    two.ask(0.0)

    move = one.try_out(10.0, "by hand")

    assert move == Move(8, 10, "by hand")
    assert knee.limit == 20


@pytest.fixture
def source() -> FakeSource:
    return FakeSource(pages=300)


@pytest.fixture
async def harvest(database: Database, source: FakeSource) -> Harvest:
    return prepare(database, Job(source=source, transport=serves(source)))


@asynccontextmanager
async def under_way(harvest: Harvest) -> AsyncIterator[WorkerGroup]:
    """Run a harvest past its first second, and break it off in the end."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(harvest.deck.run())
        await asyncio.sleep(1.05)
        yield harvest.deck.groups()[0]
        running.cancel()


async def test_plus_and_minus_try_more_and_less_and_stay_automatic(harvest: Harvest) -> None:
    async with under_way(harvest) as group:
        manual = group.manual
        manual.nudge(+1)
        up = harvest.group().lanes[0]
        manual.nudge(-1)
        down = harvest.group().lanes[0]

    moves = [move for move in harvest.facts(LimitMoved) if move.reason.startswith("by hand")]
    assert (str(up.mode), str(down.mode)) == ("auto", "auto")
    assert [(move.old, move.new) for move in moves] == [(2, 3), (3, 2)]
    assert moves[0].reason == "by hand: a quarter more, on trial: the next rounds judge it"
    assert moves[1].reason == "by hand: a fifth less, on trial: the next rounds judge it"


async def test_lanes_that_share_a_host_are_tried_out_once(database: Database) -> None:
    budgets = (RateBudget(resource="core", concurrency=32), RateBudget(resource="search", concurrency=32))
    source = FakeSource(pages=300, budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    async with under_way(harvest) as group:
        group.lanes[0].admission.controller.try_out(16.0, "so many")
        group.manual.nudge(+1)
        limit = group.lanes[0].admission.limit

    assert limit == 20


async def test_a_pin_moves_by_one_and_giving_it_back_goes_on_from_there(harvest: Harvest) -> None:
    async with under_way(harvest) as group:
        manual = group.manual
        manual.pin(12)
        manual.nudge(+1)
        pinned = harvest.group().lanes[0]
        manual.nudge(-1)
        manual.automatic()
        free = harvest.group().lanes[0]
        manual.automatic()

    moves = [(move.old, move.new, move.reason) for move in harvest.facts(LimitMoved) if "by hand" in move.reason]
    assert (pinned.limit, str(pinned.mode)) == (13, "pin 13")
    assert (free.limit, str(free.mode)) == (12, "auto")
    assert moves == [
        (2, 12, "by hand: pinned at 12"),
        (12, 13, "by hand: pinned at 13"),
        (13, 12, "by hand: pinned at 12"),
        (12, 12, "by hand: automatic again"),
    ]


async def test_a_pin_without_a_number_is_at_what_there_is(harvest: Harvest) -> None:
    async with under_way(harvest) as group:
        group.manual.pin()
        lane = harvest.group().lanes[0]

    assert (lane.limit, str(lane.mode)) == (2, "pin 2")


async def test_the_sources_own_cap_wins_over_a_pin_and_the_move_says_so(harvest: Harvest) -> None:
    async with under_way(harvest) as group:
        manual = group.manual
        manual.pin(40)
        manual.nudge(+1)
        lane = harvest.group().lanes[0]

    assert (lane.limit, str(lane.mode), lane.cap) == (32, "pin 40", 32)
    assert harvest.facts(LimitMoved)[-1].reason == "by hand: pinned at 40, but no more than 32 may run"


async def test_a_pin_that_a_budget_holds_back_says_so_while_the_source_runs(database: Database) -> None:
    source = FakeSource(per_page=900, details=True, budgets=(RateBudget(requests=120, per=60.0),))
    harvest = prepare(database, Job(source=source, transport=serves(source), tuning=Tuning(workers=30)))

    async with under_way(harvest):
        await asyncio.sleep(5)
        for _ in range(100):
            if harvest.group().lanes[0].in_flight:
                break
            await asyncio.sleep(0.01)
        group = harvest.group()

    assert group.reason.startswith("pinned 30, running 1: budget core: 120 per 60 s")
    assert group.lanes[0].reason == group.reason


async def test_caps_by_hand_hold_are_lifted_at_the_top_and_by_a_pin_above_them(harvest: Harvest) -> None:
    modes = list[str]()

    async with under_way(harvest) as group:
        manual = group.manual
        changes: list[Callable[[], None]] = [
            partial(manual.cap_at, 12),
            partial(manual.cap, -1),
            partial(manual.cap, +100),
            partial(manual.cap_at, 12),
            partial(manual.pin, 20),
        ]
        for change in changes:
            change()
            modes.append(str(harvest.group().lanes[0].mode))
        manual.nudge(-100)
        ceiling = group.lanes[0].admission.manual_cap

    assert modes == ["cap 12", "cap 11", "auto", "cap 12", "pin 20"]
    assert ceiling is None
    assert [move.reason for move in harvest.facts(LimitMoved)][-1] == "by hand: pinned at 1"


async def test_under_a_policy_that_judges_nothing_plus_and_minus_pin(database: Database, source: FakeSource) -> None:
    harvest = prepare(database, Job(source=source, transport=serves(source), tuning=Tuning(policy="fixed 4")))

    async with under_way(harvest) as group:
        group.manual.nudge(+1)
        lane = harvest.group().lanes[0]

    assert (lane.limit, str(lane.mode)) == (5, "pin 5")


async def test_moves_by_hand_are_written_down_with_all_decisions(harvest: Harvest) -> None:
    async with under_way(harvest) as group:
        group.manual.pin(9)
        await asyncio.sleep(1.0)  # the journal is written once a second

    assert await harvest.rows("select new, reason from decision where reason like 'by hand%'") == [
        (9, "by hand: pinned at 9")
    ]
