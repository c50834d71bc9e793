"""`fetchdeck plan`, run as a person runs it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.process import Process
from tests.tui.command import configure, fetchdeck, small_simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Process]:
    with small_simulator(repos=2) as process:
        yield process


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


def test_a_plan_after_a_harvest_is_nearly_nothing(home: Path) -> None:
    harvested = fetchdeck(home, "run", "--headless", "--config", "c.toml", GITHUB_TOKEN="t")
    assert harvested.returncode == 0, harvested.stderr

    plan = json.loads(fetchdeck(home, "plan", "--json", "--config", "c.toml", GITHUB_TOKEN="t").stdout)

    low = {name: sum(cost["requests_low"] for cost in one["costs"]) for name, one in plan.items()}
    assert low == {"github": 1, "pr0gramm": 1}
    assert all(cost["naive_requests"] > cost["requests_low"] for cost in plan["github"]["costs"])
    full = json.loads(fetchdeck(home, "plan", "--json", "--full", "pr0gramm", "--config", "c.toml").stdout)
    assert full["pr0gramm"]["costs"][0]["requests_low"] > 50


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
