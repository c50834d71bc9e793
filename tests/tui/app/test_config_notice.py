"""The screen says that the configuration was edited."""

from dataclasses import replace
from pathlib import Path

from bench.screen.sample import deck as sample
from tests.tui import fakes
from tests.tui.common.test_config_watch import BEFORE, Watched
from tests.tui.fakes import FakeControl, settle, text
from tui.app.app import FetchdeckApp
from tui.app.config_notice import SECONDS


def watching(tmp_path: Path, now: list[float], control: FakeControl | None = None) -> tuple[Watched, FetchdeckApp]:
    watched = Watched(tmp_path / "config.toml")
    app = fakes.app(control, config=watched.watch, settings_writer=watched.writer)
    app._notices._clock = lambda: now[0]
    return watched, app


async def test_what_a_restart_would_change_is_said_and_stays_while_nothing_else_is_to_be_said(tmp_path: Path) -> None:
    now = [sample.NOW]
    control = FakeControl()
    control.deck = replace(control.deck, groups=tuple(replace(one, reason="") for one in control.deck.groups))
    watched, app = watching(tmp_path, now, control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        watched.edit(BEFORE.replace("5", "8"))
        app.tick()
        watched.later(app.tick)
        await settle(pilot)
        at_once = text(app)
        now[0] += SECONDS + 1
        app.tick()
        await settle(pilot)
        later = text(app)
        watched.edit(BEFORE)
        watched.later(app.tick)
        await settle(pilot)
        taken_back = text(app)

    said = "edited at 14:42: a restart would change sources.github.workers from 5 to 8"
    assert said in at_once
    assert said in later
    assert "the configuration is again as it is in force" in taken_back


async def test_a_broken_file_is_named_with_its_key(tmp_path: Path) -> None:
    watched, app = watching(tmp_path, [sample.NOW])

    async with app.run_test(size=(200, 60), notifications=True, tooltips=True) as pilot:
        watched.edit(BEFORE + "wokers = 8\n")
        watched.later(app.tick)
        await settle(pilot)

        assert "is broken, so the old one stays: " in text(app)
        assert "sources.github.wokers: unknown key" in text(app)


async def test_what_s_saves_is_no_edit(tmp_path: Path) -> None:
    control = FakeControl()
    watched, app = watching(tmp_path, [sample.NOW], control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        watched.later(app.tick)
        watched.writer.save("github", {"workers": 7})
        watched.later(app.tick)
        await settle(pilot)

        assert "a restart would" not in text(app)
        assert control.commands == []
