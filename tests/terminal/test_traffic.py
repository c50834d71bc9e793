"""What goes over the line: nothing where nothing changes, little where little is wanted."""

import re
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import terminals

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seconds", [3, 60])
def test_where_nothing_changes_nothing_is_sent(pretended: Open, seconds: int) -> None:
    screen = pretended("still")
    screen.shows("q quit")
    screen.until(lambda: not screen.listen(1), "rest")  # the first frame is out, whole

    assert screen.listen(seconds) == b""


def test_the_clock_is_all_that_is_sent_where_only_time_passes(pretended: Open) -> None:
    screen = pretended("clock")
    screen.shows("q quit")
    screen.listen(2)

    sent = screen.listen(60)

    assert 0 < len(sent) / 60 < 600
    assert {int(line) for line in re.findall(rb"\x1b\[(\d+);\d+H", sent)} == {1}
    assert b"\n" not in sent


def test_five_hundred_events_a_second_are_less_than_forty_kilobytes(tmp_path: Path) -> None:
    with terminals(tmp_path) as make:
        screen = make("bench.screen.child", "ours", "--rate", "500", COLORTERM="truecolor")
        screen.shows("q quit")
        screen.listen(2)

        assert 0 < len(screen.listen(6)) / 6 < 40_000


def test_a_slow_line_gets_less_than_ten_kilobytes_a_second(pretended: Open) -> None:
    screen = pretended("busy", "--slow")
    screen.shows("q quit")
    screen.listen(2)

    assert 0 < len(screen.listen(6)) / 6 < 10_000


def test_a_window_nobody_looks_at_is_drawn_seldom(pretended: Open) -> None:
    screen = pretended("busy")
    screen.shows("q quit")
    screen.listen(1)
    watched = len(screen.listen(4))

    screen.press(b"\x1b[O")
    screen.listen(1)
    blurred = len(screen.listen(4))
    screen.press(b"\x1b[I")
    screen.listen(0.5)

    assert 0 < blurred < watched / 3
    assert len(screen.listen(2)) > blurred


def test_the_traffic_is_shown_on_demand(pretended: Open) -> None:
    screen = pretended("busy", size=(120, 40))
    screen.shows("q quit")
    assert not any("B/s" in line for line in screen.lines)

    screen.press(b"B")

    screen.shows("kB/s 4 Hz")
