"""Choosing a theme while the app runs, and no colour at all."""

from pathlib import Path

import pytest
from rich.color import ColorType

from bench.screen.sample import deck
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tui.app.app import FetchdeckApp
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.theme_picker import Themes


async def test_a_theme_is_worn_while_the_cursor_is_on_it_and_remembered_when_it_is_kept() -> None:
    remembered: list[str] = []
    app = fakes.app(on_theme=remembered.append)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "T")
        assert isinstance(app.screen, Themes)
        before = app.export_screenshot()
        await settle(pilot, "j")
        assert app.theme == "mono"
        assert app.export_screenshot() != before
        assert remembered == []
        await settle(pilot, "G", "k", "enter")
        assert isinstance(app.screen, Dashboard)
        assert "theme terminal" in lines(app)[-2]

    assert remembered == ["terminal"]
    assert app.theme == "terminal"


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_leaving_the_themes_puts_the_old_one_back_on(key: str) -> None:
    remembered: list[str] = []
    app = fakes.app(on_theme=remembered.append)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "T", "g", key)
        assert isinstance(app.screen, Dashboard)

    assert app.theme == "midnight"
    assert remembered == []


async def test_themes_are_filtered_by_name_and_kind() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "T", "slash", *"light", "enter")
        assert app.theme == "daylight"
        assert "midnight" not in text(app)
        await settle(pilot, "slash", *"zzz")
        assert "no theme is called that" in text(app)
        await settle(pilot, "enter", "enter", "escape")
        assert "midnight" in text(app)


async def test_the_terminals_own_colours_stay_its_own() -> None:
    app = fakes.app(theme="terminal")

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]

    colours = [colour for style in styles if style for colour in (style.color, style.bgcolor) if colour]
    assert colours
    assert {colour.type for colour in colours} <= {ColorType.STANDARD, ColorType.DEFAULT}


async def test_a_broken_theme_is_told_in_a_line_and_the_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('primary = "nothing"', encoding="utf-8")
    app = fakes.app(themes=[tmp_path], theme="mine")

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert app.theme == "midnight"
        assert "'mine'" in lines(app)[-2]


async def test_a_theme_edited_while_running_shows_when_it_is_chosen_again(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('primary = "#112233"', encoding="utf-8")
    app = fakes.app(themes=[tmp_path], theme="mine")

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        mine.write_text('primary = "#445566"', encoding="utf-8")
        await settle(pilot, "T", "enter")
        assert app.current_theme.primary == "#445566"
        mine.write_text("primary = [", encoding="utf-8")
        await settle(pilot, "T")
        assert "mine.toml: no theme can be read" in lines(app)[-2]


async def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = FetchdeckApp(
        cards=deck.cards, start=lambda _names: FakeControl(), selected=["github"], clock=lambda: deck.NOW
    )

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "T")
        assert isinstance(app.screen, Dashboard)
        assert "NO_COLOR" in lines(app)[-2]
        styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]

    assert all(style is None or style.color is None or style.color.is_default for style in styles)
    assert all(style is None or style.bgcolor is None or style.bgcolor.is_default for style in styles)
