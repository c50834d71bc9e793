"""The source picker under Pilot."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.cells import cell_len

from bench.screen.sample import deck
from engine.common.errors import UsageError
from engine.model.control import Control
from tests.tui import fakes
from tests.tui.fakes import HOSTILE, FakeControl, lines, settle, text
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.picker.screen import Picker


async def test_the_picker_starts_what_was_chosen_in_its_order() -> None:
    started: list[list[str]] = []
    control = FakeControl()

    def start(names: Sequence[str]) -> Control:
        started.append(list(names))
        return control

    app = fakes.app(control, picker=True, start=start)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "G", "space", "k", "space", "g", "space", "enter")
        assert isinstance(app.screen, Dashboard)

    assert started == [["github", "anime"]]


async def test_the_picker_chooses_all_that_are_ready_or_none() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "a")
        assert "3 of 4 chosen" in lines(app)[0]
        await settle(pilot, "a")
        assert "0 of 4 chosen" in lines(app)[0]


async def test_enter_without_a_choice_starts_the_one_under_the_cursor() -> None:
    started: list[list[str]] = []

    def start(names: Sequence[str]) -> Control:
        started.append(list(names))
        return FakeControl()

    app = fakes.app(picker=True, start=start)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "enter")

    assert started == [["pr0gramm"]]


async def test_a_source_that_is_not_ready_says_what_is_missing() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "j", "enter")
        assert isinstance(app.screen, Picker)
        assert "gitlab cannot start yet" in text(app)
        assert "set GITLAB_TOKEN" in text(app)


@pytest.mark.parametrize("size", [(80, 24), (80, 8), (10, 3), (1, 1)])
async def test_a_start_that_is_refused_says_why_and_stays(size: tuple[int, int]) -> None:
    def start(_names: Sequence[str]) -> Control:
        raise UsageError("harvest.db is held [/nope] by process 12")

    app = fakes.app(picker=True, start=start)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot, "enter")
        assert isinstance(app.screen, Picker)
        assert size[0] < 80 or "harvest.db is held [/nope] by process 12" in text(app)


async def test_a_refused_start_from_the_command_line_ends_with_a_usage_error() -> None:
    def start(_names: Sequence[str]) -> Control:
        raise UsageError("no source [red]x")

    app = fakes.app(start=start)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()

    assert app.return_code == 2
    assert app.return_value == 2


async def test_the_picker_leaves_at_once() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "q")

    assert app.return_value == 0


async def test_no_source_at_all_is_said() -> None:
    app = fakes.app(picker=True, cards=[])

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "j", "space", "a", "enter")
        assert "no source is configured" in text(app)


@pytest.mark.parametrize("payload", HOSTILE)
async def test_hostile_cards_are_shown_and_nothing_more(payload: str) -> None:
    card = replace(deck.cards()[0], name=payload, summary=payload, terms=payload, limits=payload, access=payload)
    app = fakes.app(picker=True, cards=[card, replace(card, ready=False, problem=payload)])

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "space", "j", "enter")
        assert all(cell_len(line) == 120 for line in lines(app))


async def test_the_filter_narrows_the_sources_and_what_is_chosen_stays_chosen() -> None:
    started: list[list[str]] = []

    def start(names: Sequence[str]) -> Control:
        started.append(list(names))
        return FakeControl()

    app = fakes.app(picker=True, start=start)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "G", "space", "slash", *"pr0", "enter")
        assert "/pr0   1 of 4 chosen" in lines(app)[0]
        assert "github" not in text(app)
        await settle(pilot, "space", "escape")
        assert "github" in text(app)
        await settle(pilot, "enter")

    assert started == [["pr0gramm", "anime"]]


async def test_all_means_all_that_the_filter_lets_through() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", *"resumes", "enter", "a", "escape")
        assert "1 of 4 chosen" in lines(app)[0]
        await settle(pilot, "a")
        assert "3 of 4 chosen" in lines(app)[0]


async def test_a_bad_filter_is_told_and_nothing_found_is_said() -> None:
    app = fakes.app(picker=True)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "slash", *"re:[")
        assert "re:[ is no regular expression" in text(app)
        await settle(pilot, "ctrl+u", *"zzz", "enter", "space", "j", "enter")
        assert isinstance(app.screen, Picker)
        assert "no source passes the filter" in text(app)
