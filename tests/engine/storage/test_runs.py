import sqlite3
from contextlib import closing
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.model.source import Covered
from engine.storage import schema
from engine.storage.runs import add_coverage, read_coverage

ranges = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))


def kept(*given_ranges: tuple[int, int]) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)
        add_coverage(db, "s", [Covered("x", low, high) for low, high in given_ranges])
        add_coverage(db, "s", [Covered("y", 0, 1000)])
        add_coverage(db, "t", [Covered("x", 0, 1000)])
        return list(read_coverage(db, "s").get("x", []))


def test_ranges_that_touch_are_one() -> None:
    assert kept((1, 3), (4, 6)) == [(1, 6)]
    assert kept((1, 3), (5, 6)) == [(1, 3), (5, 6)]


def test_a_range_that_bridges_others_swallows_them() -> None:
    assert kept((1, 3), (8, 9), (20, 30), (2, 10)) == [(1, 10), (20, 30)]


def test_an_empty_range_adds_nothing() -> None:
    assert kept((5, 4)) == []


@given(st.lists(ranges, max_size=12))
def test_what_is_kept_covers_exactly_what_was_given_with_no_two_touching(given_ranges: list[tuple[int, int]]) -> None:
    merged = kept(*given_ranges)

    assert {n for low, high in merged for n in range(low, high + 1)} == {
        n for low, high in given_ranges for n in range(low, high + 1)
    }
    assert all(later[0] > sooner[1] + 1 for sooner, later in pairwise(merged))
