"""The app under Pilot: what every key does, and which keys there are."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from textual.binding import Binding

from bench.screen.sample import deck
from engine.model.commands import Automatic, ChangeCap, ChangeLimit, Command, Pause, Resume, SetPin
from engine.model.snapshot import State
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tui.app.app import FetchdeckApp
from tui.screens.base import BaseScreen
from tui.screens.changes.screen import ChangeFeed
from tui.screens.command_palette import Commands
from tui.screens.coverage.screen import Coverage
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.dashboard.focus import Focus
from tui.screens.help import Help
from tui.screens.init.form import Form
from tui.screens.init.review import Review
from tui.screens.layout import Pane
from tui.screens.picker.screen import Picker
from tui.screens.theme_picker import Themes
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import FailedRequestList, FailedRequestPage
from tui.screens.triage.quarantine import Quarantine

FORBIDDEN = (
    {f"ctrl+{letter}" for letter in "absqdwtn"}
    | {"ctrl+backslash", "ctrl+right_square_bracket", "tilde"}
    | {*("f1", "f10", "f11")}
)


@pytest.mark.parametrize(
    ("keys", "commands"),
    [
        (["space"], [Pause("github")]),
        (["j", "space"], [Pause("pr0gramm")]),
        (["down", "down", "up", "space"], [Pause("pr0gramm")]),
        (["4", "space"], [Resume("gitlab")]),
        (["9", "space"], [Pause("github")]),
        (["G", "k", "space"], [Resume("gitlab")]),
        (["G", "g", "plus"], [ChangeLimit("github", 1)]),
        (["3", "minus"], [ChangeLimit("videos", -1)]),
        (["2", "p"], [SetPin("pr0gramm")]),
        (["3", "equals_sign"], [Automatic("videos")]),
        (["less_than_sign"], [ChangeCap("github", -1)]),
        (["greater_than_sign"], [ChangeCap("github", 1)]),
        (["P"], [Pause()]),
    ],
)
async def test_a_key_becomes_a_command(keys: list[str], commands: list[Command]) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *keys)

    assert control.commands == commands


async def test_p_goes_on_with_everything_when_everything_is_paused() -> None:
    control = FakeControl()
    groups = tuple(replace(group, state=State.PAUSED) for group in control.deck.groups[:4])
    control.deck = replace(control.deck, groups=(*groups, control.deck.groups[4]))
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "P")

    assert control.commands == [Resume()]


async def test_panes_turn_with_their_keys() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "e")
        assert "refused ten times in a row" in text(app)
        await settle(pilot, "w")
        assert "core/07 ■ busy" in text(app)
        await settle(pilot, "l")
        assert "following" in text(app)


async def test_a_frozen_log_does_not_move() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "f")
        control.deck = deck.deck(deck.NOW + 2)
        app.tick()
        await settle(pilot)
        frozen = text(app)
        await settle(pilot, "f")
        following = text(app)

    assert "frozen, 8 newer" in frozen
    assert "page=3999" in frozen
    assert "page=3999" not in following.splitlines()[-3]
    assert "following" in following


async def test_paging_up_scrolls_back_and_down_again() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        newest = lines(app)[-3]
        await settle(pilot, "pageup", "pageup")
        older = lines(app)[-3]
        await settle(pilot, "pagedown", "pagedown", "pagedown")
        again = lines(app)[-3]

    assert older != newest
    assert again == newest


@pytest.mark.parametrize("pane", ["e", "w"])
async def test_tables_scroll_too(pane: str) -> None:
    app = fakes.app()

    async with app.run_test(size=(60, 15), notifications=True, tooltips=True) as pilot:
        await settle(pilot, pane)
        top = text(app)
        await settle(pilot, "pagedown")
        down = text(app)
        await settle(pilot, "pageup")

        assert down != top
        assert text(app) == top


async def test_enter_shows_one_source_and_escape_goes_back() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "2", "enter")
        assert isinstance(app.screen, Focus)
        shown = text(app)
        await settle(pilot, "j", "escape")
        assert isinstance(app.screen, Dashboard)
        back = text(app)

    assert "fetchdeck ▸ pr0gramm" in shown
    assert "requests per second" in shown
    assert "page=3999" not in shown
    assert "▸3 videos" in back


async def test_a_click_chooses_the_source_under_it() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        await pilot.click(offset=(10, 4))
        await settle(pilot)
        chosen = lines(app)[4]
        await pilot.click(offset=(10, 15))
        await settle(pilot)

        assert chosen.startswith("▸3 videos")
        assert lines(app)[4] == chosen


async def test_a_deck_without_sources_has_a_screen() -> None:
    app = fakes.app(FakeControl(replace(deck.deck(), groups=())))

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "enter", "w", "pagedown", "space")
        assert isinstance(app.screen, Dashboard)
        assert "cannot draw" not in text(app)


async def test_help_lists_every_binding_of_the_screen_below() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        explained = app.screen.active_bindings.values() if isinstance(app.screen, BaseScreen) else ()
        told = {active.binding.tooltip for active in explained}
        await settle(pilot, "question_mark")
        assert isinstance(app.screen, Help)
        page = text(app)

    assert len(told) > 15
    assert all(words in page for words in told)


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
async def test_help_closes_and_does_not_quit(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "question_mark", "j", "k", "G", "g", key)
        assert isinstance(app.screen, Dashboard)

    assert control.commands == []


SCREENS = (
    Picker, Dashboard, Focus, Help, Themes, Commands, Triage, FailedRequestList, FailedRequestPage, Quarantine,
    Coverage, ChangeFeed, Form, Review,
)  # fmt: skip


def bindings() -> list[tuple[str, Binding]]:
    found = []
    for owner in (FetchdeckApp, *SCREENS):
        bound = owner._merge_bindings()
        found += [(owner.__name__, binding) for _key, binding in bound]
    return found


def test_every_binding_has_an_id_and_words_for_the_help_page() -> None:
    assert [(owner, binding.key) for owner, binding in bindings() if not binding.id or not binding.tooltip] == []


def test_no_key_is_taken_from_terminals_and_multiplexers() -> None:
    assert {binding.key for _owner, binding in bindings()} & FORBIDDEN == set()
    assert not any(binding.key.startswith("alt+") for _owner, binding in bindings())


def test_no_key_of_a_screen_hides_one_of_the_app() -> None:
    of_app = {binding.key for owner, binding in bindings() if owner == "FetchdeckApp"}

    for screen in {owner for owner, _binding in bindings()} - {"FetchdeckApp"}:
        keys = [binding.key for owner, binding in bindings() if owner == screen]
        assert len(keys) == len(set(keys))
        closing = set() if screen in {"Picker", "Dashboard", "Focus"} else {"q", "question_mark"}
        assert of_app & set(keys) <= closing


def test_the_help_of_the_docs_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "screen.md").read_text(encoding="utf-8")
    named = {
        "space": "`space`",
        "plus": "`+`",
        "minus": "`-`",
        "equals_sign": "`=`",
        "question_mark": "`?`",
        "slash": "`/`",
        "colon": "`:`",
    }
    named |= {"left_square_bracket": "`[`", "right_square_bracket": "`]`"}
    named |= {"escape": "`esc`", "pageup": "`PgUp`", "pagedown": "`PgDn`", "ctrl+c": "`ctrl+c`"}
    named |= {
        "less_than_sign": "`<`",
        "greater_than_sign": "`>`",
        "up": "`↑`",
        "down": "`↓`",
        "home": "`Home`",
        "end": "`End`",
    }

    missing = {
        binding.key
        for _owner, binding in bindings()
        if not binding.key.isdigit() and named.get(binding.key, f"`{binding.key}`") not in page
    }

    assert json.dumps(sorted(missing)) == "[]"
    assert set(Pane) == {"log", "errors", "workers", "decisions", "settings"}


async def test_what_was_started_may_run_once_its_first_frame_is_seen() -> None:
    went: list[str] = []
    screen = fakes.app()
    screen._go = lambda: went.append(text(screen))

    async with screen.run_test(size=(80, 24)) as pilot:
        await pilot.pause()

    assert len(went) == 1
    assert "github" in went[0]
    assert "quit" in went[0]
