"""The policies of the systems fetchdeck replaces, chosen by name for the sources they come from, lane by lane."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

import pytest

from engine.harvest.job import Job
from engine.model.source import Request, Response
from engine.model.tuning import Tuning
from engine.storage.database import Database
from engine.transport.base import Transport
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from sources.github.options import GitHubOptions
from sources.github.source import GitHub
from tests.engine.harness import EPOCH, Harvest, prepare
from tests.sources.fake_anilist import FakeAniList, Show
from tests.sources.look_alike import Simulated

_STEPS = ((10, 0.78, 1.0), (5, 0.53, 0.72), (3, 0.28, 0.47), (1, 0.02, 0.22))
"""Places and the shares of the quota between which they hold, leaving out what was sent before an answer told it."""


@dataclass
class Lanes(Transport):
    """Answers after a latency; notes by lane how many were in flight and what was left of the quota at each send."""

    answer: Callable[[Request], Response]
    latency: Callable[[float], float]
    quotas: dict[str, int] = field(default_factory=dict)
    identity: str = "nobody"
    sent: dict[str, list[tuple[float, int, float]]] = field(default_factory=dict)
    """By lane: when, how many in flight with this one, and the share of the quota that the last answer told."""
    _in_flight: Counter[str] = field(default_factory=Counter)
    _told: dict[str, float] = field(default_factory=dict)
    _used: Counter[str] = field(default_factory=Counter)

    async def prepare(self, resource: str) -> None:
        pass

    async def renew(self, request: Request) -> bool:
        return False

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        lane, now = request.resource, asyncio.get_running_loop().time()
        self._in_flight[lane] += 1
        self.sent.setdefault(lane, []).append((now, self._in_flight[lane], self._told.get(lane, 0.0)))
        latency = self.latency(now)
        await asyncio.sleep(latency)
        self._in_flight[lane] -= 1
        return replace(self.answer(request), headers=self._quota(lane), elapsed=latency)

    async def close(self) -> None:
        """Nothing is open."""

    def _quota(self, lane: str) -> Mapping[str, str]:
        limit = self.quotas.get(lane)
        if limit is None:
            return {}
        self._used[lane] += 1
        left = max(0, limit - self._used[lane])
        self._told[lane] = left / limit
        told = {"limit": limit, "remaining": left, "reset": int(EPOCH) + 100_000}
        return {f"x-ratelimit-{name}": str(value) for name, value in told.items()} | {"x-ratelimit-resource": lane}

    def most(self, lane: str, *, above: float = -1.0, below: float = 2.0) -> int:
        """Return how many were in flight at most while that share of the quota was left."""
        return max((many for _, many, left in self.sent[lane] if above < left <= below), default=0)


async def harvest(database: Database, job: Job) -> Harvest:
    made = prepare(database, job, duration=50_000)
    await made.deck.run()
    return made


async def test_the_quota_ladder_steps_down_in_each_lane_of_github_by_its_own_quota(database: Database) -> None:
    server = Simulated("github", sizes={"orgs": 1, "repos": 24, "pulls": 30, "spread": 0.0})
    source = GitHub(GitHubOptions(base_url=server.base_url, orgs=("aurora",), since=date(1970, 1, 1), forks=True))
    transport = Lanes(server, lambda _: 0.3, quotas={"core": 150, "graphql": 5000})

    await harvest(database, Job(source=source, transport=transport, tuning=Tuning(policy="quota-ladder")))

    core = {step: transport.most("core", above=low, below=high) for step, low, high in _STEPS}
    assert core == {10: 10, 5: 5, 3: 3, 1: 1}
    assert transport.most("graphql", above=0.75) > 1
    assert transport.most("graphql") <= 10


@pytest.mark.parametrize(("latency", "most"), [(12.0, 3), (0.5, 1)])
async def test_the_latency_step_holds_in_each_lane_of_anime_and_never_breaks_its_budgets(
    database: Database, latency: float, most: int
) -> None:
    shows = [Show(number, idMal=number) for number in range(1, 31)]
    answers = FakeAniList(shows, [])
    source = Anime(AnimeOptions(ids=tuple(range(1, 16)), details="all", concurrency=5))
    transport = Lanes(answers, lambda _: latency)

    made = await harvest(database, Job(source=source, transport=transport, tuning=Tuning(policy="latency-step")))

    assert made.group("anime").failed == 0
    for lane, apart in (("anilist", 2.0), ("jikan", 1.5)):
        times = [at for at, _, _ in transport.sent[lane]]
        assert all(later - sooner >= apart for sooner, later in pairwise(times))
        assert transport.most(lane) <= 5
        assert max(many for _, many, _ in transport.sent[lane][-6:]) == most


async def test_without_the_policy_anime_has_one_request_in_flight_at_each_host(database: Database) -> None:
    shows = [Show(number, idMal=number) for number in range(1, 11)]
    source = Anime(AnimeOptions(ids=tuple(range(1, 6)), details="all"))
    transport = Lanes(FakeAniList(shows, []), lambda _: 12.0)

    await harvest(database, Job(source=source, transport=transport))

    assert (transport.most("anilist"), transport.most("jikan")) == (1, 1)
