"""What is learned of costs, in a whole harvest on virtual time."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.harvest.job import Job
from engine.model.source import Memory, Page, RateBudget, Request, Response
from engine.storage.database import Database
from tests.engine.harness import prepare, run
from tests.fakes import FakeSource, FakeTransport, answer

WINDOW = 60.0


@dataclass
class Metered:
    """Counts points in fixed windows and tells what is left, as GitHub does."""

    limit: int
    cost: float = 1.0
    used: Counter[int] = field(default_factory=Counter)
    at: list[float] = field(default_factory=list)
    refused: int = 0

    def take(self, cost: float | None = None) -> tuple[bool, Mapping[str, str]]:
        now = asyncio.get_running_loop().time()
        window, cost = int(now // WINDOW), self.cost if cost is None else cost
        fits = self.used[window] + cost <= self.limit
        if fits:
            self.used[window] += int(cost)
            self.at.append(now)
        self.refused += not fits
        return fits, {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.limit - self.used[window]),
            "x-ratelimit-reset": str(int((window + 1) * WINDOW - now) + 1),
        }


class Listed(FakeSource):
    """Knows all its pages beforehand and asks whether each has changed."""

    def seed(self, memory: Memory) -> list[Request]:
        return [replace(self.page(number), conditional=True, url=f"/items/{number}") for number in range(self.pages)]

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        return replace(super().parse(request, response, memory), more=())


async def test_a_budget_whose_requests_take_two_points_is_spent_evenly_to_its_reset(database: Database) -> None:
    source, meter = Listed(pages=2000, per_page=1), Metered(limit=240, cost=2.0)

    def script(request: Request, _: int) -> Response:
        fits, headers = meter.take()
        return replace(source.truth(request), headers=headers) if fits else answer(status=429, headers=headers)

    harvest = prepare(database, Job(source=source, transport=FakeTransport(script)))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(harvest.deck.run())
        await asyncio.sleep(245)
        lane = harvest.group().lanes[0]
        running.cancel()

    whole = sorted(meter.used)[1:-1]
    assert meter.refused == harvest.group().throttled == 0
    assert len(whole) >= 3
    assert all(meter.used[window] >= 0.95 * 240 for window in whole[1:])
    thirds = Counter(int((at % WINDOW) // 20) for at in meter.at if int(at // WINDOW) in whole[1:])
    assert max(thirds.values()) <= 1.15 * min(thirds.values())
    assert lane.cost == 2.0


async def test_a_cost_an_answer_tells_is_used_from_then_on(database: Database) -> None:
    class Telling(FakeSource):
        def parse(self, request: Request, response: Response, memory: Memory) -> Page:
            return replace(super().parse(request, response, memory), cost=4.0)

    source = Telling(pages=5)
    harvest = prepare(database, Job(source=source, transport=FakeTransport(lambda r, _: source.truth(r))))

    await harvest.deck.run()

    costs = harvest.deck.groups()[0].lanes[0].admission.costs
    assert costs.price("list", 1.0).most == 4.0


async def test_answers_that_nothing_changed_free_the_pace(database: Database) -> None:
    budget = RateBudget(unchanged_free=True)
    source, meter = Listed(pages=150, budgets=(budget,)), Metered(limit=60)

    def script(request: Request, _: int) -> Response:
        known = "if-none-match" in transport.headers[-1]
        fits, headers = meter.take(0.0 if known else 1.0)
        if not fits:
            return answer(status=429, headers=headers)
        if known:
            return Response(status=304, headers=headers, body=b"", url="", elapsed=0.1)
        return replace(source.truth(request), headers={**headers, "etag": '"1"'})

    transport = FakeTransport(script)
    first = await run(database, source, transport)
    changed = len(transport.sent)
    second = await run(database, source, transport)

    times = [at for at, _ in transport.sent]
    assert (first.group().done, second.group().done) == (150, 150)
    assert meter.refused == 0
    assert times[changed - 1] - times[0] > 60
    assert times[-1] - times[changed] < 15
