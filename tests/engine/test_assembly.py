import asyncio

import pytest

from engine.database import Database
from engine.deck import Deck
from engine.errors import ConfigError
from engine.job import Job
from engine.source import RateBudget
from tests.engine.harness import prepare, run, virtual_wall
from tests.fakes import FakeSource, serves


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


async def test_a_resource_that_stands_apart_has_a_knee_of_its_own(database: Database) -> None:
    budgets = (RateBudget(resource="core", concurrency=8), RateBudget(resource="git", concurrency=2, apart=True))
    source = FakeSource(budgets=budgets)
    harvest = prepare(database, Job(source=source, transport=serves(source)))

    await harvest.deck.run()

    core, git = harvest.deck.groups()[0].lanes
    core.admission.controller.resume(8)
    assert (core.admission.limit, git.admission.limit) == (8, 2)


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
    assert harvest.group().lanes[0].mode == "cap 5"


async def test_a_rule_leaves_a_share_of_the_budget(database: Database) -> None:
    source = FakeSource(per_page=100, details=True, budgets=(RateBudget(requests=100, per=60.0),))
    transport = serves(source)

    await run(database, source, transport, rules=("keep 60 for humans",))

    times = [at for at, _ in transport.sent]
    assert max(sum(start <= at < start + 60 for at in times) for start in times) <= 40


async def test_a_policy_that_does_not_exist_is_refused(database: Database) -> None:
    source = FakeSource()
    now = asyncio.get_running_loop().time
    job = Job(source=source, transport=serves(source), policy="hurry")
    deck = Deck(jobs=[job], database=database, now=now, wall=virtual_wall())

    with pytest.raises(ConfigError, match="want adaptive"):
        await deck.run()


async def test_what_was_learned_is_there_for_the_next_run(database: Database) -> None:
    source = FakeSource(per_page=800, details=True)
    await run(database, source, serves(source))

    transport = serves(source)
    second = prepare(database, Job(source=source, transport=transport, full=True))
    await second.deck._assembly.admissions(second.deck._jobs[0])

    seat = (await second.deck._assembly.admissions(second.deck._jobs[0]))[0]
    assert seat.controller.limit >= 8
