"""Groups that ask one host with one credential draw on the same budgets; another credential has its own."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from engine.harvest.job import Job
from engine.model.commands import Fill
from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import RateBudget, Request, Response
from engine.model.tuning import Tuning
from engine.pacing.concurrency.shared_host import deciding_object
from engine.storage.database import Database
from tests.engine.harness import EPOCH, prepare
from tests.fakes import FakeSource, FakeTransport, answer, serves

ALLOWED = 120
SPAN = 60


class Api:
    """Allows so many requests in each minute of each credential, and tells so."""

    def __init__(self, *sources: FakeSource) -> None:
        self.sources = {source.name: source for source in sources}
        self.used: Counter[tuple[str, int]] = Counter()
        self.passed: Counter[str] = Counter()
        self.refused = 0

    def way(self, name: str, identity: str) -> FakeTransport:
        def script(request: Request, _: int) -> Response:
            now = asyncio.get_running_loop().time()
            window = int((EPOCH + now) // SPAN)
            left = ALLOWED - self.used[identity, window]
            headers = {
                "x-ratelimit-resource": "core",
                "x-ratelimit-limit": str(ALLOWED),
                "x-ratelimit-remaining": str(max(0, left - 1)),
                "x-ratelimit-reset": str((window + 1) * SPAN),
            }
            if left <= 0:
                self.refused += 1
                return answer(status=429, headers=headers)
            self.used[identity, window] += 1
            self.passed[name] += 1
            return answer(self.sources[name].truth(request).json(object), headers=headers)

        transport = FakeTransport(script)
        transport.identity = identity
        return transport


def two(**other: object) -> tuple[FakeSource, FakeSource]:
    one = FakeSource(per_page=3000, details=True)
    return one, FakeSource(per_page=3000, details=True, name="other", **other)  # type: ignore[arg-type]  # a test's own


@pytest.mark.parametrize("weight", [1.0, 3.0])
async def test_a_told_budget_is_spent_by_two_groups_as_by_one_and_shared_by_weight(
    database: Database, weight: float
) -> None:
    one, other = two(base_url="http://FAKE:80/")
    api = Api(one, other)
    jobs = (
        Job(source=one, transport=api.way("fake", "a"), weight=weight),
        Job(source=other, transport=api.way("other", "a")),
    )

    harvest = prepare(database, *jobs, duration=600.0)
    await harvest.deck.run()

    assert api.refused == 0
    assert sum(api.passed.values()) >= 0.96 * ALLOWED * 600 / SPAN
    assert api.passed["fake"] / api.passed["other"] == pytest.approx(weight, rel=0.07)
    quotas = [group.lanes[0].quotas[0] for group in harvest.deck.snapshot().groups]
    assert all((quota.others or 0) <= 2 for quota in quotas)


async def test_the_paths_of_a_gateway_are_apart(database: Database) -> None:
    one, other = two(base_url="http://fake/other")
    one.base_url = "http://fake/one"
    api = Api(one, other)
    jobs = [Job(source=s, transport=api.way(s.name, "a")) for s in (one, other)]
    assembly = prepare(database, *jobs).deck._factory

    found = [(await assembly._admissions(job, {}))[0] for job in jobs]

    assert [len(admission.siblings) for admission in found] == [1, 1]
    assert deciding_object(found[0].controller) is not deciding_object(found[1].controller)


async def test_each_credential_has_its_own_budget(database: Database) -> None:
    one, other = two()
    api = Api(one, other)
    jobs = (Job(source=s, transport=api.way(s.name, i)) for s, i in ((one, "a"), (other, "b")))

    await prepare(database, *jobs, duration=300.0).deck.run()

    assert api.refused == 0
    assert min(api.passed.values()) >= 0.9 * ALLOWED * 300 / SPAN


async def test_what_one_token_has_used_up_holds_no_other_up(database: Database) -> None:
    source = FakeSource(per_page=117, details=True)
    api, clock = Api(source), asyncio.get_running_loop().time
    window = clock() // SPAN
    await prepare(database, Job(source=source, transport=api.way("fake", "a"))).deck.run()
    used_up = clock()

    await prepare(database, Job(source=source, transport=api.way("fake", "b"), full=True)).deck.run()

    assert used_up // SPAN == clock() // SPAN == window
    assert sum(api.used.values()) == 236


async def test_a_configured_limit_is_one_for_both(database: Database) -> None:
    budgets = (RateBudget(resource="core", requests=30, per=60.0),)
    one, other = two(budgets=budgets)
    one.budgets = budgets
    transports = serves(one), serves(other)
    jobs = [Job(source=s, transport=t, tuning=Tuning(limit=20)) for s, t in zip((one, other), transports, strict=True)]

    await prepare(database, *jobs).deck.run()

    times = sorted(at for transport in transports for at, _ in transport.sent)
    assert all(late - early >= 60.0 for early, late in zip(times, times[30:], strict=False))
    assert len(times) >= 40


@dataclass
class Whole(FakeSource):
    """A source that is one part, which is never complete."""

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        return [Part(key="all", name="all", state=PartState.UNKNOWN)]

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        return [self.page(0)]


async def test_what_a_run_sent_counts_once_when_the_source_begins_again(database: Database) -> None:
    source = Whole(per_page=19, details=True, budgets=(RateBudget(resource="core", requests=30, per=60.0),))
    transport = serves(source)
    slow = FakeSource(per_page=30, details=True, name="other", base_url="http://elsewhere")
    slowly = Job(source=slow, transport=serves(slow), tuning=Tuning(spacing=5.0))
    harvest = prepare(database, Job(source=source, transport=transport), slowly)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(30)
        sent = len(transport.sent)
        harvest.deck.send(Fill("fake", ("all",)))
        await asyncio.sleep(15)
        again = len(transport.sent) - sent

    assert sent == 20
    assert again > 0


async def test_a_refusal_that_names_no_resource_makes_all_who_ask_the_host_rest(database: Database) -> None:
    one, other = two()
    refused = list[float]()

    def script(request: Request, _: int) -> Response:
        now = asyncio.get_running_loop().time()
        if now >= 5 and not refused:
            refused.append(now)
            return answer(status=429, headers={"retry-after": "30"})
        return one.truth(request)

    strict, calm = FakeTransport(script), serves(other)
    jobs = (Job(source=one, transport=strict), Job(source=other, transport=calm))

    await prepare(database, *jobs, duration=60.0).deck.run()

    resting = [at for at, _ in calm.sent if refused[0] + 0.1 < at < refused[0] + 30]
    assert resting == []
    assert [at for at, _ in calm.sent if at > refused[0] + 30]


async def test_who_has_ended_draws_on_nothing_any_more(database: Database) -> None:
    one, other = two()
    other.per_page = 5
    api = Api(one, other)
    jobs = (Job(source=s, transport=api.way(s.name, "a")) for s in (one, other))
    harvest = prepare(database, *jobs, duration=30.0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(harvest.deck.run())
        await asyncio.sleep(20)
        members = [member.queue_share.owner for member in harvest.deck.groups()[0].lanes[0].admission.siblings]

    assert members == ["fake"]
    assert harvest.group("other").done == 6
