"""What an earlier version left on a disk is opened, gone on with and exported; see fixtures/earlier/README.md."""

import json
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator.common.settings import Budget, Limits
from simulator.config import quiet
from simulator.github.accounts import GitHubSizes
from simulator.pr0gramm.world import Pr0grammSizes
from simulator.testing import Running, running
from tests.harvesting import contents, rows
from tui.__main__ import main

EARLIER = Path(__file__).parent / "fixtures" / "earlier"
ADDRESS = "127.0.0.1:18474"
"""Where the simulator was when the database was made."""
ADDRESSES = (
    ("run", "scope"),
    ("cursor", "name"),
    ("coverage", "scope"),
    ("budget", "domain"),
    ("learned", "domain"),
)
GITHUB = GitHubSizes(orgs=1, people=6, repos=3, pulls=2, issues=2, comments=1, review_comments=1, commits=2, spread=0.0)
PR0GRAMM = Pr0grammSizes(items=46, comments=1.0, tags=1.0)
KEYS = (
    "select id from pr0gramm_item order by 1",
    "select id, item_id from pr0gramm_comment order by 1",
    "select item_id, tag_id from pr0gramm_item_tag order by 1, 2",
)
LOST = {"failed": 2, "aside": 1}
"""What the unfinished run cannot do alone, by state."""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    config = quiet(apis=["github", "pr0gramm"])
    for name, sizes in (("github", GITHUB), ("pr0gramm", PR0GRAMM)):
        limits = Limits(budget=Budget(requests=100_000, per=3600))
        config = config.with_api(replace(config.api(name), sizes=sizes, limits=limits))
    with running(config) as simulator:
        yield simulator


@pytest.fixture
def simulator(server: Running) -> Running:
    for api in ("github", "pr0gramm"):
        server.reset(api)
    return server


@pytest.fixture
def database(simulator: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy whose harvests were made where the simulator is now, beside their configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EARLIER_TOKEN", "t")
    monkeypatch.chdir(tmp_path)
    shutil.copy(EARLIER / "harvest.sqlite", tmp_path / "rows.db")
    here = simulator.url.removeprefix("http://")
    with closing(sqlite3.connect(tmp_path / "rows.db")) as db, db:
        for table, column in ADDRESSES:
            db.execute(f"update {table} set {column} = replace({column}, ?, ?)", (ADDRESS, here))
    (tmp_path / "config.toml").write_text(f"""
        [sources.github]
        base_url = "{simulator.base_url("github")}"
        orgs = ["aurora"]
        year = 2025
        token_env = "EARLIER_TOKEN"
        [sources.pr0gramm]
        base_url = "{simulator.base_url("pr0gramm")}"
        requests_per_minute = 6000
        concurrency = 2
        flags = 31
    """)
    return tmp_path / "rows.db"


def fetchdeck(*arguments: str, database: Path) -> int:
    return main([*arguments, "--trust", "--config", "config.toml", "--db", str(database)])


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_what_was_kept_is_told(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetchdeck("errors", "--json", "--requests", database=database) == 0
    errors = said(capsys)
    assert fetchdeck("changes", "--keep", "--json", database=database) == 0
    changes = said(capsys)
    assert fetchdeck("coverage", "--json", database=database) == 0
    coverage = said(capsys)
    assert fetchdeck("sources", database=database) == 0
    sources = capsys.readouterr().out

    assert [(kind["source"], kind["kind"], kind["count"]) for kind in errors["kinds"]] == [("pr0gramm", "500", 2)]
    assert {one["history"][0]["outcome"] for one in errors["requests"]} == {"failed"}
    counts = {(one["source"], one["table"], one["kind"]): one["count"] for one in changes["counts"]}
    assert counts["github", "repo", "changed"] == 2
    assert counts["pr0gramm", "item", "new"] == 46
    assert {part["state"] for part in coverage["github"]} <= {"complete", "stale"}  # as time goes by
    assert "24 requests to go on with" in sources


def test_an_unfinished_run_is_gone_on_with_to_its_end(simulator: Running, database: Path) -> None:
    before = contents(database)
    unfinished = "select state, count(*) from request where run_id = 4 and state != 'done' group by 1"
    assert dict(rows(database, unfinished)) == {"queued": 8, "claimed": 16, **LOST}

    fetchdeck("run", "pr0gramm", "--headless", database=database)

    assert rows(database, "select id, state from run where id >= 4") == [(4, "done")]
    assert dict(rows(database, unfinished)) == LOST
    assert simulator.stats("pr0gramm")["requests"] == 24
    assert rows(database, "select count(*) from decision where id <= 2") == [(2,)]
    after = contents(database)
    assert {name: after[name] for name in after if name.startswith("github_")} == {
        name: before[name] for name in before if name.startswith("github_")
    }


def test_after_what_failed_is_tried_again_all_rows_of_a_new_harvest_are_there(
    simulator: Running, database: Path, tmp_path: Path
) -> None:
    assert fetchdeck("errors", "pr0gramm", "--release", "all", database=database) == 0

    assert fetchdeck("run", "pr0gramm", "--headless", "--retry-failed", database=database) == 0
    simulator.reset("pr0gramm")
    assert fetchdeck("run", "pr0gramm", "--headless", database=tmp_path / "new.db") == 0

    assert rows(database, "select count(*) from request where state != 'done'") == [(0,)]
    for query in KEYS:
        assert rows(database, query) == rows(tmp_path / "new.db", query)


def test_a_source_that_was_done_asks_for_what_is_new_alone(simulator: Running, database: Path) -> None:
    before = contents(database)

    assert fetchdeck("run", "github", "--headless", database=database) == 0

    assert simulator.stats("github")["requests"] < 14  # so many took the first run of the version before
    assert rows(database, "select state from run where id = 5") == [("done",)]
    after = contents(database)
    assert {name: len(stored) for name, stored in after.items()} == {name: len(one) for name, one in before.items()}


def test_every_table_is_exported(database: Path, tmp_path: Path) -> None:
    assert fetchdeck("export", "all", "--raw", "--out", str(tmp_path / "out"), database=database) == 0

    exported = {file.stem: len(file.read_text().splitlines()) for file in (tmp_path / "out").iterdir()}
    assert exported == {name: len(stored) for name, stored in contents(database).items()}


@pytest.mark.parametrize("name", ["config.toml", "config-others.toml"])
def test_a_configuration_is_read_with_all_its_keys(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parts of every source are made from its options, which refuse a key or a value they do not know."""
    monkeypatch.setenv("HOME", str(tmp_path))
    file = shutil.copy(EARLIER / name, tmp_path)

    assert main(["coverage", "--json", "--trust", "--config", str(file)]) == 0

    sources = tomllib.loads((EARLIER / name).read_text())["sources"]
    assert said(capsys).keys() == sources.keys()


def test_the_persons_keys_and_theme_are_still_known(
    simulator: Running, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(EARLIER / "config.toml", database.parent)
    here = f"pr0gramm.base_url={simulator.base_url('pr0gramm')}"

    assert fetchdeck("check", "pr0gramm", "--set", here, database=database) == 0

    checked = capsys.readouterr().out
    assert "✓ keys: 2 of your own" in checked
    assert "✗" not in checked
