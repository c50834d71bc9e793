"""Themes while the app runs, and no colour at all."""

from pathlib import Path

import pytest

from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle
from tui import sample
from tui.app import FetchdeckApp


async def test_t_turns_to_the_next_theme_and_remembers_it() -> None:
    remembered: list[str] = []
    app = fakes.app(on_theme=remembered.append)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        before = app.export_screenshot()
        await settle(pilot, "t")
        assert "theme paper" in lines(app)[-2]
        assert app.export_screenshot() != before
        await settle(pilot, "t")

    assert remembered == ["paper", "contrast"]


async def test_a_broken_theme_is_told_in_a_line_and_the_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('primary = "nothing"', encoding="utf-8")
    app = fakes.app(themes=[tmp_path], theme="mine")

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert app.theme == "midnight"
        assert "'mine'" in lines(app)[-2]


async def test_a_theme_edited_while_running_shows_with_t(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('primary = "#112233"', encoding="utf-8")
    app = fakes.app(themes=[tmp_path], theme="midnight")

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        mine.write_text('primary = "#445566"', encoding="utf-8")
        await settle(pilot, "t")
        assert app.current_theme.primary == "#445566"
        mine.write_text("primary = [", encoding="utf-8")
        await settle(pilot, "t")
        assert "mine.toml: no theme can be read" in lines(app)[-2]


async def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = FetchdeckApp(
        cards=sample.cards, start=lambda _names: FakeControl(), selected=["github"], clock=lambda: sample.NOW
    )

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "t")
        styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]

    assert all(style is None or style.color is None or style.color.is_default for style in styles)
    assert all(style is None or style.bgcolor is None or style.bgcolor.is_default for style in styles)
