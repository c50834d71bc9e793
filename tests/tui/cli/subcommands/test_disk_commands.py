"""`coverage`, `changes`, `errors` and `run --fill`: what is said of a database, and what little changes it."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.model.snapshot import Attempt
from engine.model.source import Column, Record, Request, Table
from engine.storage import change_feed, failures, frontier, runs, source_tables
from engine.storage.failed_requests import quarantined
from engine.storage.failures import FailureRecord, fingerprint, note_attempt
from engine.storage.opening import connect
from tests.tui.fakes import FakeLastSeen
from tui.__main__ import main
from tui.cli.subcommands import changes, coverage, errors
from tui.screens.changes.last_seen import LastVisit

ITEM = Table("item", (Column("id", "integer"), Column("promoted", "integer"), Column("image")), ("id",))
CONFIG = '[sources.pr0gramm]\nbase_url = "http://127.0.0.1:1/api"\n'
STREAM = "127.0.0.1:1/api flags=1 details=1"
Run = Callable[..., int]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Make a database with items, a covered range and two requests that failed."""
    file = tmp_path / "rows.db"
    with closing(connect(file)) as db:
        source_tables.create(db, "pr0gramm", [ITEM])
        run = runs.begin(db, "pr0gramm", "all", full=False, now=1000.0)
        change_feed.watch(db, "pr0gramm", [ITEM], run.id)
        writer = source_tables.Writer("pr0gramm", [ITEM])
        for image in ("a", "b\x1b[31m"):
            before = change_feed.mark(db)
            rows = [Record(table="item", data={"id": 5, "image": image}, raw=b"{}")]
            writer.write(db, rows, 1000.0)
            change_feed.tally(db, before)
        db.execute("insert into coverage values('pr0gramm', ?, 5, 90)", (STREAM,))
        requests = [Request(key=f"info {n}", url="/items/info", context={"kind": "info", "item": n}) for n in (7, 8)]
        frontier.enqueue(db, run.id, requests)
        for claimed in frontier.claim(db, run.id, "core", 2, 2000.0):
            failed = FailureRecord(kind="502", message="502 Bad Gateway", what="GET /items/info", status=502)
            frontier.mark_failed(
                db, claimed, 502, failed.message, 2000.0, fingerprint("pr0gramm", failed.kind, failed.message)
            )
            failures.count(db, "pr0gramm", failed, 2000.0)
            failures.keep_head(db, claimed.id, "502 Bad Gateway\nserver: nginx")
            for outcome, at, wait in (("retry", 1990.0, 4.0), ("failed", 2000.0, None)):
                tried = Attempt(at=at, outcome=outcome, status=502, reason="502 Bad\x1b[31m Gateway", wait=wait)
                note_attempt(db, claimed.id, tried)
    return file


@pytest.fixture
def run(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "c.toml").write_text(CONFIG)
    return lambda *words: main([*words, "--config", str(tmp_path / "c.toml"), "--db", str(database)])


def test_coverage_lists_parts_with_their_state_and_sums_them_up(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("coverage", "pr0gramm") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "pr0gramm  1 stale, 1 failed, 1 missing"
    assert "  failed                1  -                 5-90       2 requests failed: 502 Bad Gateway" in lines


def test_coverage_of_one_state_as_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("coverage", "--state", "missing", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert [(one["key"], one["fillable"]) for one in found["pr0gramm"]] == [("1-4", True)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fill", "5-91"], 'pr0gramm has no part "5-91": did you mean "5-90"?'),
        (["--fill", "complete"], "nothing is to be filled of complete"),
    ],
)
def test_what_cannot_be_filled_is_told_before_a_start(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run("run", "pr0gramm", "--headless", *words) == 2

    assert said in capsys.readouterr().err


def test_changes_are_listed_once_and_then_are_looked_at(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("changes", "--keep") == 0
    first = capsys.readouterr().out
    assert run("changes") == 0
    assert capsys.readouterr().out == first
    assert run("changes") == 0
    after = capsys.readouterr().out

    assert first.startswith("since the first run: 1 new, 1 changed\n")
    assert "changed  pr0gramm item 5: image a → b␛[31m" in first
    assert "nothing changed" in after


def test_changes_as_json_and_since_a_moment(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("changes", "pr0gramm", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert run("changes", "--since", "2h", "--json") == 0
    recent = json.loads(capsys.readouterr().out)

    assert found["since"] is None
    assert [(one["kind"], one["count"]) for one in found["counts"]] == [("changed", 1), ("new", 1)]
    assert found["changes"][0]["what"] == [{"column": "image", "old": "a", "new": "b␛[31m"}]
    assert recent["changes"] == recent["counts"] == []


def test_more_rows_than_are_wanted_are_counted(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("changes", "--rows", "1") == 0

    assert capsys.readouterr().out.splitlines()[-1] == "1 more are listed with --rows 2"


def test_a_moment_is_a_day_a_time_or_a_span() -> None:
    assert changes.moment("2h", 10_000.0) == 2800.0
    assert changes.moment("1970-01-02", 0.0) == 86_400.0
    assert changes.moment("1970-01-01T01:00+01:00", 0.0) == 0.0
    with pytest.raises(UsageError, match=r'--since "soon": want last, a day'):
        changes.moment("soon", 0.0)


def test_what_came_since_a_look_is_what_was_not_there(database: Path) -> None:
    visit = LastVisit(at=5.0, number=1, counts={"pr0gramm item new": 1})

    found = changes.news(database, [], "last", FakeLastSeen(visit))

    assert (found.since, [one.kind for one in found.rows]) == (5.0, ["changed"])
    assert [one.kind for one in found.tallies] == ["changed"]


def test_errors_are_listed_by_kind_and_one_by_one_with_their_heads(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("errors", "--requests") == 0

    text = capsys.readouterr().out
    assert "pr0gramm  2 x 502: 502 Bad Gateway" in text
    assert text.count("server: nginx") == 2
    assert text.count("tried 1970-01-01 00:33:10 sent again after 4s: 502 Bad␛[31m Gateway") == 2
    assert text.count("tried 1970-01-01 00:33:20 given up: 502 Bad␛[31m Gateway") == 2


def test_errors_as_json_hold_all_of_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("errors", "pr0gramm", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["kinds"][0]["count"], len(found["requests"]), found["quarantine"]) == (2, 2, [])
    assert found["requests"][0]["head"] == ["502 Bad Gateway", "server: nginx"]
    assert found["requests"][0]["history"] == [
        {"at": 1990.0, "outcome": "retry", "status": 502, "reason": "502 Bad␛[31m Gateway", "wait": 4.0},
        {"at": 2000.0, "outcome": "failed", "status": 502, "reason": "502 Bad␛[31m Gateway", "wait": None},
    ]


def test_requests_are_set_aside_and_released_by_number_by_kind_and_all(
    run: Run, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = errors.read(database, [], requests=True).kinds[0].fingerprint
    assert run("errors", "pr0gramm", "--quarantine", "1") == 0
    assert [one.id for one in quarantined(database)] == [1]
    assert errors.read(database, [], requests=False).kinds[0].count == 1
    assert run("errors", "pr0gramm", "--quarantine", kind) == 0
    assert run("errors") == 0
    assert "in quarantine: 2" in capsys.readouterr().out

    assert run("errors", "pr0gramm", "--release", "1") == 0
    assert run("errors", "pr0gramm", "--release", "all") == 0

    assert quarantined(database) == []
    assert errors.read(database, [], requests=False).kinds[0].count == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["errors", "--quarantine", "1"], "name the one source"),
        (["errors", "pr0gramm", "--quarantine", "99"], 'no such request "99"'),
        (["errors", "pr0gramm", "--release", "x"], 'no such request "x"'),
    ],
)
def test_what_is_not_there_is_not_set_aside(
    run: Run, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(*words) == 2

    assert said in capsys.readouterr().err


def test_a_database_that_is_not_there_has_no_errors_and_nothing_to_set_aside(tmp_path: Path) -> None:
    none = tmp_path / "none.db"

    assert errors.read(none, [], requests=True).kinds == ()
    with pytest.raises(UsageError, match="nothing was harvested yet"):
        errors.change(none, ["pr0gramm"], "1", None)


def test_a_part_without_rows_or_age_says_so_and_sources_without_parts_too() -> None:
    assert list(coverage.text("x", ())) == ["x  no parts"]


def test_the_database_of_an_older_fetchdeck_has_no_changes(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute("drop table change")
        db.commit()

    assert not changes.news(database, [], "last", FakeLastSeen()).rows
