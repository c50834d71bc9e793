"""How often the screen is drawn, what a line tells, and what counts as meant."""

from dataclasses import dataclass

import pytest

from tui.terminal.confirm_twice import DoublePress
from tui.terminal.pace import Pace
from tui.terminal.traffic import Line


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Traffic:
    total: int = 0
    backlog: int = 0
    took: float = 0.0


def frames(pace: Pace, line: Traffic, seconds: float, octets: int = 0) -> int:
    """Count the frames that a timer of 20 Hz comes to."""
    drawn = 0
    for tick in range(int(seconds * 20)):
        if pace.due(tick / 20, line):
            pace.drawn(tick / 20, line)
            line.total += octets
            drawn += 1
    return drawn


def test_the_first_frame_is_due_at_once() -> None:
    assert Pace().due(0.0, Traffic())


def test_a_timer_that_comes_a_little_early_costs_no_frame() -> None:
    pace, line = Pace(hz=4), Traffic()
    pace.drawn(10.0, line)

    assert pace.due(10.249, line)
    assert not pace.due(10.1, line)


def test_nothing_is_drawn_before_the_terminal_has_the_last_frame() -> None:
    assert not Pace().due(99.0, Traffic(backlog=1))


def test_a_terminal_that_takes_long_is_drawn_less() -> None:
    assert frames(Pace(hz=4), Traffic(took=1.0), 20) <= 11


def test_a_window_nobody_looks_at_is_drawn_every_two_seconds() -> None:
    pace = Pace(hz=4)
    pace.blurred = True

    assert frames(pace, Traffic(), 20) <= 11


def test_a_slow_line_never_gets_more_than_its_budget() -> None:
    line = Traffic()

    frames(Pace.of(4.0, slow=True), line, 20, octets=30_000)

    assert line.total / 20 < 10_000


def test_a_slow_line_gets_a_frame_a_second_where_frames_are_small() -> None:
    assert frames(Pace.of(4.0, slow=True), Traffic(), 20, octets=100) in range(20, 42)


def test_a_line_counts_bytes_and_how_long_they_took() -> None:
    clock = Clock()
    line = Line(clock)
    line.queued(1000)

    clock.now = 0.5
    line.sent(400)
    assert (line.total, line.backlog, line.took) == (400, 600, 0.0)
    clock.now = 2.0
    line.sent(600)

    assert (line.total, line.backlog, line.took) == (1000, 0, 2.0)
    assert line.rate() == 200
    clock.now = 60.0
    assert line.rate() == 0


def test_a_line_says_once_that_it_is_back_after_a_loss() -> None:
    line = Line(Clock())
    line.queued(10)
    line.dropped(10)

    assert line.recovered()
    assert not line.recovered()


@pytest.mark.parametrize(("times", "meant"), [([0, 1], True), ([0, 0.1], False), ([0, 6], False), ([0], False)])
def test_twice_is_meant_when_it_is_neither_too_fast_nor_too_late(times: list[float], meant: bool) -> None:
    clock = Clock()
    twice = DoublePress(clock)
    found = False

    for clock.now in times:
        found = twice.again()

    assert found is meant


def test_a_key_held_down_is_never_meant() -> None:
    clock = Clock()
    twice = DoublePress(clock)

    for tick in range(300):
        clock.now = tick / 30
        assert not twice.again()
