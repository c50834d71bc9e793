"""Keys that come faster than screens open."""

from textual import events
from textual.keys import _character_to_key

from engine.model.commands import Pause
from tests.tui import fakes
from tests.tui.fakes import FakeControl, settle, text
from tui.app.app import FetchdeckApp
from tui.screens.dashboard.focus import Focus
from tui.screens.picker.screen import Picker


def burst(app: FetchdeckApp, letters: str) -> None:
    """Type all at once, as a line that is slow delivers it."""
    for letter in letters:
        key = {"\r": "enter", "\x1b": "escape"}.get(letter) or _character_to_key(letter)
        app.post_message(events.Key(key, letter))


async def test_what_is_typed_fast_after_a_slash_is_a_filter_and_no_command() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        burst(app, "/ qPT?")
        await settle(pilot)
        await settle(pilot)

        assert "/ qPT?▏" in text(app)
        assert control.commands == []


async def test_a_command_and_what_follows_it_come_in_their_order() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        burst(app, "2\r")
        await settle(pilot)
        assert isinstance(app.screen, Focus)
        burst(app, ":pause-all\r")
        await settle(pilot)
        await settle(pilot)

    assert control.commands == [Pause()]


async def test_sources_are_filtered_as_fast_as_one_types() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        burst(app, "/gitl\r")
        await settle(pilot)
        await settle(pilot)

        assert isinstance(app.screen, Picker)
        assert "gitlab" in text(app)
        assert "pr0gramm" not in text(app)
