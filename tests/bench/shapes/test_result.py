"""Which runs break a promise of the shapes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.shapes.process import Outcome
from bench.shapes.result import Result, Run, equal, problems

TRUTH = {"items": [(1, "a"), (2, "b")]}
GROWN = {"items": [(1, "a"), (2, "b"), (3, "c")]}
CUT = {"walk": "items /things", "reason": "the page repeats one before"}


def run(
    rows: Sequence[tuple[Any, ...]] = ((2, "b"), (1, "a")),
    *,
    code: int | None = 0,
    requests: int = 20,
    bodies: int = 20,
    new: int = 0,
    cut: Sequence[dict[str, str]] = (),
) -> Run:
    summary = {"sources": {"x": {"changes": {"new": new}, "cut": list(cut)}}}
    outcome = Outcome(code=code, summary=summary, requests=requests, bodies=bodies, cpu=0.5)
    return Run(outcome=outcome, rows={"items": list(rows)})


GOOD = Result(
    name="x",
    truth=TRUTH,
    grown=GROWN,
    remembers=True,
    by_hand=run(),
    again=run(bodies=2),
    later=run([*GROWN["items"]]),
    killed=Outcome(code=None, requests=10, bodies=10, cpu=0.2),
    resumed=run(),
    auto=run(),
)


def test_the_order_of_rows_does_not_count_and_their_number_does() -> None:
    assert equal({"items": [(2, "b"), (1, "a")]}, TRUTH)
    assert not equal({"items": [(1, "a"), (2, "b"), (2, "b")]}, TRUTH)
    assert not equal({}, TRUTH)


def test_all_rows_each_time_break_nothing() -> None:
    assert list(problems(GOOD)) == []


def test_a_lost_row_is_named_with_the_exit_code() -> None:
    found = list(problems(replace(GOOD, by_hand=run([(1, "a")]), again=run([(1, "a")], bodies=2))))

    assert found == ["by hand: 1 of 2 rows with exit code 0; nothing was said"]


def test_all_rows_with_an_exit_code_are_a_broken_promise() -> None:
    found = list(problems(replace(GOOD, resumed=run(code=1, cut=[CUT]))))

    assert found == [
        "killed and resumed: all rows, but exit code 1; items /things: the page repeats one before",
    ]


def test_a_row_that_was_added_and_not_found_is_lost() -> None:
    assert list(problems(replace(GOOD, later=run()))) == [
        "after the list has grown: 2 of 3 rows with exit code 0; nothing was said",
    ]


def test_auto_may_be_cut_and_may_not_lose_rows_in_silence() -> None:
    cut = replace(GOOD, auto=run([], code=1, cut=[CUT]))

    assert cut.is_cut
    assert list(problems(cut)) == []
    assert list(problems(replace(GOOD, auto=run([])))) == [
        "auto: 0 of 2 rows with exit code 0; nothing was said",
    ]
    assert list(problems(replace(GOOD, auto=run([], code=1)))) == [
        "auto: 0 of 2 rows with exit code 1; nothing was said",
    ]


def test_a_second_run_changes_no_row_and_is_spared_most_bodies() -> None:
    assert list(problems(replace(GOOD, again=run(bodies=3)))) == [
        "a second run got 3 bodies, after 20 requests of the first",
    ]
    assert list(problems(replace(GOOD, again=run(bodies=3), remembers=False))) == []
    assert list(problems(replace(GOOD, again=run(bodies=2, new=1)))) == ["a second run changed rows: {'new': 1}"]


def test_a_run_that_was_done_before_the_kill_shows_nothing() -> None:
    found = list(problems(replace(GOOD, killed=Outcome(code=0, requests=20, bodies=20, cpu=0.2))))

    assert found == ["it was not killed in the middle: it ended with 0"]
