"""Whole harvests of GitLab: the engine, the API and real git over HTTP, and the tree printed from the database."""

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.common.secret import Secret
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.credentials import Credentials
from engine.model.snapshot import DeckState, State
from engine.transport.git.transport import GitTransport
from engine.transport.http.transport import HttpTransport
from engine.transport.wrappers import RoutingTransport
from simulator.apis.gitlab import GitLabApi
from simulator.config import quiet
from simulator.gitlab.world import GitLabSizes
from simulator.testing import Running, running
from sources.gitlab.options import GitLabOptions
from sources.gitlab.source import GitLab
from tests.fixed_credentials import FixedCredentials
from tests.harvesting import PATIENCE, contents, rows
from tests.tui.command import fetchdeck
from tui.common.exit_codes import Exit, exit_code

TOKEN = "glpat-hunter2"


@pytest.fixture
def simulator() -> Iterator[Running]:
    """A world of its own for each test: they change it."""
    config = quiet(apis=["gitlab"])
    sizes = GitLabSizes(groups=2, subgroups=2, projects=6, users=1, megabytes=1, endpoint_limits=False)
    with running(config.with_api(replace(config.api("gitlab"), token=TOKEN, sizes=sizes))) as server:
        yield server


def harvest(simulator: Running, folder: Path, *, token: str = TOKEN, full: bool = False, **options: Any) -> DeckState:
    settings = {"base_url": simulator.base_url("gitlab"), "groups": ["anchor"], "git_concurrency": 2, **options}
    source = GitLab(msgspec.convert(settings, GitLabOptions))
    http = HttpTransport(
        base_url=source.base_url,
        headers=source.headers,
        credentials=FixedCredentials(Credentials(headers={"PRIVATE-TOKEN": Secret(token)})),
        connections=8,
        user_agent="fetchdeck-test",
        total_timeout=PATIENCE,
    )
    git = GitTransport(
        base_url=f"{simulator.url}/gitlab",
        root=folder / "mirror",
        secret=Secret(token),
        timeout=60,
        environ=os.environ,
    )
    routed = RoutingTransport({("http", "api"): http, ("git", "git"): git})
    engine = EngineThread(jobs=[Job(source=source, transport=routed, full=full)], database=folder / "h.db")
    engine.start()
    assert engine.wait(120), f"still running: {engine.snapshot().groups[0].reason}"
    return engine.snapshot()


def _world(simulator: Running, path: str) -> int:
    def find(api: GitLabApi) -> int:
        return next(one.id for one in api.world.projects.values() if one.path == path)

    return simulator.within("gitlab", find)


def test_a_tree_and_its_clones_land(simulator: Running, tmp_path: Path) -> None:
    missing = _world(simulator, "missing")

    deck = harvest(simulator, tmp_path, clone=True, target="mirror")

    states = dict(rows(tmp_path / "h.db", "select project_id, state from gitlab_clone"))
    group = deck.groups[0]
    assert deck.state is State.DONE
    assert (len(states), states.pop(missing), states.pop(_world(simulator, "empty"))) == (18, "missing", "empty")
    assert set(states.values()) == {"ok"}
    assert group.failed == 1
    assert exit_code(deck, interrupted=False) is Exit.FAILED
    assert {lane.resource for lane in group.lanes} == {"api", "git"}
    assert len(list((tmp_path / "mirror" / "anchor").rglob(".git"))) == 17


def test_a_second_run_is_nearly_free_and_the_same(simulator: Running, tmp_path: Path) -> None:
    simulator.within("gitlab", _nothing_is_missing)
    harvest(simulator, tmp_path, clone=True, target="mirror")
    before = contents(tmp_path / "h.db")
    asked = simulator.stats("gitlab")["routes"]["(backstage)"]

    deck = harvest(simulator, tmp_path, clone=True, target="mirror")

    assert simulator.stats("gitlab")["routes"]["(backstage)"] == asked
    assert contents(tmp_path / "h.db") == before
    assert deck.groups[0].avoided >= 17


def test_a_full_run_gives_the_same_rows(simulator: Running, tmp_path: Path) -> None:
    harvest(simulator, tmp_path)
    before = contents(tmp_path / "h.db")

    harvest(simulator, tmp_path, full=True)

    assert contents(tmp_path / "h.db") == before


def test_one_at_a_time_and_many_give_the_same_rows(simulator: Running, tmp_path: Path) -> None:
    for name, places in (("one", 1), ("many", 8)):
        (tmp_path / name).mkdir()
        harvest(simulator, tmp_path / name, instance=True, concurrency=places)

    assert contents(tmp_path / "one" / "h.db") == contents(tmp_path / "many" / "h.db")


def test_a_renamed_group_moves_its_clones_and_a_deleted_project_stays_on_disk(
    simulator: Running, tmp_path: Path
) -> None:
    simulator.within("gitlab", _nothing_is_missing)
    harvest(simulator, tmp_path, clone=True, target="mirror", groups=[101])
    (project_id, path), *_ = rows(
        tmp_path / "h.db",
        "select project_id, path from gitlab_clone where path like 'anchor/brisk-1/%' order by 1",
    )

    def change(api: GitLabApi) -> None:
        api.world.rename(api.world.groups[103], "renamed")
        del api.world.projects[2001]

    simulator.within("gitlab", change)
    harvest(simulator, tmp_path, clone=True, target="mirror", groups=[101])

    name = path.rpartition("/")[2]
    assert (tmp_path / "mirror/anchor/renamed" / name / "README.md").is_file()
    assert not (tmp_path / "mirror/anchor/brisk-1").exists()
    assert rows(tmp_path / "h.db", f"select path from gitlab_clone where project_id = {project_id}") == [
        (f"anchor/renamed/{name}",)
    ]
    assert rows(tmp_path / "h.db", "select gone from gitlab_project where id = 2001") == [(1,)]
    ((gone, state),) = rows(tmp_path / "h.db", "select path, state from gitlab_clone where project_id = 2001")
    assert state == "gone"
    assert (tmp_path / "mirror" / gone / "README.md").is_file()


def test_fail_fast_stops_at_the_first_failed_clone(simulator: Running, tmp_path: Path) -> None:
    deck = harvest(simulator, tmp_path, clone=True, target="mirror", fail_fast=True)

    assert deck.state is State.FAILED
    assert "fail_fast" in deck.groups[0].reason


def test_a_wrong_token_stops_the_source_and_stands_nowhere(simulator: Running, tmp_path: Path) -> None:
    deck = harvest(simulator, tmp_path, token="glpat-wrong", clone=True, target="mirror")

    assert deck.state is State.FAILED
    assert b"glpat-wrong" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_the_token_is_in_no_file_of_a_harvest_and_in_no_log(
    simulator: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    deck = harvest(simulator, tmp_path, clone=True, target="mirror")

    shown = [*(line.text for line in deck.log), *(each.message for each in deck.failures), caplog.text]
    assert not any(TOKEN in text for text in shown)

    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert TOKEN.encode() not in everything
    assert b"b2F1dGgyOmdscGF0LWh1bnRlcjI=" not in everything


def test_ten_groups_cost_no_more_than_31_requests_over_the_wire(tmp_path: Path) -> None:
    config = quiet(apis=["gitlab"])
    sizes = GitLabSizes(groups=10, subgroups=5, projects=20, odd=False)
    names = ["anchor", "beacon", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "inlet", "jasper"]
    with running(config.with_api(replace(config.api("gitlab"), sizes=sizes))) as simulator:
        harvest(simulator, tmp_path, groups=names)

        asked = sum(simulator.stats("gitlab")["routes"].values())

    assert asked <= 31
    assert rows(tmp_path / "h.db", "select count(*) from gitlab_project") == [(1200,)]
    assert rows(tmp_path / "h.db", "select count(*) from gitlab_grp") == [(60,)]


@pytest.mark.parametrize(("how", "begins"), [("tree", "anchor\n├── "), ("json", "[\n  {"), ("yaml", "- id: 101\n")])
def test_the_tree_is_printed_from_the_database(simulator: Running, tmp_path: Path, how: str, begins: str) -> None:
    harvest(simulator, tmp_path)

    ended = fetchdeck(tmp_path, "tree", "gitlab", "--db", "h.db", "--format", how)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(begins)


def test_without_a_harvest_there_is_no_tree(tmp_path: Path) -> None:
    ended = fetchdeck(tmp_path, "tree", "gitlab", "--db", "h.db")

    assert ended.returncode == 2
    assert "fetchdeck run gitlab" in ended.stderr


def _nothing_is_missing(api: GitLabApi) -> None:
    for project in api.world.projects.values():
        project.missing = False
