"""Quarantine in the triage, and the head of an answer: under Pilot."""

import pytest

from engine.common.errors import StoreUnusable
from engine.model.commands import Command, Quarantine, Release
from engine.model.snapshot import State
from tests.tui import fakes
from tests.tui.fakes import FakeControl, lines, settle, text
from tests.tui.triaging import in_triage, read
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import FailedRequestPage
from tui.screens.triage.quarantine import Quarantine as QuarantineScreen


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["D", "y"], Quarantine("pr0gramm", "pr0gramm-429")),
        (["enter", "j", "D"], Quarantine("pr0gramm", None, 1)),
        (["enter", "enter", "D"], Quarantine("pr0gramm", None, 0)),
    ],
)
async def test_a_kind_or_a_request_is_set_aside(keys: list[str], command: Command) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, *keys):
        assert "in quarantine: no run tries it until it is released" in text(app)

    assert control.commands == [command]


@pytest.mark.parametrize("key", ["n", "enter", "escape"])
async def test_setting_a_whole_kind_aside_asks_first(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, "D") as pilot:
        assert "set 214 failed requests of pr0gramm aside, until released? y/N" in lines(app)[-1]
        await settle(pilot, key)
        assert isinstance(app.screen, Triage)

    assert control.commands == []


@pytest.mark.parametrize(
    ("keys", "commands"),
    [
        (["R"], [Release("github", 0)]),
        (["j", "R"], [Release("github", 1)]),
        (["A", "y"], [Release("github", id) for id in range(3)]),
        (["A", "n"], []),
        (["slash", *"612045", "enter", "A", "y"], [Release("github", 1)]),
    ],
)
async def test_what_is_in_quarantine_is_listed_and_released(keys: list[str], commands: list[Command]) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, "U") as pilot:
        assert isinstance(app.screen, QuarantineScreen)
        assert "errors ▸ quarantine" in lines(app)[0]
        await settle(pilot, *keys)
        assert app.screen.length() + len(commands) >= 1

    assert control.commands == commands


async def test_a_request_in_quarantine_is_shown_whole_and_copied() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with in_triage(app, "U") as pilot:
        await read(pilot, "y", "Y")
        await settle(pilot, "enter")
        assert isinstance(app.screen, FailedRequestPage)
        await settle(pilot, "escape", "q")
        assert isinstance(app.screen, Triage)

    assert len(copies.texts[1].splitlines()) == 3


async def test_an_empty_quarantine_and_an_unreadable_one_are_told() -> None:
    control = FakeControl()
    control.requests = ()
    app = fakes.app(control)

    async with in_triage(app, "U") as pilot:
        await settle(pilot, "R", "A", "y", "enter")
        assert "nothing is in quarantine" in text(app)
        await settle(pilot, "escape")
        control.unreadable = StoreUnusable("cannot read the database x: locked")
        await read(pilot, "U")
        assert "locked" in text(app)


async def test_where_all_has_ended_the_commands_are_told() -> None:
    control = FakeControl(fakes.ended(State.DONE))
    app = fakes.app(control)

    async with in_triage(app, "enter", "D", size=(120, 40)) as pilot:
        assert "`fetchdeck errors pr0gramm --quarantine 0` sets it aside" in text(app)
        await settle(pilot, "escape")
        await read(pilot, "U")
        await settle(pilot, "R")
        assert "`fetchdeck errors github --release 0` lets it out" in text(app)

    assert control.commands == []


async def test_the_head_of_the_answer_is_shown_without_its_secrets() -> None:
    app = fakes.app()

    async with in_triage(app, "enter", "j", "enter", size=(120, 40)):
        page = text(app)

    assert "head      429 Too Many Requests" in page
    assert "retry-after: 60" in page
    assert "set-cookie: <hidden>" in page
    assert "server: nginx␛[31m" in page
