"""The charts of a source: scaled from zero, two series apart, unknown as a gap."""

from dataclasses import replace

import pytest

from bench.screen.sample import deck
from engine.model.snapshot import STEP_SECONDS, GroupState, Second
from tests.tui import fakes
from tests.tui.fakes import settle, text
from tui.screens.dashboard.focus import Focus
from tui.widgets.ascii_fallback import plain
from tui.widgets.charts import MARGIN, panel
from tui.widgets.spark import BLOCKS, LINE, buckets, overlaid

GROUP = deck.deck().groups[0]
REQUESTS, FLIGHT, LATENCY, BUDGET = range(4)


def second(requests: int = 5, p50: float | None = 0.2, left: float | None = 0.5, in_flight: int = 4) -> Second:
    return Second(
        requests=requests,
        rows=0,
        bytes=0,
        limit=8,
        in_flight=in_flight,
        p50=p50,
        p95=None if p50 is None else 2 * p50,
        left=left,
    )


def drawn(group: GroupState, which: int, window: int = 60, width: int = 60 + MARGIN + 1, height: int = 5) -> list[str]:
    return [row.text for row in panel(group, width, height, which=which, window=window, second=59)]


def test_the_axis_says_the_highest_and_zero_and_the_title_now_max_and_window() -> None:
    title, top, *_, bottom = drawn(replace(GROUP, seconds=(second(3), second(12))), REQUESTS)

    assert "requests per second" in title
    assert "now 102" in title
    assert "max 12.0  last 1m00" in title
    assert top.startswith("  12.0 ")
    assert bottom.startswith("     0 ")


def test_a_second_without_an_answer_is_a_gap_and_no_zero() -> None:
    _, *lines = drawn(replace(GROUP, seconds=(second(), second(p50=None), second())), LATENCY)

    columns = ["".join(line[MARGIN + 60 - 3 + at] for line in lines).strip() for at in range(3)]
    assert columns[1] == ""
    assert columns[0]
    assert columns[2]


def test_nothing_at_all_in_flight_is_a_zero_and_no_gap() -> None:
    *_, bottom = drawn(replace(GROUP, seconds=(second(in_flight=0),)), FLIGHT)

    assert bottom.rstrip()[-1] == BLOCKS[0]


def test_the_limit_is_a_line_over_what_is_in_flight() -> None:
    title, top, _, lower, _ = drawn(replace(GROUP, seconds=(second(in_flight=4),) * 60), FLIGHT)

    assert f"{LINE} limit 20" in title
    assert set(top[MARGIN:].strip()) == {LINE}
    assert set(lower[MARGIN:].strip()) == {"█"}


def test_a_line_that_the_blocks_reach_is_hidden_by_them() -> None:
    assert overlaid(["▇", "█"], [16.0], 16.0) == ["▇", "█"]
    assert overlaid(["▂", "█"], [16.0], 16.0) == [LINE, "█"]
    assert overlaid([" ", "█"], [None], 16.0) == [" ", "█"]


def test_a_budget_goes_from_nothing_to_all_whatever_was_highest() -> None:
    title, top, *_ = drawn(replace(GROUP, seconds=(second(left=0.5),) * 60), BUDGET)

    assert top == "  100% " + " " * 61
    assert "points now 12%, yours 3,924, others 436" in title


@pytest.mark.parametrize(
    ("which", "said"), [(BUDGET, "unknown: the API does not tell what is left"), (LATENCY, "unknown: no answer came")]
)
def test_what_is_unknown_is_said_to_be(which: int, said: str) -> None:
    lines = drawn(replace(GROUP, seconds=(second(p50=None, left=None),) * 9), which)

    assert said in lines[1]


def test_an_hour_is_drawn_from_steps_per_second() -> None:
    hour = (second(requests=STEP_SECONDS * 7),) * 300

    title, top, *_ = drawn(replace(GROUP, hour=hour), REQUESTS, window=3600)

    assert "max 7.0  last 1h00" in title
    assert top.startswith("   7.0 ")


def test_cells_leave_out_what_nobody_knew() -> None:
    assert buckets([1.0, None, 3.0, None, None, None], 2, 3, 5) == [2.0, None]


def test_the_line_has_a_likeness_of_its_own_in_ascii() -> None:
    assert plain(LINE) not in {plain(block) for block in BLOCKS}


async def test_the_keys_turn_the_chart_and_its_window() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "enter", "right_square_bracket")
        assert "[in flight]" in text(app)
        await settle(pilot, "right_square_bracket", "u")
        assert "[latency]" in text(app)
        assert "last 57m36" in text(app)
        await settle(pilot, "left_square_bracket", "left_square_bracket", "left_square_bracket", "u")
        assert "[budget]" in text(app)
        assert "last 1m12" in text(app)
        await settle(pilot, "u")
        assert "last 4m48" in text(app)


async def test_a_wide_screen_shows_every_chart_and_a_small_one_has_no_keys_for_them() -> None:
    app = fakes.app()

    async with app.run_test(size=(200, 60), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "enter")
        shown = text(app)
        await pilot.resize_terminal(50, 14)
        await settle(pilot)
        assert isinstance(app.screen, Focus)
        actions = {one.binding.action for one in app.screen.active_bindings.values()}

    assert all(f" {title} " in shown for title in ("requests per second", "in flight", "latency", "budget left"))
    assert "window" not in actions
