"""Every source, wired as from the command line, over real sockets: the same tables whichever way it is harvested.

Git and yt-dlp are the real ones. What the simulator counts is what is asserted of a second run.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from engine.common.extras import YTDLP
from engine.config.settings import load_settings
from engine.model.capabilities import Estimator
from engine.model.snapshot import DeckState, State
from simulator.config import SimulatorConfig, quiet
from simulator.github.accounts import GitHubSizes
from simulator.gitlab.world import GitLabSizes
from simulator.pr0gramm.world import Pr0grammSizes
from simulator.rest.world import RestSizes
from simulator.testing import Running, running
from simulator.videos.world import VideoSizes
from tests.harvesting import PATIENCE, contents
from tests.test_docs import SHIPPED, declared
from tui.cli.subcommands.demo_channels import write_channels
from tui.wiring.builder import RunOptions, Wiring

SIZES = {
    "github": GitHubSizes(orgs=1, people=9, repos=6, pulls=12, issues=9, comments=9, review_comments=5, commits=9),
    "pr0gramm": Pr0grammSizes(items=60),
    "gitlab": GitLabSizes(groups=2, subgroups=1, projects=2, users=0, odd=False, endpoint_limits=False),
    "rest": RestSizes(users=20, posts=3, events=150),
    "videos": VideoSizes(channels=3, videos=20),
}


@dataclass(frozen=True)
class Case:
    """How a source is set up, what its look-alikes are called, and what a second run may cost."""

    settings: Callable[[Running, Path], Mapping[str, Any]]
    apis: tuple[str, ...]
    second: int
    """Requests of a second run that are answered with anything but 304, at most."""
    apart: tuple[str, ...] = ()
    """Columns that say when something was done, or what was done about it this time."""


def _github(simulator: Running, _: Path) -> Mapping[str, Any]:
    return {"base_url": simulator.base_url("github"), "orgs": ["aurora"], "year": 2025, "token_env": "TOKEN"}


def _pr0gramm(simulator: Running, _: Path) -> Mapping[str, Any]:
    return {"base_url": simulator.base_url("pr0gramm"), "requests_per_minute": 10_000}


def _gitlab(simulator: Running, folder: Path) -> Mapping[str, Any]:
    clones = {"clone": True, "target": str(folder / "clones"), "git_concurrency": 4}
    return {"base_url": simulator.base_url("gitlab"), "groups": [101, 103], "token_env": "TOKEN", **clones}


def _anime(simulator: Running, _: Path) -> Mapping[str, Any]:
    hosts = {"base_url": simulator.base_url("anilist"), "jikan_url": simulator.base_url("jikan")}
    return {**hosts, "ids": [1, 41], "rate": "1000/1s"}


def _rest(simulator: Running, _: Path) -> Mapping[str, Any]:
    lists = {"key": ["id"], "columns": {"id": "id:integer"}}
    since = {"param": "since", "item": "updated_at", "look_back": 0}
    paging = {"style": "link_header", "size_param": "per_page", "size": 50}
    return {
        "base_url": simulator.base_url("rest"),
        "endpoints": {
            "users": {"path": "/links/users", **lists, "paging": paging},
            "posts": {"path": "/users/{parent.id}/posts", "parent": "users", **lists, "paging": {"style": "none"}},
            "events": {"path": "/events", **lists, "paging": paging, "since": since},
        },
    }


def _videos(simulator: Running, folder: Path) -> Mapping[str, Any]:
    if not (folder / "channels").exists():
        write_channels(simulator.base_url("videos"), folder / "channels")
    return {"channels_dir": str(folder / "channels")}


CASES = {
    "github": Case(_github, ("github",), second=1, apart=("github_hygiene.day",)),
    "pr0gramm": Case(_pr0gramm, ("pr0gramm",), second=1),
    "gitlab": Case(_gitlab, ("gitlab",), second=4, apart=tuple(
        f"gitlab_clone.{name}" for name in ("updated_at", "note", "raw", "bytes")
    )),
    "anime": Case(_anime, ("anilist", "jikan"), second=0, apart=tuple(
        f"anime_provider_doc.{name}" for name in ("fetched_at", "expires_at")
    )),
    "rest": Case(_rest, ("rest",), second=1),
    "videos": Case(_videos, ("videos",), second=0),
}  # fmt: skip
every_source = pytest.mark.parametrize("name", CASES)


class Desk:
    """One person's folder and database for one source."""

    def __init__(self, name: str, simulator: Running, folder: Path) -> None:
        self.name = name
        self.case = CASES[name]
        self.simulator = simulator
        self.folder = folder
        folder.mkdir()

    def again(self, *, full: bool = False) -> DeckState:
        """Harvest once more, in another second than the run before: that is how sources tell runs apart."""
        second = int(time.time())
        while int(time.time()) == second:
            time.sleep(0.02)  # noqa: TID251 -- the fact that is waited for is the next second
        return self.run(full=full)

    def run(self, *, full: bool = False, **tuning: int) -> DeckState:
        """Harvest until it ends or a limit stops it; nothing may have failed."""
        settings = self.case.settings(self.simulator, self.folder)
        wiring = Wiring(
            settings=load_settings(
                self.folder / "none.toml",
                overrides=[
                    (("http", "total_timeout"), PATIENCE),
                    *((("sources", self.name, key), value) for key, value in settings.items()),
                ],
            ),
            registry=declared(),
            environ={"TOKEN": "t"},
            version="1",
            database=self.folder / "h.db",
            run_options=RunOptions(full=full, tuning=tuning),
        )
        engine = wiring.engine([self.name], lambda _: None)
        engine.start()
        assert engine.wait(PATIENCE), f"still running: {engine.snapshot().groups[0].reason}"
        deck = engine.snapshot()
        assert deck.groups[0].failed == 0, deck.failures
        return deck

    @property
    def tables(self) -> Mapping[str, list[tuple[Any, ...]]]:
        return contents(self.folder / "h.db", apart=self.case.apart)

    def counted(self) -> int:
        """Say how many answers of the look-alikes were anything but a 304."""
        seen = [self.simulator.stats(api) for api in self.case.apis]
        return sum(one["requests"] - one["unchanged"] for one in seen)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    config: SimulatorConfig = quiet()
    for name, sizes in SIZES.items():
        config = config.with_api(replace(config.api(name), sizes=sizes))
    with running(config) as server:
        yield server


@pytest.fixture
def desk(name: str, simulator: Running, tmp_path: Path) -> Callable[[str], Desk]:
    if name == "gitlab" and not shutil.which("git"):
        pytest.skip("git is not installed")
    if name == "videos" and not YTDLP.is_installed:
        pytest.skip("yt-dlp is not installed")
    return lambda folder: Desk(name, simulator, tmp_path / folder)


def test_no_source_is_left_out() -> None:
    assert set(CASES) == set(SHIPPED)


@every_source
def test_it_can_tell_what_a_run_costs(name: str, desk: Callable[[str], Desk]) -> None:
    made = declared().load(name)

    assert isinstance(made, type)
    assert issubclass(made, Estimator)


@every_source
def test_one_at_a_time_and_many_at_once_give_the_same_tables(name: str, desk: Callable[[str], Desk]) -> None:
    one, many = desk("one"), desk("many")

    one.run(workers=1)
    many.run(workers=8)

    assert all(one.tables.values())
    assert one.tables == many.tables


@every_source
def test_a_second_run_is_nearly_free_and_a_full_one_changes_nothing(name: str, desk: Callable[[str], Desk]) -> None:
    one = desk("one")
    first = one.run().groups[0].done
    tables, before = one.tables, one.counted()

    one.again()
    second = one.counted() - before
    after_second = one.tables
    full = one.again(full=True).groups[0].done

    assert second <= one.case.second < first
    assert after_second == tables
    assert full >= first - 1
    assert one.tables == tables


@every_source
def test_a_run_that_is_stopped_and_resumed_ends_as_one_that_was_not(name: str, desk: Callable[[str], Desk]) -> None:
    whole, cut = desk("whole"), desk("cut")
    before = whole.counted()
    asked = whole.run().groups[0].done
    served = whole.counted() - before

    pieces = [cut.run(limit=max(1, asked // 5))]
    while pieces[-1].state is not State.DONE:
        pieces.append(cut.run(limit=max(1, asked // 5)))

    assert len(pieces) > 1
    assert pieces[-1].groups[0].done == asked
    assert cut.counted() - before == 2 * served
    assert cut.tables == whole.tables
