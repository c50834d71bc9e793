"""Settings that are changed while a source runs."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from engine.common.errors import BadBody, ConfigError, TransportError
from engine.harvest.group_factory import check_tuning
from engine.harvest.job import Job
from engine.model.commands import Done, Refused, Tune
from engine.model.events import LimitMoved, RequestRetried
from engine.model.snapshot import State
from engine.model.source import RateBudget, Request, Response
from engine.model.tuning import Tuning
from engine.storage.database import Database
from tests import fakes
from tests.engine.harness import Harvest, prepare
from tests.fakes import FakeSource, FakeTransport, answer, serves


def slow(source: FakeSource) -> FakeTransport:
    """Answer after a second, so that a minute is few requests."""
    transport = serves(source)
    transport.latency = 1.0
    return transport


async def tuned(database: Database, wanted: Tuning, *, after: float = 20.0, until: float = 30.0, **job: Any) -> Harvest:
    """Run a source, change its tuning after some seconds, and stop it after some more."""
    source = FakeSource(per_page=2000, details=True)
    harvest = prepare(database, fakes.job(source, slow(source), **job))
    loop = asyncio.get_running_loop()
    loop.call_later(after, lambda: harvest.deck.groups()[0].tune(wanted))
    loop.call_later(until, harvest.deck.stop, "enough")
    await harvest.deck.run()
    return harvest


def in_flight(harvest: Harvest) -> list[int]:
    return [second.in_flight for second in harvest.group().seconds]


OUT_OF_BOUNDS = [
    (Tuning(workers=0), "workers: got 0, want a whole number from 1 to 1000"),
    (Tuning(cap=1001), "cap: got 1001, want a whole number from 1 to 1000"),
    (Tuning(limit=-1), "limit: got -1, want a whole number of at least 1"),
    (Tuning(retries=-1), "retries: got -1, want a whole number from 0 to 100"),
    (Tuning(spacing=float("nan")), "spacing: got nan, want a number from 0 to 3600"),
    (Tuning(spacing=-1.0), "spacing: got -1.0, want a number from 0 to 3600"),
]


@pytest.mark.parametrize(("wanted", "reason"), OUT_OF_BOUNDS)
async def test_a_number_that_the_configuration_would_not_take_is_refused_and_changes_nothing(
    database: Database, wanted: Tuning, reason: str
) -> None:
    source = FakeSource(pages=3)
    job = fakes.job(source, serves(source), retries=2)
    harvest = prepare(database, job)

    answer = harvest.deck.send(Tune("fake", replace(wanted, rules=("keep 5 for humans",))))
    await harvest.deck.run()

    assert await answer == Refused(reason)
    assert harvest.group().tuning == Tuning(retries=2)
    with pytest.raises(ConfigError, match=reason):
        check_tuning(job, wanted)


async def test_a_pin_holds_from_the_moment_it_is_set_and_says_why(database: Database) -> None:
    harvest = await tuned(database, Tuning(workers=3))

    assert max(in_flight(harvest)[:19]) > 3
    assert set(in_flight(harvest)[23:29]) == {3}
    assert harvest.group().tuning.workers == 3
    last = harvest.facts(LimitMoved)[-1]
    assert (last.new, last.reason) == (3, "by hand: pinned at 3")


async def test_a_cap_leaves_the_controller_free_below_it(database: Database) -> None:
    harvest = await tuned(database, Tuning(cap=5))

    assert max(in_flight(harvest)[23:29]) == 5
    assert str(harvest.group().lanes[0].mode) == "cap 5"


@pytest.mark.parametrize(
    ("held", "said"), [(Tuning(workers=3), "by hand: not pinned any more"), (Tuning(cap=3), "by hand: no cap")]
)
async def test_a_pin_or_a_cap_that_is_taken_back_lets_it_grow_again(
    database: Database, held: Tuning, said: str
) -> None:
    source = FakeSource(per_page=2000, details=True)
    harvest = prepare(database, Job(source=source, transport=slow(source)))
    loop = asyncio.get_running_loop()
    loop.call_later(20.0, lambda: harvest.deck.groups()[0].tune(held))
    loop.call_later(30.0, lambda: harvest.deck.groups()[0].tune(Tuning()))
    loop.call_later(60.0, harvest.deck.stop, "enough")

    await harvest.deck.run()

    assert max(in_flight(harvest)[24:29]) == 3
    assert max(in_flight(harvest)[40:59]) > 3
    assert said in [move.reason for move in harvest.facts(LimitMoved)]


async def test_a_policy_takes_over_and_gives_back(database: Database) -> None:
    source = FakeSource(per_page=2000, details=True)
    harvest = prepare(database, Job(source=source, transport=slow(source)))
    loop = asyncio.get_running_loop()
    loop.call_later(20, lambda: harvest.deck.groups()[0].tune(Tuning(policy="fixed 4")))
    loop.call_later(30, lambda: harvest.deck.groups()[0].tune(Tuning(policy="adaptive")))
    loop.call_later(40, harvest.deck.stop, "enough")

    await harvest.deck.run()

    seen = in_flight(harvest)
    assert max(seen[10:19]) == 32
    assert set(seen[23:29]) == {4}
    assert max(seen[33:39]) == 32


async def test_a_limit_that_is_reached_already_ends_the_run(database: Database) -> None:
    harvest = await tuned(database, Tuning(limit=60))

    assert harvest.group().state is State.STOPPED
    assert harvest.group().reason == "the limit of 60 requests is reached"


async def test_a_limit_can_be_lifted(database: Database) -> None:
    harvest = await tuned(database, Tuning(), after=2.0, until=20.0, limit=50)

    assert harvest.group().done > 50
    assert harvest.group().reason == "enough"


async def test_rules_hold_from_then_on(database: Database) -> None:
    source = FakeSource(per_page=900, details=True, budgets=(RateBudget(requests=100, per=60.0),))
    transport = serves(source)
    harvest = prepare(database, Job(source=source, transport=transport))
    loop = asyncio.get_running_loop()
    began = loop.time()
    loop.call_later(120, lambda: harvest.deck.groups()[0].tune(Tuning(rules=("keep 60 for humans",))))
    loop.call_later(300, harvest.deck.stop, "enough")

    await harvest.deck.run()

    late = [at for at, _ in transport.sent if 180 <= at - began < 300]
    early = [at for at, _ in transport.sent if at - began < 120]
    assert 0 < len(late) < len(early) / 2


async def test_retries_count_from_the_next_failure_on(database: Database) -> None:
    source = FakeSource()

    def script(request: Request, tries: int) -> Response | TransportError:
        raise BadBody("cut off")

    harvest = prepare(database, Job(source=source, transport=FakeTransport(script), tuning=Tuning(retries=50)))
    asyncio.get_running_loop().call_later(3.0, lambda: harvest.deck.groups()[0].tune(Tuning(retries=0)))
    await harvest.deck.run()

    assert harvest.group().failed == 1
    assert 0 < len(harvest.facts(RequestRetried)) < 6


@pytest.mark.parametrize(("wanted", "sent"), [(None, 2), (0, 1), (3, 4)])
async def test_a_number_of_retries_that_a_person_sets_counts_for_broken_bodies_too(
    database: Database, wanted: int | None, sent: int
) -> None:
    source = FakeSource()
    transport = FakeTransport(lambda *_: answer({"not": "a list"}))

    await prepare(database, Job(source=source, transport=transport, tuning=Tuning(retries=wanted))).deck.run()

    assert len(transport.sent) == sent


async def test_spacing_leaves_so_many_seconds_between_requests(database: Database) -> None:
    source = FakeSource(per_page=200, details=True)
    transport = serves(source)
    harvest = prepare(database, Job(source=source, transport=transport, tuning=Tuning(spacing=2.0)))
    loop = asyncio.get_running_loop()
    began = loop.time()
    reasons: list[str] = []
    loop.call_later(9.5, lambda: reasons.append(harvest.group().lanes[0].reason))
    loop.call_later(20, lambda: harvest.deck.groups()[0].tune(Tuning(spacing=0.5)))
    loop.call_later(30, harvest.deck.stop, "enough")

    await harvest.deck.run()

    times = [at - began for at, _ in transport.sent]
    assert min(b - a for a, b in pairwise(times) if b < 20) >= 2.0
    assert 0.5 <= min(b - a for a, b in pairwise(times) if a > 21) < 0.6
    assert reasons == ["2 s between requests, as you asked"]


async def test_what_is_not_changed_stays_as_keys_left_it(database: Database) -> None:
    source = FakeSource(per_page=2000, details=True, budgets=(RateBudget(), RateBudget(resource="git")))
    harvest = prepare(database, Job(source=source, transport=slow(source)))
    seen: list[Tuning] = []

    def change() -> None:
        group = harvest.deck.groups()[0]
        group.lanes[0].admission.pin, group.lanes[1].admission.pin = 2, 7
        seen.append(group.snapshot().tuning)
        group.tune(replace(seen[0], cap=20))
        seen.append(group.snapshot().tuning)

    asyncio.get_running_loop().call_later(5, change)
    asyncio.get_running_loop().call_later(6, harvest.deck.stop, "enough")
    await harvest.deck.run()

    assert [lane.admission.pin for lane in harvest.deck.groups()[0].lanes] == [2, 7]
    assert seen == [Tuning(), Tuning(cap=20)]


async def test_a_wrong_policy_changes_nothing(database: Database) -> None:
    source = FakeSource()
    harvest = prepare(database, Job(source=source, transport=serves(source)))
    await harvest.deck.run()
    group = harvest.deck.groups()[0]

    for wrong in (Tuning(policy="hurry", cap=1), Tuning(rules=("never",), cap=1)):
        with pytest.raises(ConfigError):
            group.tune(wrong)

    assert group.snapshot().tuning == Tuning()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [(Tuning(policy="fixed 7"), "with N from 1 to 6"), (Tuning(rules=("never",)), 'rule "never": want')],
)
async def test_what_this_api_does_not_allow_is_refused(database: Database, wanted: Tuning, why: str) -> None:
    source = FakeSource(budgets=(RateBudget(concurrency=6),))
    deck = prepare(database, Job(source=source, transport=serves(source))).deck
    answers = [deck.send(Tune("fake", wanted)), deck.send(Tune("fake", Tuning(policy="fixed 6")))]
    await deck.run()

    refused, done = [await answer for answer in answers]

    assert isinstance(refused, Refused)
    assert why in refused.reason
    assert done == Done()
