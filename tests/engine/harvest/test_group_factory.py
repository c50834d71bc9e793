import asyncio
from dataclasses import dataclass, replace

import msgspec
import pytest

from engine.common.errors import ConfigError
from engine.harvest.deck import Deck
from engine.harvest.job import Job
from engine.model.snapshot import State
from engine.model.source import RateBudget, Request, Response
from engine.model.tuning import Tuning
from engine.pacing.budgets.budget import Ask
from engine.pacing.budgets.configured_window import ConfiguredWindow
from engine.pacing.budgets.learned import Learned
from engine.storage.database import Database
from tests.engine.harness import EPOCH, prepare, run, virtual_wall
from tests.fakes import FakeSource, FakeTransport, answer, serves


async def test_two_sources_of_one_host_share_what_it_takes(database: Database) -> None:
    one, two = FakeSource(per_page=600, details=True), FakeSource(per_page=600, details=True, name="other")
    transports = serves(one), serves(two)
    harvest = prepare(database, *(Job(source=s, transport=t) for s, t in zip((one, two), transports, strict=True)))

    await harvest.deck.run()

    most = max(a.most_in_flight for a in transports)
    assert harvest.group("fake").done == harvest.group("other").done == 601
    assert most <= 32
    both = [group.lanes[0].limit for group in harvest.deck.snapshot().groups]
    assert all(limit <= 32 for limit in both)


async def test_what_a_host_takes_is_shared_by_weight_and_lent_where_it_is_not_used(database: Database) -> None:
    one, two = FakeSource(per_page=3000, details=True), FakeSource(per_page=600, details=True, name="other")
    transports = serves(one), serves(two)
    jobs = [
        Job(source=source, transport=transport, weight=weight)
        for source, transport, weight in zip((one, two), transports, (3.0, 1.0), strict=True)
    ]
    harvest = prepare(database, *jobs)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(5)
        shared = [harvest.group(name).lanes[0].limit for name in ("fake", "other")]
        await asyncio.sleep(10)
        other = harvest.group("other").state
        harvest.deck.stop("enough")

    assert shared == [24, 8]
    assert other is State.DONE
    assert transports[0].most_in_flight == 32


async def test_the_second_run_starts_at_half_the_knee_of_the_first_and_keeps_what_it_found_out(
    database: Database,
) -> None:
    source, passed = FakeSource(per_page=900, details=True), list[float]()

    def script(request: Request, _: int) -> Response:
        """Let ten a second pass, and tell nobody."""
        now = asyncio.get_running_loop().time()
        if sum(at > now - 1.0 for at in passed[-10:]) >= 10:
            return answer(status=429, headers={"retry-after": "1"})
        passed.append(now)
        return source.truth(request)

    first = await run(database, source, FakeTransport(script))
    (learned,) = await first.rows("select lessons from learned")
    known = msgspec.json.decode(learned[0], type=Learned)
    second = prepare(database, Job(source=source, transport=FakeTransport(script), full=True))
    await asyncio.sleep(60)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(second.deck.run())
        await asyncio.sleep(0.05)
        lane = second.deck.groups()[0].lanes[0]
        begins, rate = lane.admission.limit, lane.admission.inferred.hidden.ceiling

    assert known.knee is not None
    assert known.confidence >= 0.5
    assert EPOCH < known.at < EPOCH + asyncio.get_running_loop().time()
    assert begins == max(2, int(known.knee / 2))
    assert rate is not None
    assert rate == known.hidden_rate
    assert rate <= 10.5
    assert second.group().throttled < first.group().throttled


async def test_a_resource_that_stands_apart_has_a_knee_of_its_own(database: Database) -> None:
    budgets = (RateBudget(resource="core", concurrency=8), RateBudget(resource="git", concurrency=2, apart=True))
    source = FakeSource(budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    await harvest.deck.run()

    core, git = harvest.deck.groups()[0].lanes
    core.admission.controller.resume(8)
    assert (core.admission.limit, git.admission.limit) == (8, 2)


async def test_resources_of_one_host_rest_together_and_what_stands_apart_does_not(database: Database) -> None:
    budgets = (
        RateBudget(resource="core"),
        RateBudget(resource="graphql"),
        RateBudget(resource="jikan", base_url="http://127.0.0.2"),
        RateBudget(resource="git", apart=True),
    )
    source = FakeSource(pages=0, budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    (job,) = harvest.deck._jobs
    admissions = await harvest.deck._factory._admissions(job, {})

    kin = {admission.resource: [one.resource for one in admission.siblings] for admission in admissions}
    assert kin == {"core": ["core", "graphql"], "graphql": ["core", "graphql"], "jikan": ["jikan"], "git": ["git"]}


async def test_resources_of_one_site_rest_together_whatever_they_ask_through(database: Database) -> None:
    budgets = (
        RateBudget(resource="feed", base_url="http://127.0.0.2", site="videos.example"),
        RateBudget(resource="list", apart=True, site="videos.example"),
        RateBudget(resource="list other", apart=True, site="other.example"),
    )
    source = FakeSource(pages=0, budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    (job,) = harvest.deck._jobs
    admissions = await harvest.deck._factory._admissions(job, {})

    kin = {admission.resource: [one.resource for one in admission.siblings] for admission in admissions}
    assert kin == {"feed": ["feed", "list"], "list": ["feed", "list"], "list other": ["list other"]}


async def test_a_tool_begins_with_five_or_what_its_cap_allows_and_an_api_with_two(database: Database) -> None:
    budgets = (
        RateBudget(resource="core", concurrency=8),
        RateBudget(resource="list", concurrency=8, apart=True),
        RateBudget(resource="git", concurrency=3, apart=True),
    )
    source = FakeSource(pages=0, budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    await harvest.deck.run()

    assert [lane.admission.limit for lane in harvest.deck.groups()[0].lanes] == [2, 5, 3]


async def test_a_policy_by_name_sets_the_concurrency(database: Database) -> None:
    source = FakeSource(per_page=100, details=True)
    transport = serves(source)

    await run(database, source, transport, policy="fixed 3")

    assert transport.most_in_flight == 3


async def test_a_cap_holds(database: Database) -> None:
    source = FakeSource(per_page=300, details=True)
    transport = serves(source)

    harvest = await run(database, source, transport, cap=5)

    assert transport.most_in_flight == 5
    assert str(harvest.group().lanes[0].mode) == "cap 5"


async def test_a_rule_leaves_a_share_of_the_budget(database: Database) -> None:
    source = FakeSource(per_page=100, details=True, budgets=(RateBudget(requests=100, per=60.0),))
    transport = serves(source)

    await run(database, source, transport, rules=("keep 60 for humans",))

    times = [at for at, _ in transport.sent]
    assert max(sum(start <= at < start + 60 for at in times) for start in times) <= 40


async def test_a_policy_that_does_not_exist_is_refused(database: Database) -> None:
    source = FakeSource()
    now = asyncio.get_running_loop().time
    job = Job(source=source, transport=serves(source), tuning=Tuning(policy="hurry"))
    deck = Deck(jobs=[job], database=database, now=now, wall=virtual_wall())

    with pytest.raises(ConfigError, match="want adaptive"):
        await deck.run()


async def test_what_was_learned_is_there_for_the_next_run(database: Database) -> None:
    source = FakeSource(per_page=800, details=True)
    await run(database, source, serves(source))

    transport = serves(source)
    second = prepare(database, Job(source=source, transport=transport, full=True))
    await second.deck._factory._admissions(second.deck._jobs[0], {})

    seat = (await second.deck._factory._admissions(second.deck._jobs[0], {}))[0]
    assert seat.controller.limit >= 8


async def test_all_lanes_of_a_source_share_the_servers_work_and_one_may_have_less(database: Database) -> None:
    budgets = (
        RateBudget(resource="core", cpu_seconds=90.0),
        RateBudget(resource="graphql", cpu_seconds=60.0),
        RateBudget(resource="search"),
    )
    source = FakeSource(budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    await harvest.deck.run()

    core, graphql, search = (lane.admission.work for lane in harvest.deck.groups()[0].lanes)
    assert (len(core), len(graphql), len(search)) == (1, 2, 0)
    assert core[0] is graphql[0]


async def test_lanes_that_share_a_budget_never_exceed_it_together(database: Database) -> None:
    @dataclass
    class TwoLanes(FakeSource):
        """Asks for details by a lane of their own."""

        def detail(self, number: int) -> Request:
            return replace(super().detail(number), resource="detail")

    shared = [RateBudget(resource=lane, requests=10, per=20.0, shared="rate") for lane in ("core", "detail")]
    source = TwoLanes(pages=8, per_page=3, details=True, budgets=shared)
    transport = serves(source)

    harvest = await run(database, source, transport)

    times = sorted(at for at, _ in transport.sent)
    assert len(times) == 32
    assert all(later - sooner >= 20.0 for sooner, later in zip(times, times[10:], strict=False))
    assert times[-1] - times[0] < 75.0
    assert {lane.quotas[0].name for lane in harvest.group().lanes} == {"rate"}


async def test_what_both_lanes_sent_before_counts_in_the_next_process(database: Database) -> None:
    windows = [ConfiguredWindow("rate", 10, 20.0) for _ in range(2)]
    for ago, many in ((15.0, 4), (1.0, 4), (9.0, 2)):
        windows[0].sent(100.0 - ago, many)
    for ago, many in ((15.0, 4), (9.0, 2), (1.0, 4)):
        windows[1].sent(100.0 - ago, many)

    holds = [window.wait_for(100.0, Ask(1.0, 0.0, 100.0, 0.0, 1.0)) for window in windows]

    assert holds[0] == holds[1]
    assert holds[0] is not None
