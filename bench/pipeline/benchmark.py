"""Requests a second through the whole pipeline, compared with a bare loop of the same client on the same server.

The pipeline fetches, parses, commits (synchronous=FULL) and counts; the bare loop only fetches and discards. Both run
in one process, alternately, with 32 requests in flight, on one server in another process.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx2 as httpx

from bench.pipeline.server import SMALL, Server, Workload, serving
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.snapshot import State
from engine.model.source import Auth, Column, Memory, Page, RateBudget, Record, Request, Response, Table
from engine.model.tuning import Tuning
from engine.transport.http.transport import HttpTransport

IN_FLIGHT = 32
ROUNDS = 5
WORKLOADS = (
    Workload(name="answers at once", rows=1, requests=4000, latency=0.0),
    Workload(name="answers at once", rows=10, requests=3000, latency=0.0),
    Workload(name="answers after 20 ms", rows=10, requests=3000, latency=0.02),
    Workload(name="answers after 50 ms", rows=10, requests=3000, latency=0.05),
    Workload(name="answers after 250 ms", rows=100, requests=1024, latency=0.25),
)


@dataclass
class Numbers:
    """A source of a given number of requests, each with the rows of its response."""

    base_url: str
    many: int
    name: str = "numbers"
    summary: str = ""
    terms: str = ""
    auth: Auth | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    budgets: Sequence[RateBudget] = (RateBudget(concurrency=IN_FLIGHT),)
    tables: Sequence[Table] = (
        Table("row", (Column("id", "integer"), Column("title"), Column("score", "integer")), ("id",)),
    )

    def scope(self) -> str:
        return "all"

    def seed(self, memory: Memory) -> list[Request]:
        """Return all requests at once."""
        _ = memory
        return [Request(key=str(number), url=f"/{number}", route="/{n}") for number in range(self.many)]

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        _ = (request, memory)
        return Page(
            records=[
                Record(table="row", data={"id": row.id, "title": row.title, "score": row.score}, raw=raw)
                for row, raw in SMALL.rows(response.body)
            ]
        )

    def accepts(self, request: Request, response: Response) -> bool:
        _ = (request, response)
        return False


def main() -> None:
    print("| server | rows an answer | bare loop, requests/s | pipeline, requests/s | rows/s | ratio |")
    print("|---|---|---|---|---|---|")
    for workload in WORKLOADS:
        with serving(workload) as server:
            rounds = [_round(server, workload) for _ in range(ROUNDS)]
        bare, piped = median(b for b, _ in rounds), median(p for _, p in rounds)
        ratio = median(p / b for b, p in rounds)
        rate, rows = f"{bare:,.0f} | {piped:,.0f}", piped * workload.rows
        print(f"| {workload.name} | {workload.rows} | {rate} | {rows:,.0f} | {ratio:.2f} |")


def _round(server: Server, workload: Workload) -> tuple[float, float]:
    return asyncio.run(_bare(server.url, workload.requests)), _piped(server.url, workload.requests)


async def _bare(url: str, many: int) -> float:
    """Fetch with a plain loop; return requests a second."""
    numbers = iter(range(many))
    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:

        async def worker() -> None:
            for number in numbers:
                await client.get(f"/{number}")

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(IN_FLIGHT):
                tasks.create_task(worker())
        return many / (time.perf_counter() - began)


def _piped(url: str, many: int) -> float:
    """Harvest; return completed requests a second, from the start of the engine to its end."""
    transport = HttpTransport(base_url=url, headers={}, connections=IN_FLIGHT + 2, user_agent="fetchdeck-bench")
    with tempfile.TemporaryDirectory() as folder:
        job = Job(source=Numbers(url, many), transport=transport, tuning=Tuning(workers=IN_FLIGHT))
        engine = EngineThread(jobs=[job], database=Path(folder) / "bench.db")
        began = time.perf_counter()
        engine.start()
        engine.wait()
        took = time.perf_counter() - began
        assert engine.snapshot().state is State.DONE, engine.snapshot().reason
        return many / took
