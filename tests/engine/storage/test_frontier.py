import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.source import Request
from engine.storage import frontier, runs, schema

PLAIN = Request(key="a", url="/a")
FULL = Request(
    key="b",
    url="/b",
    params={"page": 2, "q": "x"},
    method="POST",
    json={"query": "{a}"},
    resource="graphql",
    cost=2.5,
    route="POST /b",
    context={"repo": 7, "deep": [1, {"x": None}]},
    priority=-1,
    conditional=True,
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        connection.execute(
            "insert into run(id, source, scope, full, state, started_at) values(1, 's', '', 0, 'running', 0)"
        )
        yield connection


def keys(claimed: list[frontier.Claimed]) -> list[str]:
    return [one.request.key for one in claimed]


@pytest.mark.parametrize("request_", [PLAIN, FULL])
def test_a_request_comes_back_as_it_was_stored(request_: Request) -> None:
    assert frontier.unpack(frontier.pack(request_)) == request_


@given(st.text(), st.text(), st.dictionaries(st.text(), st.integers(-(2**53), 2**53) | st.text()))
def test_any_text_survives_the_disk(key: str, url: str, params: dict[str, str | int]) -> None:
    request = Request(key=key, url=url, params=params)

    assert frontier.unpack(frontier.pack(request)) == request


def test_a_known_key_is_not_added_again(db: sqlite3.Connection) -> None:
    assert frontier.enqueue(db, 1, [PLAIN, FULL]) == 2
    assert frontier.enqueue(db, 1, [PLAIN]) == 0
    assert frontier.enqueue(db, 1, []) == 0


def test_requests_are_claimed_by_priority_and_then_by_age(db: sqlite3.Connection) -> None:
    for key, priority in (("late", 5), ("old", 0), ("new", 0), ("first", -1)):
        frontier.enqueue(db, 1, [Request(key=key, url="/", priority=priority)])

    assert keys(frontier.claim(db, 1, "core", 10, now=0)) == ["first", "old", "new", "late"]


def test_a_claimed_request_is_not_claimed_again(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [PLAIN])
    frontier.claim(db, 1, "core", 10, now=0)

    assert frontier.claim(db, 1, "core", 10, now=0) == []
    assert frontier.counts(db, 1) == frontier.Counts(claimed=1)


def test_a_lane_claims_its_own_requests(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [PLAIN, FULL])

    assert keys(frontier.claim(db, 1, "graphql", 10, now=0)) == ["b"]


def test_a_request_put_back_waits_for_its_time(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [PLAIN])
    (claimed,) = frontier.claim(db, 1, "core", 1, now=0)

    frontier.put_back(db, replace(claimed, attempt=2), 100.0, "503")

    assert frontier.claim(db, 1, "core", 1, now=99) == []
    assert frontier.next_due(db, 1, "core") == 100.0
    (again,) = frontier.claim(db, 1, "core", 1, now=100)
    assert again.attempt == 2


def test_nothing_is_due_in_an_empty_lane(db: sqlite3.Connection) -> None:
    assert frontier.next_due(db, 1, "core") is None


def test_what_a_dead_process_had_claimed_is_queued_again(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [PLAIN, FULL])
    frontier.claim(db, 1, "core", 1, now=0)

    assert sum(frontier.recover(db, 1).values()) == 1
    assert frontier.counts(db, 1) == frontier.Counts(queued=2)


def test_a_done_request_keeps_its_key_and_lets_go_of_the_rest(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [PLAIN])
    (claimed,) = frontier.claim(db, 1, "core", 1, now=0)

    frontier.mark_done(db, claimed.id, 200, 5.0)

    assert db.execute("select key, state, status, ended_at, spec from request").fetchall() == [
        ("a", "done", 200, 5, "")
    ]
    assert frontier.enqueue(db, 1, [PLAIN]) == 0


def test_claims_that_were_never_sent_are_released(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [PLAIN])
    (claimed,) = frontier.claim(db, 1, "core", 1, now=0)

    frontier.requeue_unsent(db, [claimed.id])

    assert frontier.counts(db, 1) == frontier.Counts(queued=1)


def test_a_run_of_another_scope_is_left_as_it_is(db: sqlite3.Connection) -> None:
    first = runs.begin(db, "github", "2024", full=False, now=1.0)
    frontier.enqueue(db, first.id, [PLAIN])

    second = runs.begin(db, "github", "2025", full=False, now=2.0)
    again = runs.begin(db, "github", "2024", full=False, now=3.0)

    assert (second.resumed, second.counts) == (False, frontier.Counts())
    assert (again.id, again.resumed, again.started_at, again.counts.queued) == (first.id, True, 1.0, 1)


def test_a_full_run_takes_the_place_of_an_unfinished_one(db: sqlite3.Connection) -> None:
    first = runs.begin(db, "github", "x", full=False, now=1.0)
    frontier.enqueue(db, first.id, [PLAIN])

    full = runs.begin(db, "github", "x", full=True, now=2.0)
    resumed = runs.begin(db, "github", "x", full=False, now=3.0)

    assert (full.resumed, full.counts) == (False, frontier.Counts())
    assert (resumed.id, resumed.resumed, resumed.full) == (full.id, True, True)


def test_a_finished_run_leaves_only_what_failed(db: sqlite3.Connection) -> None:
    first = runs.begin(db, "github", "x", full=False, now=1.0)
    frontier.enqueue(db, first.id, [PLAIN, replace(PLAIN, key="bad")])
    good, bad = frontier.claim(db, first.id, "core", 2, now=1.0)
    frontier.mark_done(db, good.id, 200, 1.0)
    frontier.mark_failed(db, bad, 500, "broken", 1.0)
    runs.end(db, first.id, "done", "", 1.0)

    second = runs.begin(db, "github", "x", full=False, now=2.0)

    assert (second.resumed, second.counts) == (False, frontier.Counts(queued=1))
    assert keys(frontier.claim(db, second.id, "core", 5, now=2.0)) == ["bad"]


def test_cursors_are_written_over(db: sqlite3.Connection) -> None:
    runs.save_cursors(db, "github", {"a": "1", "b": "2"})
    runs.save_cursors(db, "github", {"a": "3"})

    assert runs.begin(db, "github", "x", full=False, now=1.0).cursors == {"a": "3", "b": "2"}
    assert runs.begin(db, "other", "x", full=False, now=1.0).cursors == {}


def test_a_run_adopts_what_others_left_and_its_own_failures_and_nothing_it_still_works_on(
    db: sqlite3.Connection,
) -> None:
    earlier = runs.begin(db, "github", "2024", full=False, now=1.0)
    frontier.enqueue(db, earlier.id, [replace(PLAIN, key=f"earlier {n}") for n in range(3)])
    done, lost, _ = frontier.claim(db, earlier.id, "core", 3, now=1.0)
    frontier.mark_done(db, done.id, 200, 1.0)
    frontier.mark_failed(db, lost, 500, "broken", 1.0, "500 here")
    run = runs.begin(db, "github", "2025", full=False, now=2.0)
    frontier.enqueue(db, run.id, [replace(PLAIN, key=f"own {n}") for n in range(3)])
    own, _ = frontier.claim(db, run.id, "core", 2, now=2.0)
    frontier.mark_failed(db, replace(own, attempt=4), 404, "gone", 2.0, "404 here")
    every = [row[0] for row in db.execute("select id from request order by id").fetchall()]

    adopted = frontier.adopt(db, run.id, [*every, 99])

    assert adopted == (3, {"500 here": 1, "404 here": 1})
    assert db.execute("select run_id, key, state, attempt from request order by id").fetchall() == [
        (earlier.id, "earlier 0", "done", 0),
        (run.id, "earlier 1", "queued", 0),
        (run.id, "earlier 2", "queued", 0),
        (run.id, "own 0", "queued", 0),
        (run.id, "own 1", "claimed", 0),
        (run.id, "own 2", "queued", 0),
    ]


def test_what_a_run_knows_already_is_not_adopted_again(db: sqlite3.Connection) -> None:
    earlier = runs.begin(db, "github", "2024", full=False, now=1.0)
    run = runs.begin(db, "github", "2025", full=False, now=2.0)
    for one in (earlier, run):
        frontier.enqueue(db, one.id, [PLAIN])

    assert frontier.adopt(db, run.id, [1]) == (0, {})
    assert frontier.counts(db, earlier.id) == frontier.counts(db, run.id) == frontier.Counts(queued=1)


def test_a_request_behind_others_waits_until_no_other_of_its_walk_is_open(db: sqlite3.Connection) -> None:
    one, two = (Request(key=key, url="/", walk="list") for key in ("one", "two"))
    last = Request(key="last", url="/", walk="list", behind=True)
    frontier.enqueue(db, 1, [last, one, two, Request(key="other", url="/", walk="another")])

    first, second, other = frontier.claim(db, 1, "core", 9, 0.0)
    assert keys([first, second, other]) == ["one", "two", "other"]
    assert frontier.next_due(db, 1, "core") is None
    frontier.mark_done(db, first.id, 200, 0.0)
    frontier.put_back(db, second, 7.0, "later")
    assert frontier.claim(db, 1, "core", 9, 0.0) == []
    assert frontier.next_due(db, 1, "core") == 7.0
    frontier.mark_done(db, second.id, 200, 0.0)

    assert frontier.holds_back(db, 1, "list")
    assert not frontier.holds_back(db, 1, "another")
    assert [(each.request.key, each.lost) for each in frontier.claim(db, 1, "core", 9, 0.0)] == [("last", False)]


def test_a_request_behind_one_that_failed_is_lost(db: sqlite3.Connection) -> None:
    page = Request(key="page", url="/", walk="list")
    frontier.enqueue(db, 1, [page, Request(key="last", url="/", walk="list", behind=True)])
    (claimed,) = frontier.claim(db, 1, "core", 9, 0.0)
    frontier.mark_failed(db, claimed, 500, "broken", 0.0)

    assert [(each.request.key, each.lost) for each in frontier.claim(db, 1, "core", 9, 0.0)] == [("last", True)]


def test_a_request_behind_nothing_is_sent(db: sqlite3.Connection) -> None:
    frontier.enqueue(db, 1, [Request(key=key, url="/", behind=True) for key in "ab"])

    assert keys(frontier.claim(db, 1, "core", 9, 0.0)) == ["a", "b"]
