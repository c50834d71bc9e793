"""The anime and rest sources in the real engine over real sockets: the same tables whichever way they are harvested."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.snapshot import State
from engine.model.source import RateBudget
from engine.transport.http.transport import HttpTransport
from engine.transport.wrappers import RoutingTransport
from simulator.config import quiet
from simulator.testing import Running, running
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests import fakes
from tests.harvesting import contents

Harvest = Callable[..., None]
Tables = Mapping[str, list[tuple[Any, ...]]]
ENDPOINTS = {
    "users": {"path": "/cursors/users", "key": ["id"], "columns": {"id": "id:integer", "name": "name"}},
    "posts": {"path": "/users/{parent.id}/posts", "parent": "users", "key": ["id"], "columns": {"id": "id:integer"}},
    "events": {
        "path": "/events",
        "key": ["id"],
        "columns": {"id": "id:integer"},
        "paging": {"style": "link_header"},
        "since": {"param": "since", "item": "updated_at"},
    },
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running(quiet(apis=["anilist", "jikan", "rest"])) as server:
        yield server


def run(job: Job, database: Path) -> None:
    engine = EngineThread(jobs=[job], database=database)
    engine.start()
    assert engine.wait(60), engine.snapshot()
    assert engine.snapshot().state in {State.DONE, State.STOPPED}, engine.snapshot()


@pytest.fixture
def rest(simulator: Running) -> Harvest:
    def harvest(database: Path, **job: Any) -> None:
        url = simulator.base_url("rest")
        options = msgspec.convert({"base_url": url, "endpoints": ENDPOINTS, "concurrency": 8}, RestOptions)
        run(fakes.job(Rest(options), _http(url), **job), database)

    return harvest


@pytest.fixture
def anime(simulator: Running) -> Harvest:
    hosts = {"anilist": simulator.base_url("anilist"), "jikan": simulator.base_url("jikan")}

    def harvest(database: Path, **job: Any) -> None:
        source = Anime(AnimeOptions(base_url=hosts["anilist"], jikan_url=hosts["jikan"], ids=(1, 30, 45)))
        # The hosts' real pace would take minutes; that it is asked for is tested where the budgets are.
        source.budgets = [RateBudget(resource=each, concurrency=4, base_url=url) for each, url in hosts.items()]
        transport = RoutingTransport({("http", each): _http(url) for each, url in hosts.items()})
        run(fakes.job(source, transport, **job), database)

    return harvest


def _http(base_url: str) -> HttpTransport:
    return HttpTransport(base_url=base_url, headers={}, connections=10, user_agent="tests")


def _stable(tables: Tables) -> Tables:
    """Leave out when a document was fetched and when it expires."""
    return {name: [row[:2] for row in rows] if name.endswith("_doc") else rows for name, rows in tables.items()}


@pytest.mark.parametrize("name", ["anime", "rest"])
def test_sequential_parallel_interrupted_and_full_runs_give_the_same_tables(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    harvest: Harvest = request.getfixturevalue(name)

    harvest(tmp_path / "one.db", workers=1)
    harvest(tmp_path / "many.db", workers=8)
    for limit in (1, 3, 9):
        harvest(tmp_path / "cut.db", limit=limit)
    harvest(tmp_path / "cut.db")
    expected = _stable(contents(tmp_path / "one.db"))
    parallel, cut = (_stable(contents(tmp_path / each)) for each in ("many.db", "cut.db"))
    harvest(tmp_path / "one.db")
    harvest(tmp_path / "one.db", full=True)

    assert all(expected.values())
    assert parallel == cut == expected
    assert _stable(contents(tmp_path / "one.db")) == expected


def test_a_second_run_of_anime_asks_nothing(simulator: Running, anime: Harvest, tmp_path: Path) -> None:
    anime(tmp_path / "a.db")
    simulator.reset("anilist")
    simulator.reset("jikan")

    anime(tmp_path / "a.db")

    assert (simulator.stats("anilist")["requests"], simulator.stats("jikan")["requests"]) == (0, 0)
