"""`fetchdeck plan`, run as a person runs it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.process import Process
from tests.tui.command import configure, fetchdeck, small_simulator
from tui.cli.subcommands.demo_channels import write_channels


@pytest.fixture(scope="module")
def simulator() -> Iterator[Process]:
    with small_simulator(repos=2) as process:
        yield process


@pytest.fixture
def everything(tmp_path: Path, simulator: Process) -> Path:
    """A home whose configuration has the other four sources."""
    bases = simulator.base_urls
    write_channels(bases["videos"], tmp_path / "channels")
    text = f"""
        database = "rows.db"
        [sources.anime]
        base_url = "{bases["anilist"]}"
        jikan_url = "{bases["jikan"]}"
        ids = [1, 21]
        rate = "1000/1s"
        [sources.gitlab]
        base_url = "{bases["gitlab"]}"
        groups = ["anchor", "beacon"]
        clone = true
        target = "mirror"
        [sources.rest]
        base_url = "{bases["rest"]}"
        [sources.rest.endpoints.users]
        path = "/pages/users"
        key = ["id"]
        [sources.rest.endpoints.posts]
        path = "/users/{{parent.id}}/posts"
        parent = "users"
        key = ["id"]
        paging = {{ style = "none" }}
        [sources.videos]
        channels_dir = "channels"
    """
    (tmp_path / "c.toml").write_text(text)
    return tmp_path


@pytest.fixture
def home(tmp_path: Path, simulator: Process) -> Path:
    return configure(tmp_path, simulator, "requests_per_minute = 100000")


def test_a_plan_harvests_nothing_and_names_each_budget(home: Path) -> None:
    ended = fetchdeck(home, "plan", "--config", "c.toml", GITHUB_TOKEN="t")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "core     11 or more requests" in ended.stdout
    assert "graphql  3 or more requests" in ended.stdout
    assert "asked    1 for this estimate" in ended.stdout
    assert not (home / "rows.db").exists()


def test_spacing_makes_a_plan_take_longer(home: Path) -> None:
    ended = fetchdeck(home, "plan", "github", "--config", "c.toml", "--set", "github.spacing=30", GITHUB_TOKEN="t")

    assert "1 per 30 s" in ended.stdout
    assert "11 or more requests, 5m or more" in ended.stdout


def test_a_plan_after_a_harvest_is_nearly_nothing(home: Path) -> None:
    harvested = fetchdeck(home, "run", "--headless", "--config", "c.toml", GITHUB_TOKEN="t")
    assert harvested.returncode == 0, harvested.stderr

    plan = json.loads(fetchdeck(home, "plan", "--json", "--config", "c.toml", GITHUB_TOKEN="t").stdout)

    low = {name: sum(cost["requests_low"] for cost in one["costs"]) for name, one in plan.items()}
    assert low == {"github": 1, "pr0gramm": 1}
    assert all(cost["naive_requests"] > cost["requests_low"] for cost in plan["github"]["costs"])
    full = json.loads(fetchdeck(home, "plan", "--json", "--full", "pr0gramm", "--config", "c.toml").stdout)
    assert full["pr0gramm"]["costs"][0]["requests_low"] > 50


def test_every_source_tells_and_none_is_harvested(everything: Path) -> None:
    ended = fetchdeck(everything, "plan", "--config", "c.toml")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "cannot tell" not in ended.stdout
    assert "anilist  2 to 16 requests" in ended.stdout
    assert "api      4 to 6 requests" in ended.stdout
    assert "git      48 requests, time unknown" in ended.stdout
    assert "posts: for each of 80 or more items of users: one page" in ended.stdout
    assert "4 of 4 channels surely" in ended.stdout
    assert not (everything / "rows.db").exists()


def test_what_a_harvest_asked_for_lies_within_its_plan(everything: Path) -> None:
    chosen = ("anime", "gitlab", "rest")
    plan = json.loads(fetchdeck(everything, "plan", "--json", *chosen, "--config", "c.toml").stdout)
    ran = fetchdeck(everything, "run", "--headless", "--json", *chosen, "--config", "c.toml")
    again = json.loads(fetchdeck(everything, "plan", "--json", *chosen, "--config", "c.toml").stdout)

    requests = {name: source["requests"] for name, source in json.loads(ran.stdout)["sources"].items()}
    for name in ("anime", "rest"):
        low, high = (sum(cost[f"requests_{end}"] for cost in plan[name]["costs"]) for end in ("low", "high"))
        assert low <= requests[name] <= high
    assert plan["gitlab"]["asked"] == 4
    assert again["gitlab"]["asked"] == again["anime"]["asked"] == 0
    assert sum(cost["requests_high"] for cost in again["anime"]["costs"]) == 0
    assert again["gitlab"]["costs"][1]["requests_low"] == 1


def test_a_run_that_was_stopped_is_told_of(home: Path) -> None:
    stopped = fetchdeck(home, "run", "--headless", "pr0gramm", "--limit", "3", "--config", "c.toml")

    ended = fetchdeck(home, "plan", "pr0gramm", "--config", "c.toml")

    assert stopped.returncode == 3
    assert "of the unfinished run, which the next one goes on with" in ended.stdout


def test_an_api_that_does_not_answer_leaves_what_is_remembered(home: Path) -> None:
    setting = "pr0gramm.base_url=http://127.0.0.1:9/api"

    ended = fetchdeck(home, "plan", "pr0gramm", "--config", "c.toml", "--set", setting)

    assert ended.returncode == 0
    assert "the estimate goes by what is remembered" in ended.stdout
    assert "or more requests" in ended.stdout


def test_a_database_of_another_program_is_one_line(home: Path) -> None:
    (home / "rows.db").write_bytes(b"no database at all, but long enough to look like one" * 50)

    ended = fetchdeck(home, "plan", "pr0gramm", "--config", "c.toml")

    assert ended.returncode == 2
    assert "cannot read the database" in ended.stderr
