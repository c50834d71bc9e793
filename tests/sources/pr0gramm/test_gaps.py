"""Which ids of a stream are left to list, as arithmetic on ranges."""

from typing import Any

import msgspec
import pytest

from engine.model.source import Memory
from sources.pr0gramm.gaps import Gap, count_unknown, gaps
from sources.pr0gramm.options import Pr0grammOptions
from tests.sources.driver import STARTED

Ranges = list[tuple[int, int]]


def _gaps(ranges: Ranges, *, full: bool = False, **options: Any) -> list[tuple[int, int | None]]:
    chosen = Pr0grammOptions(**options)
    memory = Memory(started=STARTED, covered={chosen.stream(): ranges}, full=full)
    return [(gap.low, gap.high) for gap in gaps(memory, chosen)]


@pytest.mark.parametrize(
    ("ranges", "left"),
    [
        ([], [(1, None)]),
        ([(1, 90)], [(91, None)]),
        ([(40, 90)], [(91, None), (1, 39)]),
        ([(10, 20), (40, 90)], [(91, None), (21, 39), (1, 9)]),
        ([(1, 20), (40, 90)], [(91, None), (21, 39)]),
    ],
)
def test_there_is_a_gap_above_between_and_below(ranges: Ranges, left: list[tuple[int, int | None]]) -> None:
    assert _gaps(ranges) == left


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"start_from": 60}, [(21, 39), (1, 9)]),
        ({"start_from": 30}, [(21, 30), (1, 9)]),
        ({"start_from": 15}, [(1, 9)]),
        ({"start_from": 95}, [(91, 95), (21, 39), (1, 9)]),
        ({"down_to": 30}, [(91, None), (30, 39)]),
        ({"down_to": 60}, [(91, None)]),
        ({"down_to": 95}, [(95, None)]),
        ({"start_from": 80, "down_to": 50}, []),
        ({"start_from": 95, "down_to": 93}, [(93, 95)]),
        ({"fill_gaps": False}, [(91, None)]),
        ({"fill_gaps": False, "start_from": 60}, [(21, 39)]),
    ],
)
def test_a_part_of_the_stream_has_the_gaps_inside_it(
    options: dict[str, Any], left: list[tuple[int, int | None]]
) -> None:
    assert _gaps([(10, 20), (40, 90)], **options) == left


def test_a_full_run_knows_nothing() -> None:
    assert _gaps([(1, 90)], full=True) == [(1, None)]


@pytest.mark.parametrize(("top", "floor", "ids"), [(100, 1, 70), (90, 1, 60), (15, 12, 0), (30, 15, 10), (5, 9, 0)])
def test_unknown_ids_are_counted_without_those_of_the_ranges(top: int, floor: int, ids: int) -> None:
    assert count_unknown(top, [(11, 20), (41, 60)], floor) == ids


def test_a_gap_says_its_ends() -> None:
    assert Gap(1, None) != Gap(1, 5)


@pytest.mark.parametrize(
    "one", [{"promoted": True}, {"tags": "hafen"}, {"user": "moewe"}, {"flags": 17}, {"details": False}]
)
def test_what_is_known_of_one_stream_says_nothing_about_another(one: dict[str, Any]) -> None:
    assert Pr0grammOptions(**one).stream() != Pr0grammOptions().stream()


def test_a_tag_cannot_pass_for_another_option() -> None:
    assert Pr0grammOptions(tags='x" user="y').stream() != Pr0grammOptions(tags="x", user="y").stream()


def test_a_range_that_runs_upwards_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="must not be above"):
        msgspec.convert({"start_from": 5, "down_to": 6}, Pr0grammOptions)
