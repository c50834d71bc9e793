"""A click puts the cursor where the keys would have put it, in every pane and list, and the wheel scrolls."""

from dataclasses import replace

import pytest
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from bench.screen.sample import deck
from engine.model.walk import Completeness, WalkEnd, WalkReport
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tests.tui.triaging import in_triage
from tui.app.app import FetchdeckApp
from tui.screens.base import BaseScreen
from tui.screens.coverage.screen import Coverage
from tui.screens.layout import Pane
from tui.screens.picker.screen import Picker
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import FailedRequestList
from tui.widgets.rows import Ground

SIZES = [(80, 24), (120, 40), (200, 60)]


def screen_of(app: FetchdeckApp) -> BaseScreen:
    assert isinstance(app.screen, BaseScreen)
    return app.screen


async def click(pilot: Pilot[int], x: int, y: int) -> None:
    await pilot.click(offset=(x, y))
    await settle(pilot)


def below(app: FetchdeckApp, panel: str, line: int) -> tuple[int, int]:
    """Return a cell of a line of a panel, its title being line 0."""
    area = screen_of(app).areas(*app.size)[panel]
    return area.x + 3, area.y + line


def chosen(app: FetchdeckApp, panel: str) -> list[int]:
    """Return which lines of a panel lie on the ground of a cursor."""
    return [at for at, row in enumerate(screen_of(app)._panels[panel].rows) if row.ground is Ground.CURSOR]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("key", "panel", "line"), [("l", "log", 3), ("e", "errors", 4), ("d", "decisions", 2), ("s", "settings", 3)]
)
async def test_a_click_puts_the_cursor_on_the_line_under_it(
    size: tuple[int, int], key: str, panel: str, line: int
) -> None:
    app = fakes.app()

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, key)
        was = lines(app)[below(app, panel, line)[1]]
        await click(pilot, *below(app, panel, line))
        found = chosen(app, panel)
        row = screen_of(app).drawn(panel)[found[0]]

    assert app._choice.inside
    assert len(found) == 1
    assert row.replace("▸", " ").strip()[:12] in was


@pytest.mark.parametrize(
    ("key", "panel", "line", "keys"),
    [
        ("l", "log", 3, ["tab", "k", "k"]),
        ("e", "errors", 4, ["tab", "j", "j"]),
        ("d", "decisions", 2, ["tab"]),
        ("s", "settings", 4, ["j", "j", "j"]),
        ("w", "workers", 3, ["tab", "j", "j"]),
    ],
)
async def test_what_is_clicked_is_what_the_keys_would_have_chosen(
    key: str, panel: str, line: int, keys: list[str]
) -> None:
    clicked, typed = fakes.app(), fakes.app()

    async with typed.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, key, *keys)
        target = typed._choice
        wanted = (target.log.cursor, target.failure, target.setting, target.worker, target.decisions.cursor)
        at = next(y for y, row in enumerate(screen_of(typed).drawn(panel)) if y and is_chosen(typed, panel, y))
    async with clicked.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, key)
        if panel == "log":
            await settle(pilot, "f")
        await click(pilot, *below(clicked, panel, at))
        found = clicked._choice

    assert found.pane is Pane(panel)
    assert (found.log.cursor, found.failure, found.setting, found.worker, found.decisions.cursor) == wanted


def is_chosen(app: FetchdeckApp, panel: str, y: int) -> bool:
    row = screen_of(app)._panels[panel].rows[y]
    return row.ground is Ground.CURSOR or "▸" in row.text


async def test_enter_after_a_click_opens_what_was_clicked() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "e")
        await click(pilot, *below(app, "errors", 3))
        await settle(pilot, "enter")

        assert isinstance(app.screen, FailedRequestList)
        assert app.screen.fingerprint == control.deck.failures[1].fingerprint


async def test_a_cut_walk_is_a_row_of_the_errors_and_opens_the_coverage_map_of_its_source() -> None:
    control = FakeControl()
    end = WalkEnd(walk="tags", completeness=Completeness.CUT, reason="the same page again", place="page 3")
    first, *others = control.deck.groups
    failed = replace(end, walk="posts", failed_page=True)
    walks = WalkReport(cut=9, named=(end, failed))
    control.deck = replace(control.deck, groups=(replace(first, walks=walks), *others), failures=())
    app = fakes.app(control)

    async with app.run_test(size=(200, 60), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "e")
        shown = text(app)
        await click(pilot, *below(app, "errors", 2))
        await settle(pilot, "enter")
        opened = app.screen

    assert "tags at page 3: the same page again" in shown
    assert "posts at page 3" not in shown
    assert "7 more walks; `fetchdeck errors` lists them" in shown
    assert isinstance(opened, Coverage)
    assert app._choice.source == first.name


async def test_a_click_in_another_pane_turns_to_it_and_one_on_a_source_back() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        await click(pilot, *below(app, "errors", 4))
        errors = app._choice.pane, app._choice.inside, app._choice.failure
        await click(pilot, *below(app, "workers", 2))
        workers = app._choice.pane, app._choice.worker
        await click(pilot, *below(app, "sources", 2))
        await settle(pilot, "j")

    assert errors == (Pane.ERRORS, True, deck.deck().failures[1].fingerprint)
    assert workers == (Pane.WORKERS, ("core", 1))
    assert (app._choice.inside, app._choice.source) == (False, "videos")


async def test_a_place_in_another_column_is_found() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "w")
        x, y = below(app, "workers", 1)
        await click(pilot, x + 40, y)
        marked = screen_of(app).drawn("workers")[1]

    assert app._choice.worker is not None
    assert f"▸core/{app._choice.worker[1]:02d}" in marked
    assert marked.index("▸") == 40


@pytest.mark.parametrize("panel", ["log", "errors", "settings"])
async def test_a_click_on_a_title_or_below_the_last_row_changes_nothing(panel: str) -> None:
    app = fakes.app()

    async with app.run_test(size=(200, 60), notifications=True, tooltips=True) as pilot:
        await settle(pilot, panel[0])
        inside = app._choice.inside
        await click(pilot, *below(app, panel, 0))
        if panel != "log":  # it is full to its last line
            await click(pilot, *below(app, panel, len(screen_of(app).drawn(panel)) - 1))

    assert (app._choice.inside, app._choice.setting) == (inside, 0)


async def test_nothing_is_chosen_while_something_is_typed() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", "a")
        await click(pilot, *below(app, "log", 2))
        await click(pilot, *below(app, "sources", 2))

        assert (app._choice.inside, app._choice.source) == (False, "github")


@pytest.mark.parametrize("size", [(80, 24), (40, 8)])
async def test_a_click_in_the_picker_puts_the_cursor_there_and_chooses_nothing(size: tuple[int, int]) -> None:
    cards = [replace(deck.cards()[0], name=f"source {number}") for number in range(12)]
    app = fakes.app(picker=True, cards=cards)

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "j", "j", "j", "j", "j", "j")
        assert isinstance(app.screen, Picker)
        row = next(y for y, line in enumerate(lines(app)) if "source 8" in line)
        await click(pilot, 5, row)
        assert app.screen.source == "source 8"
        await click(pilot, 5, 0)
        await click(pilot, 5, size[1] - 1)
        assert app.screen.source == "source 8"
        await settle(pilot, "space")
        assert app.screen.chosen == {"source 8"}


async def test_the_mouse_is_off_until_m_and_off_again_after() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        states = [app.mouse_on]
        await settle(pilot, "m")
        states.append(app.mouse_on)
        assert "m gives it back to the terminal" in text(app)
        await settle(pilot, "m")
        assert [*states, app.mouse_on] == [False, True, False]
        assert "the terminal's again" in text(app)


async def test_a_click_chooses_a_row_and_the_wheel_moves_on() -> None:
    app = fakes.app()

    async with in_triage(app) as pilot:
        screen = app.screen
        assert isinstance(screen, Triage)
        await pilot.click(offset=(10, 4))
        await settle(pilot)
        assert screen.cursor == 2
        await pilot.click(offset=(10, 23))
        await settle(pilot)
        assert screen.cursor == 2
        screen.wheel(-1)
        assert screen.cursor == 0
        screen.wheel(1)
        assert screen.cursor == 3


async def test_a_click_and_the_wheel_work_on_the_dashboard() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        await pilot.click(offset=(5, 3))
        await settle(pilot)
        assert app._choice.source == "pr0gramm"
        await pilot._post_mouse_events([MouseScrollUp], offset=(5, 18))
        await settle(pilot)
        assert app._choice.log.scrolled == 3
