"""Hostile text, every size, and what happens when something breaks."""

import logging
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.events import AppBlur, AppFocus

from bench.screen.sample import deck as sample
from engine.model.snapshot import State
from tests.tui import fakes
from tests.tui.fakes import HOSTILE, SIZES, FakeControl, hostile, lines, settle, text
from tui.widgets.panel import Panel


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_hostile_text_is_shown_and_nothing_more(payload: str, size: tuple[int, int]) -> None:
    app = fakes.app(FakeControl(hostile(payload)))

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        for keys in (["l"], ["e"], ["w"], ["d"], ["s"], ["enter"], ["d"], ["s"], ["e"], ["question_mark"]):
            await settle(pilot, *keys)
            app.show_message(payload)
            await settle(pilot)
            for line in lines(app):
                assert cell_len(line) == size[0]
                assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in line)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "keys",
    [[], ["e"], ["w"], ["d"], ["s"], ["enter"], ["enter", "e"], ["enter", "d"], ["enter", "s"], ["question_mark"]],
)
async def test_every_size_has_a_screen(size: tuple[int, int], keys: list[str]) -> None:
    app = fakes.app()

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, *keys)
        assert [cell_len(line) for line in lines(app)] == [size[0]] * size[1]
        assert "cannot draw" not in text(app)


async def test_a_storm_of_sizes_ends_as_a_fresh_start_would() -> None:
    fresh, stormy = fakes.app(), fakes.app()

    async with fresh.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        wanted = lines(fresh)
    async with stormy.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for number in range(40):
            await pilot.resize_terminal(1 + number * 37 % 200, 1 + number * 23 % 60)
        for width, height in ((10, 3), (1, 1), (80, 24)):
            await pilot.resize_terminal(width, height)
        await settle(pilot)

        assert lines(stormy) == wanted


async def test_unchanged_lines_are_not_painted_again() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        panels = list(app.screen.query(Panel))
        before = [panel.repainted for panel in panels]
        for _ in range(5):
            app.tick()
        await settle(pilot)

        assert [panel.repainted for panel in panels] == before
        assert sum(before) > 30


async def test_hidden_panels_are_not_drawn() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)

        assert app.screen.query_one("#errors", Panel).repainted == 0


async def test_ascii_terminals_get_ascii_only() -> None:
    app = fakes.app(ascii_only=True)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for keys in ([], ["enter"], ["question_mark"]):
            await settle(pilot, *keys)
            assert text(app).isascii()


async def test_a_snapshot_that_fails_is_said_and_the_harvest_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        control.fails = RuntimeError("[/nope] lost")
        with caplog.at_level(logging.ERROR, "fetchdeck.screen"):
            app.tick()
            app.tick()
        await settle(pilot)
        assert "the engine cannot say how it is: RuntimeError: [/nope] lost" in lines(app)[-2]

    assert control.commands == []
    assert len(caplog.records) == 1


async def test_an_engine_that_stands_still_is_said() -> None:
    control = FakeControl(replace(sample.deck(), at=sample.NOW - 12))
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert "the engine has not moved for 12 s" in lines(app)[-2]


async def test_an_engine_that_has_ended_may_stand_still() -> None:
    control = FakeControl(replace(fakes.ended(State.DONE), at=sample.NOW - 3600))
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert "q leaves" in lines(app)[-2]


async def test_a_panel_that_breaks_says_so_and_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    deck = sample.deck()
    control = FakeControl(replace(deck, failures=(None,)))  # type: ignore[arg-type]  # what cannot happen, happens
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "e")
        app.tick()
        await settle(pilot)
        assert "cannot draw this: AttributeError" in text(app)
        assert "▸1 github" in text(app)
        assert "the harvest goes on" in lines(app)[-2]


async def test_a_crash_tells_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    app = fakes.app()

    def broken() -> None:
        token = "hunter2-" * 3
        raise ValueError(f"bad length {len(token)}")

    async def run() -> None:
        async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
            app.call_later(broken)
            await pilot.pause()

    with pytest.raises(ValueError, match="bad length 24"):
        await run()

    told = "".join(capsys.readouterr())
    assert app.return_code == 70
    assert "ValueError; the log has it whole: " in told
    assert "test_robustness.py:" in told
    assert "bad length" not in told
    assert "hunter2-hunter2" not in told
    assert "locals" not in told


async def test_the_traffic_is_shown_and_hidden_again() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "B")
        app.tick()
        await settle(pilot)
        assert "0 B/s 4 Hz" in lines(app)[0]
        await settle(pilot, "enter")
        assert "0 B/s 4 Hz" in lines(app)[0]
        await settle(pilot, "B")
        app.tick()
        await settle(pilot)
        assert "B/s" not in lines(app)[0]


async def test_frames_follow_the_pace() -> None:
    control, now = FakeControl(), [0.0]
    app = fakes.app(control, ticks=lambda: now[0])

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        now[0] = 10.0
        app.beat()
        before = control.snapshots
        app.beat()
        assert control.snapshots == before
        now[0] = 11.0
        app.on_app_blur(AppBlur())
        app.beat()
        assert control.snapshots == before
        app.on_app_focus(AppFocus())
        app.beat()
        assert control.snapshots == before + 1


async def test_how_long_it_was_suspended_is_said() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        app.continued(724.0)
        await settle(pilot)
        assert "was suspended for 12m04; the harvest stood still" in lines(app)[-2]


async def test_a_frame_that_comes_while_the_app_closes_is_not_drawn() -> None:
    app = fakes.app()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)

    assert app.screen_stack == []
    app.tick()
    app.show_message("too late")
