"""Every action by its name."""

from dataclasses import replace

import pytest

from engine.model.commands import Automatic, ChangeCap, ChangeLimit, Command, Pause, SetCap, SetPin
from tests.tui import fakes
from tests.tui.fakes import SIZES, FakeControl, lines, settle, text
from tui.screens import command_palette
from tui.screens.command_palette import Commands, narrow
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.dashboard.focus import Focus
from tui.screens.help import Help
from tui.screens.picker.screen import Picker
from tui.screens.theme_picker import Themes
from tui.screens.triage.error_groups import Triage


def command(name: str, what: str = "") -> command_palette.Command:
    return command_palette.Command(name=name, what=what, keys="", action="x", node=None)


def test_the_likeliest_command_comes_first() -> None:
    found = [command("pause-all"), command("unpause"), command("pause"), command("x", "makes a pause"), command("y")]

    assert [one.name for one in narrow(found, "pause")] == ["pause", "pause-all", "unpause", "x"]
    assert [one.name for one in narrow(found, " PAUSE-A ")] == ["pause-all"]
    assert len(narrow(found, "")) == 5
    assert narrow(found, "zzz") == []


@pytest.mark.parametrize(
    ("typed", "commands"),
    [
        ("pause", [Pause("github")]),
        ("pause-all", [Pause()]),
        ("more", [ChangeLimit("github", 1)]),
        ("cap-less", [ChangeCap("github", -1)]),
        ("pin", [SetPin("github")]),
        ("pin 3", [SetPin("github", 3)]),
        ("cap 12", [SetCap("github", 12)]),
        ("auto", [Automatic("github")]),
        ("quit", []),  # asks for a second time, as the key does: a paste must never end a harvest
    ],
)
@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_command_does_what_its_key_does(key: str, typed: str, commands: list[Command]) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, key, *typed, "enter")
        assert isinstance(app.screen, Dashboard)

    assert control.commands == commands


@pytest.mark.parametrize("typed", ["pin 0", "cap 1001", "pin 12 13", "pin x"])
async def test_a_number_that_cannot_be_is_no_command(typed: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *typed, "enter")
        assert isinstance(app.screen, Commands)
        assert "no command is called that" in text(app)

    assert control.commands == []


async def test_where_nothing_is_steered_there_is_nothing_to_pin() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *"pin 12", "enter")
        assert "no command is called that" in text(app)


@pytest.mark.parametrize(("key", "commands"), [("y", [SetPin("pr0gramm", 40)]), ("n", []), ("escape", [])])
async def test_a_pin_above_the_cap_of_the_api_wants_to_be_sure(key: str, commands: list[Command]) -> None:
    control = FakeControl()
    groups = [replace(one, lanes=tuple(replace(lane, cap=32) for lane in one.lanes)) for one in control.deck.groups]
    control.deck = replace(control.deck, groups=tuple(groups))
    app = fakes.app(control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "2", "colon", *"pin 40", "enter")
        assert "pr0gramm takes 32 at most, and no more will run: pin 40 all the same?" in lines(app)[-1]
        await settle(pilot, key)

    assert control.commands == commands


async def test_a_pin_above_your_own_cap_lifts_it_for_who_is_sure() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *"pin 12", "enter")
        assert "the cap is 4: lift it and pin 12? y/N" in lines(app)[-1]
        await settle(pilot, "y")

    assert control.commands == [SetPin("github", 12)]


@pytest.mark.parametrize(
    ("typed", "screen"),
    [("help", Help), ("themes", Themes), ("source videos", Focus), ("theme paper", Dashboard), ("errors", Dashboard)],
)
async def test_pages_are_opened_by_name(typed: str, screen: type) -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *typed, "enter")
        assert isinstance(app.screen, screen)
        if screen is Focus:
            assert "fetchdeck ▸ videos" in lines(app)[0]
    assert app.theme == ("paper" if typed == "theme paper" else "midnight")


async def test_a_source_by_name_stays_on_the_page_of_one_source() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "enter", "colon", *"source anime", "enter")
        assert "fetchdeck ▸ anime" in lines(app)[0]
        await settle(pilot, "escape")
        assert isinstance(app.screen, Dashboard)


async def test_arrows_choose_and_letters_only_narrow() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *"qPj", "question_mark")
        assert isinstance(app.screen, Commands)
        assert "no command is called that" in text(app)
        await settle(pilot, "enter", "ctrl+u", *"pause", "up", "down", "tab", "enter")
        assert len(app.screen_stack) == 2

    assert control.commands == [Pause()]


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_leaving_the_commands_does_nothing(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *"pause", key)
        assert isinstance(app.screen, Dashboard)

    assert control.commands == []


async def test_each_screen_has_its_own_commands() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon")
        assert "start what is chosen" in text(app)
        assert "pause-all" not in text(app)
        await settle(pilot, "escape")
        assert isinstance(app.screen, Picker)
        await settle(pilot, "enter", "e", "e", "colon", *"mute", "enter")
        assert isinstance(app.screen, Triage)
        assert "1 muted" in lines(app)[0]


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_has_commands(size: tuple[int, int]) -> None:
    app = fakes.app()

    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", "p")
        assert [len(line) for line in lines(app)] == [size[0]] * size[1]
        assert "cannot draw" not in text(app)
