"""Keys of the person's own, and what every screen binds."""

from pathlib import Path

import pytest

from engine.common.errors import ConfigError
from engine.config.settings import load_settings
from engine.model.commands import Pause, Stop
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tui.app.app import FetchdeckApp
from tui.app.keymap import FORBIDDEN, SCREENS, bound, checked, keymap
from tui.screens.command_palette import command_name


def name(action: str) -> str:
    return f"config.toml: keys.{action}"


def test_no_action_is_bound_to_a_key_that_others_take() -> None:
    ours = {"ctrl+c", "ctrl+z"}

    for owner in (FetchdeckApp, *SCREENS):
        assert {binding.key for binding in bound(owner)} & FORBIDDEN <= ours


def test_every_action_has_a_name_of_its_own_on_its_screen() -> None:
    for screen in SCREENS:
        by_name: dict[str, set[str]] = {}
        for binding in bound(screen):
            by_name.setdefault(command_name(binding), set()).add(binding.id or "")
        assert all(len(ids) == 1 for ids in by_name.values())


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"pause": "space,x"}, {"tune.pause": "space,x"}),
        ({"pause": "x , F5"}, {"tune.pause": "x,f5"}),
        ({"more": "*"}, {"tune.more": "asterisk"}),
        ({"less": "_"}, {"tune.less": "underscore"}),
        ({"quit": "Q"}, {"app.quit": "Q"}),
        ({"back": "Esc,backspace"}, {"view.back": "escape,backspace"}),
        ({"log": "e", "errors": "l"}, {"view.log": "e", "view.errors": "l"}),
    ],
)
def test_keys_are_written_as_people_call_them(wanted: dict[str, str], found: dict[str, str]) -> None:
    assert keymap(wanted, name) == found


def test_a_name_that_several_screens_share_is_changed_on_all() -> None:
    assert keymap({"down": "x"}, name) == {"move.down": "x", "help.down": "x"}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"puase": "x"}, 'keys.puase: there is no such action: did you mean "pause"?'),
        ({"pause": "x,l"}, "keys.pause: l means log already"),
        ({"pause": "x", "freeze": "x"}, "means"),
        ({"pause": "q"}, "keys.pause: q means quit already"),
        ({"pause": ":"}, "keys.pause: : means commands already"),
        ({"quit": ""}, "keys.quit: says no key"),
        ({"quit": "Q,"}, "keys.quit: says no key"),
        ({"interrupt": "x"}, "keys.interrupt: ctrl+c always leaves"),
        ({"pause": "ctrl+b"}, "keys.pause: ctrl+b belongs to the terminal"),
        ({"pause": "ctrl+c"}, "keys.pause: ctrl+c belongs to the terminal"),
        ({"pause": "~"}, "keys.pause: tilde belongs to the terminal"),
        ({"pause": "hyper+x"}, 'keys.pause: "hyper+x" is no key'),
        ({"pause": "\x1b[2J"}, "is no key"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_that_names_the_key(wanted: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        keymap(wanted, name)

    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_configuration_names_its_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\npause = "l"\n')

    with pytest.raises(ConfigError, match=r"config\.toml: keys\.pause: l means log already"):
        checked(load_settings(file))


def test_every_action_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    names = {command_name(binding) for owner in (FetchdeckApp, *SCREENS) for binding in bound(owner)} - {"interrupt"}

    assert sorted(one for one in names if not one.startswith("source-") and f"`{one}`" not in page) == []


async def test_another_key_does_it_and_the_old_one_no_more() -> None:
    control = FakeControl()
    app = fakes.app(control, keys=keymap({"pause": "x", "down": "v"}, name))

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "space", "j")
        assert control.commands == []
        await settle(pilot, "v", "x")
        assert control.commands == [Pause("pr0gramm")]
        assert "x pause" in lines(app)[-1]
        await settle(pilot, "question_mark")
        assert "   x         pause or resume the source" in text(app)
        assert "v ↑" not in text(app)


async def test_another_key_for_quit_leaves_the_old_one_without_a_meaning() -> None:
    control = FakeControl()
    app = fakes.app(control, keys=keymap({"quit": "Q"}, name))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "q")
        assert control.commands == []
        await settle(pilot, "Q", "Q")
        assert control.commands == [Stop()]
