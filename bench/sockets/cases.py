"""The cases that run over sockets and in virtual time: one set of numbers gives the settings of both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from bench.simulation.bars import Bar
from bench.simulation.rules import Concurrency, OpenedWindow, Rule, SlidingLog, TokenBucket
from bench.simulation.scenario import Scenario
from bench.simulation.servers import Server
from engine.model.source import RateBudget
from simulator.common.settings import Budget, Capacity, CapacityStep, Limits
from simulator.config import SimulatorConfig, quiet

CAP: Final = 64
ENDLESS: Final = 1_000_000
SERVICE: Final = 0.1
NETWORK: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server of workers of 100 ms behind a network of 150 ms, with its limits. Times are seconds."""

    name: str
    what: str
    seconds: float
    oracle: float
    api: str = "pr0gramm"
    """The simulated API: GitHub's reports its budget in headers, pr0gramm's reports nothing."""
    workers: Sequence[tuple[float, int]] = ((0.0, 8),)
    """The number of workers from each second on; `ENDLESS` means no capacity limit."""
    budget: Budget | None = None
    told: bool = False
    """Whether the client is configured with the budget."""
    most: int | None = None
    """The most requests in flight; one more gets a 403 and a penalty."""
    penalty: float = 0.0
    outage: tuple[float, float] | None = None

    def config(self) -> SimulatorConfig:
        """Return the settings of the simulator."""
        config = quiet(apis=[self.api])
        (_, first), *later = self.workers
        limits = Limits(
            budget=self.budget,
            concurrency=self.most,
            penalty=self.penalty,
            status=403 if self.most else 429,
            known="headers",
        )
        steps = tuple(CapacityStep(after, _capacity(workers)) for after, workers in later)
        return config.with_api(replace(config.api(self.api), limits=limits, capacity=_capacity(first), steps=steps))

    def rate_budget(self) -> RateBudget:
        """Return what the client knows of the limits."""
        if self.budget is None or not self.told:
            return RateBudget(concurrency=CAP)
        return RateBudget(requests=self.budget.requests, per=self.budget.per, concurrency=CAP)

    def scenario(self) -> Scenario:
        """Return the scenario in virtual time."""
        return Scenario(
            name=self.name,
            what=self.what,
            server=Server(
                workers=self.workers,
                median=SERVICE,
                network=NETWORK,
                outages=[self.outage] if self.outage else (),
            ),
            seconds=self.seconds,
            oracle=self.oracle,
            bar=Bar(ratio=0.0),
            rules=self._rules,
            refusal=403 if self.most else 429,
            cap=CAP,
            budgets=[(self.budget.requests, self.budget.per)] if self.budget and self.told else (),
        )

    def _rules(self, rng: Random) -> list[Rule]:
        _ = rng
        rules: list[Rule] = [Concurrency(self.most, self.penalty)] if self.most else []
        match self.budget:
            case Budget(kind="fixed") as budget:
                rules.append(OpenedWindow(budget.requests, budget.per, style="github"))
            case Budget(kind="sliding") as budget:
                rules.append(SlidingLog(budget.requests, budget.per))
            case Budget(kind="bucket") as budget:
                rules.append(TokenBucket(budget.requests / budget.per, budget.requests))
            case None:
                pass
        return rules


def _capacity(workers: int) -> Capacity:
    return Capacity(workers=None if workers == ENDLESS else workers, latency=SERVICE, delay=NETWORK)


CASES: Final = (
    Case(name="knee", what="8 workers: 80/s, the knee at 20", seconds=20, oracle=80 * 20),
    Case(
        name="knee up",
        what="2 workers, from 12 s on 8: the knee goes from 5 to 20",
        seconds=30,
        oracle=20 * 12 + 80 * 18,
        workers=((0.0, 2), (12.0, 8)),
    ),
    Case(
        name="knee down",
        what="8 workers, from 12 s on 2: the knee goes from 20 to 5",
        seconds=30,
        oracle=80 * 12 + 20 * 18,
        workers=((0.0, 8), (12.0, 2)),
    ),
    Case(
        name="window headers",
        what="120 per 10 s, told in GitHub's headers",
        seconds=32,
        oracle=120 * 32 / 10.5,
        api="github",
        budget=Budget(120, 10, "fixed"),
    ),
    Case(
        name="told budget",
        what="60 in any 10 s, told to the client",
        seconds=30,
        oracle=60 * 30 / 10,
        budget=Budget(60, 10, "sliding"),
        told=True,
    ),
    Case(
        name="hidden rate",
        what="10/s in bursts of 10, a bare 429 and nothing told",
        seconds=45,
        oracle=10 + 10 * 45,
        budget=Budget(10, 1, "bucket"),
    ),
    Case(
        name="outage",
        what="nothing but 503 from 10 to 15 s",
        seconds=30,
        oracle=80 * 25,
        outage=(10.0, 15.0),
    ),
    Case(
        name="secondary",
        what="403 and 4 s of penalty above 16 at once, not told",
        seconds=40,
        oracle=16 / (SERVICE + NETWORK) * 40,
        api="github",
        workers=((0.0, ENDLESS),),
        most=16,
        penalty=4.0,
    ),
)
