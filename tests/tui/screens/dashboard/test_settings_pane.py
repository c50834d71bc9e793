"""Settings changed on the screen: typed, checked, sent to the engine, and saved after a yes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from engine.common.errors import ConfigError
from engine.model.commands import Tune
from engine.model.snapshot import State
from engine.model.tuning import Tuning
from tests.tui import fakes
from tests.tui.fakes import FakeControl, ended, lines, settle, text
from tui.common.settings_text import TUNABLES, describe_changes, differing, setting_text, with_setting


class FakeSettingsWriter:
    """Remembers what it was to save."""

    name = "~/.config/fetchdeck/config.toml"

    def __init__(self) -> None:
        self.saved: list[tuple[str, dict[str, Any]]] = []
        self.refuses: ConfigError | None = None

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.saved.append((source, dict(values)))


@pytest.mark.parametrize(
    ("name", "said", "value"),
    [
        ("limit", "500", 500),
        ("limit", "", None),
        ("workers", " 12 ", 12),
        ("cap", "7", 7),
        ("policy", "fixed 4", "fixed 4"),
        ("policy", "", "adaptive"),
        ("spacing", "1.5", 1.5),
        ("spacing", "2", 2.0),
        ("retries", "0", 0),
        ("rules", "keep 500 for humans; 08-18 at most 30 %", ("keep 500 for humans", "08-18 at most 30 %")),
        ("rules", "", ()),
    ],
)
def test_what_is_typed_is_read_as_in_the_configuration_and_shown_as_typed(name: str, said: str, value: object) -> None:
    found = with_setting(Tuning(), name, said)

    assert getattr(found, name) == value
    assert with_setting(Tuning(), name, setting_text(found, name)) == found


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("limit", "0", "limit: got 0, want"),
        ("limit", "many", 'limit: got "many", want'),
        ("cap", "1001", "cap: got 1001, want a whole number from 1 to 1000"),
        ("cap", "[", "cap: the value is no TOML"),
        ("policy", "hurry", 'policy "hurry": want adaptive'),
        ("policy", "4", 'policy "4": want adaptive'),
        ("spacing", "-1", "spacing: got -1, want"),
        ("retries", "101", "retries: got 101, want a whole number from 0 to 100"),
        ("rules", "never", 'rule "never": want "keep 500 for humans"'),
    ],
)
def test_what_the_configuration_would_not_take_is_refused_in_one_line(name: str, said: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"want|TOML") as caught:
        with_setting(Tuning(), name, said)

    assert why in str(caught.value)
    assert str(caught.value).isprintable()


def test_changes_are_said_in_words_and_what_is_unset_too() -> None:
    old = Tuning(workers=8, cap=3)

    assert (
        describe_changes(differing(old, Tuning(cap=12, rules=("keep 5",)))) == "workers automatic, cap 12, rules keep 5"
    )
    assert differing(old, old) == {}


def test_every_field_of_a_tuning_can_be_changed() -> None:
    assert {one.name for one in TUNABLES} == set(Tuning.__dataclass_fields__)


async def test_a_setting_is_typed_sent_shown_as_changed_and_saved_after_a_yes() -> None:
    control, writer = FakeControl(), FakeSettingsWriter()
    app = fakes.app(control, settings_writer=writer)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "s", "j", "j", "enter", *"12", "enter")
        assert control.commands == [Tune("github", Tuning(rules=("keep 500 for humans",), cap=12))]
        assert "cap 12; S saves" in text(app)
        assert any(one.startswith("▸cap") and "12" in one and "changed, not saved" in one for one in lines(app))
        await settle(pilot, "S")
        assert "[sources.github] cap 12" in text(app)
        assert "write that to ~/.config/fetchdeck/config.toml? y/N" in lines(app)[-1]
        await settle(pilot, "n")
        assert writer.saved == []
        await settle(pilot, "S", "y")
        assert writer.saved == [("github", {"cap": 12})]
        assert "saved in ~/.config/fetchdeck/config.toml: cap 12" in text(app)
        assert "changed, not saved" not in text(app)
        await settle(pilot, "S")
        assert "no setting of github is changed" in text(app)


async def test_a_wrong_setting_is_told_while_it_is_typed_and_enter_does_not_take_it() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "enter", "s", "down", "down", "enter", *"0x", "enter")
        assert 'cap: got "0x", want a whole number from 1 to 1000' in text(app)
        assert control.commands == []
        await settle(pilot, "escape")
        assert "want a whole number" not in text(app)
        await settle(pilot, "enter", *"9", "enter")

    assert [command.tuning.cap for command in control.commands if isinstance(command, Tune)] == [9]


async def test_what_the_api_does_not_allow_is_told_and_changes_nothing() -> None:
    control = FakeControl()
    control.refuses = 'policy "fixed 90": want "fixed N" with N from 1 to 16'
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "s", "j", "j", "j", "enter", *["backspace"] * 8, *"fixed 90", "enter")

        assert "with N from 1 to 16" in text(app)


async def test_what_cannot_be_saved_stays_changed_and_says_why() -> None:
    writer = FakeSettingsWriter()
    writer.refuses = ConfigError("~/config.toml: has changed since it was read")
    app = fakes.app(settings_writer=writer)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "s", "enter", *"9", "enter", "S", "y")

        assert "has changed since it was read" in text(app)
        assert "changed, not saved" in text(app)


async def test_without_a_place_to_save_to_it_says_so() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "s", "enter", *"9", "enter", "S")

        assert "there is no configuration to save to" in text(app)


async def test_a_source_that_has_ended_heeds_nothing_but_can_be_saved() -> None:
    writer = FakeSettingsWriter()
    app = fakes.app(FakeControl(ended(State.DONE)), settings_writer=writer)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "s", "enter", *"9", "enter")
        assert "github runs no more: S writes limit 9 for the next time" in text(app)
        await settle(pilot, "S", "y")

    assert writer.saved == [("github", {"limit": 9})]


@pytest.mark.parametrize(
    ("typed", "said", "kept"),
    [
        (["cap 7"], "cap 7", {"cap": 7}),
        (["pin 3"], "workers 3", {"workers": 3}),
        (["cap 2", "pin 3"], "workers 3, cap the API's own", {"workers": 3}),
    ],
)
async def test_a_cap_or_a_pin_named_after_the_end_is_kept_as_if_it_were_typed_into_the_settings(
    typed: list[str], said: str, kept: dict[str, int]
) -> None:
    writer = FakeSettingsWriter()
    deck = ended(State.DONE)
    plain = replace(deck, groups=tuple(replace(group, lanes=(), tuning=Tuning()) for group in deck.groups))
    app = fakes.app(FakeControl(plain), settings_writer=writer)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for command in typed:
            await settle(pilot, "colon", *command, "enter")
        assert f"github runs no more: S writes {said} for the next time" in text(app)
        await settle(pilot, "s", "S", "y")

    assert writer.saved == [("github", kept)]


async def test_settings_are_copied_and_their_keys_end_with_the_pane() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "s", "G", "y", "Y")
        await app.workers.wait_for_complete()
        await settle(pilot, "pageup", "l", "j")
        assert "▸2 pr0gramm" in text(app)

    assert copies.texts[0] == "github rules: keep 500 for humans (left to others; several with ;)"
    assert len(copies.texts[1].splitlines()) == len(TUNABLES)


async def test_the_same_words_do_it_from_the_list_of_commands() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "colon", *"settings", "enter")
        assert "[s Settings]" in text(app)
        await settle(pilot, "colon", *"decisions", "enter")
        assert "[d Decisions]" in text(app)
        await settle(pilot, "colon", *"set cap", "enter", *"5", "enter")
        assert "cap 5; S saves" in text(app)
