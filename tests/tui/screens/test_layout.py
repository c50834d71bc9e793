"""How sizes are divided: arithmetic, without a screen."""

from collections.abc import Callable

import pytest

from tui.screens import layout
from tui.screens.layout import Areas, Pane, Wish

WISH = Wish(sources=5, limits=3, ticks=2, grid=6)
SIZES = [
    (w, h) for w in (1, 10, 29, 30, 59, 60, 80, 99, 100, 120, 159, 160, 200) for h in (1, 5, 6, 14, 15, 24, 30, 60)
]


@pytest.mark.parametrize("divide", [layout.dashboard, layout.focus])
@pytest.mark.parametrize("pane", list(Pane))
@pytest.mark.parametrize("wish", [WISH, Wish(sources=40, limits=30, ticks=9, grid=50)])
def test_panels_never_overlap_and_never_leave_the_screen(
    divide: Callable[[int, int, Wish, Pane], Areas], pane: Pane, wish: Wish
) -> None:
    for width, height in SIZES:
        taken: set[tuple[int, int]] = set()
        for area in divide(width, height, wish, pane).values():
            cells = {(x, y) for x in range(area.x, area.x + area.width) for y in range(area.y, area.y + area.height)}
            assert not taken & cells, (width, height)
            assert all(x < width and y < height for x, y in cells), (width, height)
            taken |= cells


def test_every_usual_size_uses_every_line() -> None:
    for width, height in ((80, 24), (120, 40), (200, 60), (60, 15)):
        rows = set()
        for area in layout.dashboard(width, height, WISH, Pane.LOG).values():
            rows |= set(range(area.y, area.y + area.height))
        assert rows == set(range(height))


def test_a_small_terminal_shows_the_sources_only() -> None:
    assert set(layout.dashboard(59, 20, WISH, Pane.LOG)) == {"heading", "sources", "status", "footer"}
    assert set(layout.dashboard(80, 14, WISH, Pane.LOG)) == {"heading", "sources", "status", "footer"}
    assert set(layout.dashboard(30, 6, WISH, Pane.LOG)) == {"heading", "sources", "footer"}


def test_charts_are_one_two_or_four_by_the_room_there_is() -> None:
    seen = {
        size: [name for name in layout.focus(*size, WISH, Pane.LOG) if name.startswith("chart")]
        for size in ((40, 10), (80, 24), (120, 40), (200, 60))
    }

    assert [len(found) for found in seen.values()] == [0, 1, 2, 4]


@pytest.mark.parametrize("pane", [Pane.DECISIONS, Pane.SETTINGS])
def test_decisions_and_settings_take_the_place_of_the_log(pane: Pane) -> None:
    places = {p: layout.focus(120, 40, WISH, p) for p in (Pane.LOG, pane)}

    assert places[pane][pane.value] == places[Pane.LOG]["log"]
    assert "log" not in places[pane]


def test_a_tiny_terminal_shows_one_line() -> None:
    assert set(layout.dashboard(29, 20, WISH, Pane.LOG)) == {"line"}
    assert set(layout.focus(80, 5, WISH, Pane.LOG)) == {"line"}


def test_log_and_errors_stand_side_by_side_where_there_is_room() -> None:
    assert "errors" not in layout.dashboard(80, 24, WISH, Pane.LOG)
    assert "log" not in layout.dashboard(80, 24, WISH, Pane.ERRORS)
    assert {"log", "errors", "workers"} <= set(layout.dashboard(120, 40, WISH, Pane.LOG))


def test_the_pane_turned_to_gets_more_room() -> None:
    log, errors = (layout.dashboard(120, 40, WISH, pane)["errors"].width for pane in (Pane.LOG, Pane.ERRORS))

    assert errors > log


def test_the_picker_leaves_details_out_where_there_is_no_room() -> None:
    assert "details" in layout.picker(80, 24, 5)
    assert "details" not in layout.picker(80, 9, 5)
    assert set(layout.picker(1, 1, 5)) == {"cards"}
