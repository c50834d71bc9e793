"""The commands, run as a person runs them."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulator.process import Process
from tests.tui.command import configure, environment, fetchdeck, launch, small_simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Process]:
    with small_simulator(repos=1) as process:
        yield process


@pytest.fixture
def home(tmp_path: Path, simulator: Process) -> Path:
    return configure(tmp_path, simulator, 'rate = "100000/1s"\nconcurrency = 16')


def test_the_version_is_printed(tmp_path: Path) -> None:
    ended = launch(tmp_path, "--version")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("fetchdeck ")


def test_sources_are_listed_with_token_limits_and_tables(tmp_path: Path) -> None:
    ended = fetchdeck(tmp_path, "sources", GITHUB_TOKEN="s3cret")

    assert ended.returncode == 0
    assert "token     token from GITHUB_TOKEN" in ended.stdout
    assert "tables    github_repo, github_pull" in ended.stdout
    assert "last run  never" in ended.stdout
    assert "s3cret" not in ended.stdout


def test_sources_are_listed_as_json(tmp_path: Path) -> None:
    listing = json.loads(fetchdeck(tmp_path, "sources", "--json").stdout)

    assert {"github", "pr0gramm"} <= listing.keys()
    assert listing["pr0gramm"]["tables"][0] == "pr0gramm_item"


def test_check_says_what_is_well(home: Path) -> None:
    ended = fetchdeck(home, "check", "--config", "c.toml")

    lines = ended.stdout.splitlines()
    assert ended.returncode == 0, ended
    assert lines[0] == "✓ configuration: ~/c.toml"
    assert lines[1] == "✓ database: ~/rows.db (made by the first harvest)"
    assert any(line.startswith("✓ github: http://127.0.0.1:") and " answers (" in line for line in lines)
    assert not (home / "rows.db").exists()


def test_check_says_what_is_wrong_and_goes_on(home: Path) -> None:
    (home / "rows.db").write_text("no database at all, but long enough to be looked at as if it were one")
    overrides = ("--set", "github.base_url=http://127.0.0.1:1", "--set", "pr0gramm.flags=99")

    ended = fetchdeck(home, "check", "--config", "c.toml", *overrides)

    wrong = [line for line in ended.stdout.splitlines() if line.startswith("✗")]
    assert ended.returncode == 2
    assert [line.split(":")[0] for line in wrong] == ["✗ database", "✗ github", "✗ pr0gramm"]
    assert "cannot be reached" in wrong[1]
    assert "got 99, want a whole number from 1 to 31" in wrong[2]


def test_check_without_a_configured_source_says_so_and_asks_nobody(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[screen]\nhz = 2\n")

    ended = fetchdeck(tmp_path, "check", "--config", "c.toml", "--db", "rows.db")

    assert ended.returncode == 0, ended
    assert ended.stdout.splitlines()[2:] == [
        "– sources: none is configured, so nobody was asked: `fetchdeck init` writes a configuration, or name a source"
    ]


def test_check_of_a_broken_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("theme = \n")

    ended = fetchdeck(tmp_path, "check", "--config", "c.toml")

    assert ended.returncode == 2
    said = "line 1, column 9, at theme: invalid value; a text stands in quotes, a list in brackets"
    assert ended.stdout.splitlines() == [f"✗ configuration: ~/c.toml: {said}"]


def test_a_harvest_runs_to_its_end_and_sums_up(home: Path) -> None:
    ended = launch(home, "run", "--config", "c.toml", "--json")

    summary = json.loads(ended.stdout)
    assert ended.returncode == summary["exit_code"] == 0, ended
    assert summary["state"] == "done"
    assert summary["database"] == str(home / "rows.db")
    assert summary["sources"].keys() == {"github", "pr0gramm"}
    assert summary["sources"]["pr0gramm"]["rows"]["pr0gramm_item"] > 0
    assert "simulator" not in summary
    assert "\x1b" not in ended.stderr
    assert "    Finished pr0gramm  " in ended.stderr
    with closing(sqlite3.connect(home / "rows.db")) as db:
        count = db.execute("select count(*) from github_repo").fetchone()[0]
    assert count == summary["sources"]["github"]["rows"]["github_repo"] > 0


def test_a_limit_ends_with_code_3_and_the_next_run_resumes(home: Path) -> None:
    first = fetchdeck(home, "run", "pr0gramm", "--config", "c.toml", "--limit", "5", "--json")
    second = fetchdeck(home, "run", "pr0gramm", "--config", "c.toml", "--json")

    assert first.returncode == 3, first
    assert json.loads(first.stdout)["sources"]["pr0gramm"]["requests"] >= 5
    assert second.returncode == 0, second
    assert "     Started pr0gramm  resumed, " in second.stderr


def test_quiet_says_nothing_when_all_is_well(home: Path) -> None:
    ended = fetchdeck(home, "run", "pr0gramm", "--config", "c.toml", "--limit", "2", "-q")

    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", "")


def test_a_source_that_fails_ends_with_code_1(home: Path) -> None:
    ended = fetchdeck(home, "run", "github", "--config", "c.toml", "--set", 'github.orgs=["nobody"]', "--json")

    summary = json.loads(ended.stdout)
    assert ended.returncode == 1, ended
    assert summary["sources"]["github"]["failed"] == 1 or summary["sources"]["github"]["state"] == "failed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_gracefully_with_its_code(home: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "run", "pr0gramm", "--config", "c.toml", "--set", "pr0gramm.rate=1/1h", "--json"],
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert "Started" in process.stderr.readline()

        process.send_signal(number)
        out, said = process.communicate(timeout=60)

    assert process.returncode == 128 + number, said
    assert "Stopping" in said
    assert json.loads(out)["exit_code"] == 128 + number


# Two ways to end it: in three seconds a busy machine may not reach every source, and twelve requests for a source are
# fewer than a quiet machine makes in three seconds.
@pytest.mark.parametrize("until", [("--for", "3s"), ("--limit", "12")], ids=["seconds", "requests"])
def test_a_demo_leaves_a_database_and_counts_no_violations(tmp_path: Path, until: tuple[str, str]) -> None:
    ended = launch(tmp_path, "demo", "--headless", *until, "--json", "--db", "demo.db")

    summary = json.loads(ended.stdout)
    assert ended.returncode == 3, ended
    assert summary["database"] == str(tmp_path / "demo.db")
    assert {name: api["violations"] for name, api in summary["simulator"].items() if api["violations"]} == {}
    assert until[0] == "--for" or all(source["written"] for source in summary["sources"].values())
    assert "sqlite3 " in ended.stderr


def test_a_demo_sends_no_real_token_and_reads_no_configuration(tmp_path: Path) -> None:
    (tmp_path / ".config" / "fetchdeck").mkdir(parents=True)
    (tmp_path / ".config" / "fetchdeck" / "config.toml").write_text("broken")

    ended = launch(tmp_path, "demo", "--for", "1s", "--json", GITHUB_TOKEN="not a token")

    assert ended.returncode == 3, ended


def test_a_reader_that_goes_away_is_no_crash(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "sources"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()

    assert said == ""


def test_check_says_whether_the_keys_can_be_used(tmp_path: Path) -> None:
    wrong = fetchdeck(
        tmp_path, "check", "--set", "keys.pause=l", "pr0gramm", "--set", "pr0gramm.base_url=http://127.0.0.1:9"
    )
    right = fetchdeck(
        tmp_path, "check", "--set", "keys.pause=o", "pr0gramm", "--set", "pr0gramm.base_url=http://127.0.0.1:9"
    )

    assert "keys: --set keys.pause: l means log already" in wrong.stdout
    assert wrong.returncode == 2
    assert "keys: 1 of your own" in right.stdout
