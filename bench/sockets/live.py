"""Runs the whole engine over sockets against the built-in simulator, which runs in a separate process."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.laws.measure import percentile
from bench.sockets.cases import CAP, Case
from bench.sockets.child import child
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.source import Auth, Column, Memory, Page, RateBudget, Request, Response, Table
from engine.transport.base import Transport
from engine.transport.http.transport import HttpTransport
from simulator.common.settings import FaultRule
from simulator.pr0gramm.world import Pr0grammSizes, Pr0grammWorld
from simulator.testing import running

REFUSED: Final = frozenset({403, 429})
PATIENCE: Final = 30.0
"""Seconds to wait for the last responses."""
ITEMS: Final = 1_000
"""The number of items of the simulated pr0gramm without limits."""
DOWN: Final = FaultRule(fault="503", rate=1.0)


@dataclass
class Asked:
    """A source that requests one page again and again and stores nothing."""

    base_url: str
    budgets: Sequence[RateBudget]
    page: str
    many: int
    name: str = "asked"
    summary: str = ""
    terms: str = ""
    auth: Auth | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[Table] = (Table("nothing", (Column("id", "integer"),), ("id",)),)

    def scope(self) -> str:
        return "all"

    def seed(self, memory: Memory) -> list[Request]:
        """Return more requests than can be sent in time."""
        _ = memory
        return [Request(key=str(number), url=self.page, route="/page") for number in range(self.many)]

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        _ = (request, response, memory)
        return Page()

    def accepts(self, request: Request, response: Response) -> bool:
        _ = (request, response)
        return False


class Recording(Transport):
    """Records the time, the status and the time to the first byte of each response."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.began: float | None = None
        self.answers: list[tuple[float, int, float]] = []

    @property
    def identity(self) -> str:
        return self._inner.identity

    async def prepare(self, resource: str) -> None:
        await self._inner.prepare(resource)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        if self.began is None:
            self.began = time.monotonic()
        response = await self._inner.send(request, headers)
        self.answers.append((time.monotonic(), response.status, response.elapsed))
        return response

    async def renew(self, request: Request) -> bool:
        return await self._inner.renew(request)

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """The result of a run, up to the end of its time."""

    ratio: float
    p95: float
    """Of the time to the first byte, in seconds."""
    refused: int
    failed: int


def drive(case: Case) -> Driven:
    """Run the engine against the simulator for the seconds of a case."""
    with serving(case) as (url, orders), tempfile.TemporaryDirectory() as folder:
        recording = Recording(
            HttpTransport(base_url=url, headers={}, connections=CAP + 2, user_agent="fetchdeck-bench")
        )
        source = Asked(url, [case.rate_budget()], page(case), many=int(2 * case.oracle))
        job = Job(source=source, transport=recording)
        engine = EngineThread(jobs=[job], database=Path(folder) / "bench.db", duration=case.seconds + 1)
        engine.start()
        for seconds, rules in outage(case):
            engine.wait(seconds)
            orders.send(rules)
        if not engine.wait(case.seconds + PATIENCE):
            raise RuntimeError(f"{case.name}: the engine did not end: {engine.snapshot().reason}")
    return driven(case, recording)


def driven(case: Case, recording: Recording) -> Driven:
    """Return the result of the recorded responses."""
    ends = (recording.began or 0.0) + case.seconds
    answers = [(status, elapsed) for at, status, elapsed in recording.answers if at <= ends]
    good = [elapsed for status, elapsed in answers if status == 200]
    refused = sum(status in REFUSED for status, _ in answers)
    return Driven(
        ratio=len(good) / case.oracle,
        p95=percentile(good, 0.95),
        refused=refused,
        failed=len(answers) - len(good) - refused,
    )


def page(case: Case) -> str:
    """Return the address of a small page of the simulated API."""
    if case.api == "github":
        return "/orgs/aurora"
    return f"/items/info?itemId={Pr0grammWorld(sizes=Pr0grammSizes(items=ITEMS)).newest_id}"


def outage(case: Case) -> list[tuple[float, tuple[FaultRule, ...]]]:
    """Return when which faults begin, in seconds after the previous ones."""
    if case.outage is None:
        return []
    begins, ends = case.outage
    return [(begins, (DOWN,)), (ends - begins, ())]


@contextmanager
def serving(case: Case) -> Iterator[tuple[str, "Connection[object, object]"]]:
    """Serve a case from another process; yield its base URL and the connection for fault rules."""
    with child(_serve, case) as (address, orders):
        yield str(address), orders


def _serve(case: Case, orders: "Connection[object, object]") -> None:
    """Serve until the order None arrives; other orders are fault rules."""
    with running(case.config()) as simulator:
        orders.send(simulator.base_url(case.api))
        while isinstance(rules := orders.recv(), tuple):
            simulator.faults(case.api, *rules)
