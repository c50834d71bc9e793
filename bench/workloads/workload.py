"""One workload, fetched in a plain way or by fetchdeck, and the simulator's counts of it."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import httpx2 as httpx

from bench.sockets.child import PATIENCE, child
from bench.workloads.plain.client import Plain
from bench.workloads.plain.plans import Rows
from engine.config.settings import load_settings
from engine.model.snapshot import State
from simulator.config import SimulatorConfig
from simulator.testing import Running, running
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

LONGEST: Final = 600.0
"""The most seconds of a harvest."""
REFUSED: Final = frozenset({"403", "429"})
Bases = Mapping[str, str]
"""The base address of each simulated API."""
PlainPlan = Callable[[Plain, Bases], Coroutine[Any, Any, Rows]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is fetched, from which simulator, and how by either way."""

    name: str
    what: str
    """A description: how much there is, and the simulator's limits and latency."""
    source: str
    config: SimulatorConfig
    plain: PlainPlan
    workers: int
    """The number of workers of the replaced system."""
    options: Callable[[Bases, Path], Mapping[str, Any]]
    """Returns fetchdeck's settings, from the addresses and a folder for its files."""
    rows: Mapping[str, str]
    """For each table, the query of the keys by which the ways are compared."""
    runs: int = 1
    sequential: bool = True
    """Whether one request at a time is measured too."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The request headers of the plain ways."""
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one run."""

    seconds: float
    requests: int
    refused: int
    rows: frozenset[tuple[str | int, ...]]


class Counter:
    """Returns what a simulator has counted since the last call."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._before = (0, 0)

    def since(self) -> tuple[int, int]:
        """Return how many requests arrived, and how many of them were refused."""
        seen = httpx.get(f"{self._url}/_simulator/stats", timeout=PATIENCE).json().values()
        refused = sum(many for one in seen for status, many in one["statuses"].items() if status in REFUSED)
        now = sum(one["requests"] for one in seen), refused
        before, self._before = self._before, now
        return now[0] - before[0], now[1] - before[1]


def plain(workload: Workload, places: int, url: str, bases: Bases) -> list[Outcome]:
    """Fetch it in a plain way, as often as the workload says. Nothing is remembered between the runs."""
    counter = Counter(url)

    async def fetch() -> Rows:
        async with Plain(places, dict(workload.headers)) as client:
            return await workload.plain(client, bases)

    counter.since()
    found = []
    for _ in range(workload.runs):
        began = time.perf_counter()
        rows = asyncio.run(fetch())
        seconds = time.perf_counter() - began
        requests, refused = counter.since()
        found.append(Outcome(seconds=seconds, requests=requests, refused=refused, rows=frozenset(rows)))
    return found


def ours(workload: Workload, folder: Path, url: str, bases: Bases) -> list[Outcome]:
    """Harvest it with fetchdeck, adaptively, wired as from the command line. A second run uses the first's database."""
    counter, database = Counter(url), folder / "harvest.db"
    given = {**workload.options(bases, folder)}
    found = []
    counter.since()
    for _ in range(workload.runs):
        settings = load_settings(
            folder / "none.toml", overrides=[(("sources", workload.source, key), value) for key, value in given.items()]
        )
        wiring = Wiring(
            settings=settings, registry=Registry(), environ=workload.environ, version="bench", database=database
        )
        engine = wiring.engine([workload.source], lambda _: None)
        began = time.perf_counter()
        engine.start()
        if not engine.wait(LONGEST) or engine.snapshot().state is not State.DONE:
            raise RuntimeError(f"{workload.name}: {engine.snapshot().groups[0].reason or 'not done in time'}")
        seconds = time.perf_counter() - began
        requests, refused = counter.since()
        found.append(Outcome(seconds=seconds, requests=requests, refused=refused, rows=_stored(workload, database)))
    return found


@contextmanager
def serving(config: SimulatorConfig) -> Iterator[tuple[str, Bases]]:
    """Serve from another process; yield its address, and those of the simulated APIs."""
    with child(_serve, config) as (found, _):
        yield found


def addresses(simulator: Running, config: SimulatorConfig) -> tuple[str, Bases]:
    """Return the address of a simulator, and those of its APIs."""
    return simulator.url, {api.name: simulator.base_url(api.name) for api in config.apis}


def _serve(config: SimulatorConfig, orders: "Connection[object, object]") -> None:
    """Serve until the order to end."""
    with running(config) as simulator:
        orders.send(addresses(simulator, config))
        orders.recv()


def _stored(workload: Workload, database: Path) -> frozenset[tuple[str | int, ...]]:
    with closing(sqlite3.connect(database)) as db:
        found = [(table, *row) for table, query in workload.rows.items() for row in db.execute(query)]
    return frozenset(found)
