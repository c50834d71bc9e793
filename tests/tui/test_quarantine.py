"""Quarantine in the triage, the head of an answer, the log of one worker, and the mouse: under Pilot."""

from dataclasses import replace

import pytest
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from engine.errors import StoreUnusable
from engine.snapshot import State
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tui.screens.quarantine import Quarantine
from tui.screens.requests import OneRequest
from tui.screens.triage import Triage

TRIAGE = ["e", "e"]


async def read(pilot: Pilot[int], *keys: str) -> None:
    await settle(pilot, *keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["D", "y"], ("set aside", "pr0gramm", "pr0gramm-429", None)),
        (["enter", "j", "D"], ("set aside", "pr0gramm", None, 1)),
        (["enter", "enter", "D"], ("set aside", "pr0gramm", None, 0)),
    ],
)
async def test_a_kind_or_a_request_is_set_aside(keys: list[str], command: tuple[object, ...]) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *TRIAGE, *keys)
        assert "in quarantine: no run tries it until it is released" in text(app)

    assert control.commands == [command]


@pytest.mark.parametrize("key", ["n", "enter", "escape"])
async def test_setting_a_whole_kind_aside_asks_first(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *TRIAGE, "D")
        assert "set 214 failed requests of pr0gramm aside, until released? y/N" in lines(app)[-1]
        await settle(pilot, key)
        assert isinstance(app.screen, Triage)

    assert control.commands == []


@pytest.mark.parametrize(
    ("keys", "commands"),
    [
        (["R"], [("release", "github", 0)]),
        (["j", "R"], [("release", "github", 1)]),
        (["A", "y"], [("release", "github", id) for id in range(3)]),
        (["A", "n"], []),
        (["slash", *"612045", "enter", "A", "y"], [("release", "github", 1)]),
    ],
)
async def test_what_is_in_quarantine_is_listed_and_released(
    keys: list[str], commands: list[tuple[object, ...]]
) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, *TRIAGE, "U")
        assert isinstance(app.screen, Quarantine)
        assert "errors ▸ quarantine" in lines(app)[0]
        await settle(pilot, *keys)
        assert app.screen.length() + len(commands) >= 1

    assert control.commands == commands


async def test_a_request_in_quarantine_is_shown_whole_and_copied() -> None:
    copies = fakes.Copies()
    app = fakes.app(run_errands=fakes.errands(copies=copies))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, *TRIAGE, "U")
        await read(pilot, "y", "Y")
        await settle(pilot, "enter")
        assert isinstance(app.screen, OneRequest)
        await settle(pilot, "escape", "q")
        assert isinstance(app.screen, Triage)

    assert len(copies.texts[1].splitlines()) == 3


async def test_an_empty_quarantine_and_an_unreadable_one_are_told() -> None:
    control = FakeControl()
    control.requests = ()
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await read(pilot, *TRIAGE, "U")
        await settle(pilot, "R", "A", "y", "enter")
        assert "nothing is in quarantine" in text(app)
        await settle(pilot, "escape")
        control.unreadable = StoreUnusable("cannot read the database x: locked")
        await read(pilot, "U")
        assert "locked" in text(app)


async def test_where_all_has_ended_the_commands_are_told() -> None:
    control = FakeControl(fakes.ended(State.DONE))
    app = fakes.app(control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *TRIAGE, "enter", "D")
        assert "`fetchdeck errors pr0gramm --quarantine 0` sets it aside" in text(app)
        await settle(pilot, "escape")
        await read(pilot, "U")
        await settle(pilot, "R")
        assert "`fetchdeck errors github --release 0` lets it out" in text(app)

    assert control.commands == []


async def test_the_head_of_the_answer_is_shown_without_its_secrets() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *TRIAGE, "enter", "j", "enter")
        page = text(app)

    assert "head      429 Too Many Requests" in page
    assert "retry-after: 60" in page
    assert "set-cookie: <hidden>" in page
    assert "server: nginx␛[31m" in page


async def test_the_log_of_one_worker_is_shown_by_its_number_and_escape_shows_all_again() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "W")
        assert "log of worker github/core/" in lines(app)[-1]
        await settle(pilot, "6", "enter")
        page = text(app)
        await settle(pilot, "escape")
        everything = text(app)

    assert "github/core/06" in page
    assert "github/core/11" not in page
    assert "pr0gramm/" in everything


async def test_workers_of_two_lanes_with_one_number_have_logs_of_their_own() -> None:
    control = FakeControl()
    one = control.deck.log[-1]
    said = {"core": "GET /mine", "graphql": "POST /theirs"}
    log = [replace(one, source="github", place=3, lane=lane, text=text) for lane, text in said.items()]
    control.deck = replace(control.deck, log=tuple(log))
    app = fakes.app(control)

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "W", "ctrl+u", *"g/3", "enter")
        theirs = text(app)
        await settle(pilot, "escape", "W", "ctrl+u", "3", "enter")
        both = text(app)

    assert ("/mine" in theirs, "/theirs" in theirs) == (False, True)
    assert ("/mine" in both, "/theirs" in both) == (True, True)


async def test_no_number_is_no_worker_and_enter_does_not_take_it() -> None:
    app = fakes.app()

    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await settle(pilot, "W", *"x[", "enter")
        assert "log of worker github/core/x[" in lines(app)[-1]
        assert "a worker has a number: core/00 is the first" in text(app)
        await settle(pilot, "ctrl+u", *"search/3", "enter")
        assert "search is no lane of github: core, graphql" in text(app)
        await settle(pilot, "escape")
        assert "no lane" not in text(app)
        assert "pr0gramm/" in text(app)


async def test_the_mouse_is_off_until_m_and_off_again_after() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        states = [app.mouse_on]
        await settle(pilot, "m")
        states.append(app.mouse_on)
        assert "m gives it back to the terminal" in text(app)
        await settle(pilot, "m")
        assert [*states, app.mouse_on] == [False, True, False]
        assert "the terminal's again" in text(app)


async def test_a_click_chooses_a_row_and_the_wheel_moves_on() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot, *TRIAGE)
        screen = app.screen
        assert isinstance(screen, Triage)
        await pilot.click(offset=(10, 4))
        await settle(pilot)
        assert screen.cursor == 2
        await pilot.click(offset=(10, 23))
        await settle(pilot)
        assert screen.cursor == 2
        screen.wheel(-1)
        assert screen.cursor == 0
        screen.wheel(1)
        assert screen.cursor == 3


async def test_a_click_and_the_wheel_work_on_the_dashboard() -> None:
    app = fakes.app()

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        await pilot.click(offset=(5, 3))
        await settle(pilot)
        assert app._choice.source == "pr0gramm"
        await pilot._post_mouse_events([MouseScrollUp], offset=(5, 18))
        await settle(pilot)
        assert app._choice.log.scrolled == 3
