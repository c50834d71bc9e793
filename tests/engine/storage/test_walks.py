"""The ends of walks on disk: the last one counts, and failed pages are read from the requests."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from engine.model.snapshot import State
from engine.model.source import Request
from engine.model.walk import NAMED, Completeness, WalkEnd
from engine.storage import frontier, runs, schema, walks

NOW = 1_700_000_000.0


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        yield connection


@pytest.fixture
def run(db: sqlite3.Connection) -> int:
    return runs.begin(db, "fake", "all", full=False, now=NOW).id


def end(walk: str, completeness: Completeness, part: str = "", reason: str = "it ended") -> WalkEnd:
    return WalkEnd(walk=walk, part=part, completeness=completeness, reason=reason, place="page 2")


def page(walk: str, number: int) -> Request:
    return Request(key=f"{walk} {number}", url="/", page=number, walk=walk, part="p")


def failing(db: sqlite3.Connection, run: int, request: Request, state: str = "failed") -> None:
    frontier.enqueue(db, run, [request])
    (claimed,) = frontier.claim(db, run, "core", 1, NOW)
    if state == "queued":
        frontier.requeue_unsent(db, [claimed.id])
        return
    frontier.mark_failed(db, claimed, 502, "502 Bad Gateway", NOW, "kind")
    db.execute("update request set state = ? where id = ?", (state, claimed.id))


def test_the_last_end_of_a_walk_counts_and_the_earlier_one_is_told(db: sqlite3.Connection, run: int) -> None:
    assert [before for _, before in walks.save(db, "fake", run, [end("a", Completeness.CUT)], NOW)] == [None]
    assert [before for _, before in walks.save(db, "fake", run, [end("a", Completeness.WHOLE)], NOW)] == [
        Completeness.CUT
    ]

    report = walks.of_run(db, "fake", run)

    assert (report.whole, report.cut, report.named) == (1, 0, ())


def test_the_ends_of_an_earlier_run_are_none_of_this_one(db: sqlite3.Connection, run: int) -> None:
    walks.save(db, "fake", run, [end("a", Completeness.CUT), end("b", Completeness.CUT)], NOW)
    runs.end(db, run, "done", "", NOW)
    second = runs.begin(db, "fake", "all", full=False, now=NOW).id

    assert [before for _, before in walks.save(db, "fake", second, [end("a", Completeness.WHOLE)], NOW)] == [None]
    assert walks.of_run(db, "fake", second).total == 1
    found, many = walks.cut(db, "fake", 10)
    assert ([one.walk for one in found], many) == (["b"], 1)


@pytest.mark.parametrize(
    ("state", "ended", "known"),
    [
        ("failed", None, Completeness.CUT),
        ("failed", State.STOPPED, Completeness.CUT),
        ("aside", State.DONE, Completeness.BOUNDED),
        ("queued", None, Completeness.WHOLE),
        ("queued", State.STOPPED, Completeness.BOUNDED),
        ("queued", State.FAILED, Completeness.CUT),
    ],
)
def test_a_page_that_did_not_land_decides_about_its_walk(
    db: sqlite3.Connection, run: int, state: str, ended: State | None, known: Completeness
) -> None:
    """Pages of one list may be asked for together, so the last page may land although another did not."""
    walks.save(db, "fake", run, [end("a", Completeness.WHOLE)], NOW)
    failing(db, run, page("a", 1), state)
    failing(db, run, Request(key="no walk", url="/"), state)

    report = walks.of_run(db, "fake", run, ended=ended)

    assert (report.worst, report.total) == (known, 1)
    assert bool(report.named) is (known is Completeness.CUT)


def test_two_failed_pages_cut_one_walk(db: sqlite3.Connection, run: int) -> None:
    failing(db, run, page("a", 1))
    failing(db, run, page("a", 2))

    report = walks.of_run(db, "fake", run)

    assert (report.cut, [one.walk for one in report.named]) == (1, ["a"])
    assert report.named[0].reason == "502 Bad Gateway"
    assert report.named[0].part == "p"


def test_a_retried_page_cuts_its_walk_no_more(db: sqlite3.Connection, run: int) -> None:
    walks.save(db, "fake", run, [end("a", Completeness.WHOLE)], NOW)
    failing(db, run, page("a", 1))
    frontier.retry(db, run)

    assert walks.of_run(db, "fake", run).worst is Completeness.WHOLE


def test_many_cut_walks_are_counted_and_some_of_them_named(db: sqlite3.Connection, run: int) -> None:
    walks.save(db, "fake", run, [end(f"walk {at}", Completeness.CUT) for at in range(NAMED + 5)], NOW)

    report = walks.of_run(db, "fake", run)

    assert (report.cut, len(report.named)) == (NAMED + 5, NAMED)


def test_the_report_of_a_part_names_its_worst_walk_first(db: sqlite3.Connection, run: int) -> None:
    ends = [
        end("a", Completeness.WHOLE, "p"), end("b", Completeness.UNCONFIRMED, "p"), end("c", Completeness.CUT, "p"),
        end("d", Completeness.WHOLE, "q"), end("e", Completeness.BOUNDED),
    ]  # fmt: skip
    walks.save(db, "fake", run, ends, NOW)
    walks.save(db, "other", run, [end("a", Completeness.CUT, "q")], NOW)

    found = walks.by_part(db, "fake")

    assert {part: str(report) for part, report in found.items()} == {
        "p": "1 of 3 walks cut, 1 end not confirmed",
        "q": "complete (1 walk)",
        "": "1 of 1 walk bounded",
    }
    assert [one.walk for one in found["p"].named] == ["c", "b"]


def test_what_an_api_sends_is_cleaned_before_it_is_shown(db: sqlite3.Connection, run: int) -> None:
    hostile = "\x1b[31m'); drop table run; --\n" + "x" * 1000
    walks.save(db, "fake", run, [end(hostile, Completeness.CUT, reason=hostile)], NOW)

    (named,) = walks.of_run(db, "fake", run).named

    assert not any(letter in f"{named}" for letter in "\x1b\n")
    assert len(named.reason) <= walks.LONGEST


def test_a_file_of_an_earlier_version_has_no_ends() -> None:
    with closing(sqlite3.connect(":memory:")) as old:
        assert walks.by_part(old, "fake") == {}
        assert walks.cut(old, "fake", 10) == ((), 0)
