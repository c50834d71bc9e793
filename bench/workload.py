"""One workload, fetched in a plain way or in fetchdeck's, and what the simulator counted of it."""

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

from bench.child import PATIENCE, child
from bench.plain.client import Plain
from bench.plain.plans import Rows
from engine.config.settings import load_settings
from engine.model.snapshot import State
from simulator.config import SimulatorConfig
from simulator.testing import Running, running
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

LONGEST: Final = 600.0
"""Seconds a harvest may take."""
REFUSED: Final = frozenset({"403", "429"})
Bases = Mapping[str, str]
"""By look-alike: its base address."""
PlainPlan = Callable[[Plain, Bases], Coroutine[Any, Any, Rows]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is fetched, from which simulator, and how by either."""

    name: str
    what: str
    """In words: how much there is, and which limits and latency the simulator has."""
    source: str
    config: SimulatorConfig
    plain: PlainPlan
    workers: int
    """How many the replaced system had at once."""
    options: Callable[[Bases, Path], Mapping[str, Any]]
    """fetchdeck's settings for it, from the addresses and a folder of its own."""
    rows: Mapping[str, str]
    """By table: the query of the keys that the ways are compared by."""
    runs: int = 1
    sequential: bool = True
    """Whether one at a time is measured as well."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the plain ways."""
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one run."""

    seconds: float
    requests: int
    refused: int
    rows: frozenset[tuple[str | int, ...]]


class Counter:
    """Asks a simulator what it has counted since it was asked last."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._before = (0, 0)

    def since(self) -> tuple[int, int]:
        """Return how many requests came, and how many of them were refused."""
        seen = httpx.get(f"{self._url}/_simulator/stats", timeout=PATIENCE).json().values()
        refused = sum(many for one in seen for status, many in one["statuses"].items() if status in REFUSED)
        now = sum(one["requests"] for one in seen), refused
        before, self._before = self._before, now
        return now[0] - before[0], now[1] - before[1]


def plain(workload: Workload, places: int, url: str, bases: Bases) -> list[Outcome]:
    """Fetch it in a plain way, as often as the workload says: nothing is remembered in between."""
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
    """Harvest it with fetchdeck, adaptive, wired as from the command line; a second run goes by what the first left."""
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
    """Serve from another process; yield the address, and those of the look-alikes."""
    with child(_serve, config) as (found, _):
        yield found


def addresses(simulator: Running, config: SimulatorConfig) -> tuple[str, Bases]:
    """Say where a simulator and its look-alikes are."""
    return simulator.url, {api.name: simulator.base_url(api.name) for api in config.apis}


def _serve(config: SimulatorConfig, orders: "Connection[object, object]") -> None:
    """Be the process: serve until told to end."""
    with running(config) as simulator:
        orders.send(addresses(simulator, config))
        orders.recv()


def _stored(workload: Workload, database: Path) -> frozenset[tuple[str | int, ...]]:
    with closing(sqlite3.connect(database)) as db:
        found = [(table, *row) for table, query in workload.rows.items() for row in db.execute(query)]
    return frozenset(found)
