"""Every key of every screen and pane, pressed one after the other: none of them breaks anything."""

import logging
from collections import deque
from typing import Any

import pytest
from textual.screen import Screen

from tests.tui import fakes
from tests.tui.fakes import Copies, FakeControl, settle, text
from tests.tui.triaging import read
from tui.app.app import FetchdeckApp
from tui.app.keymap import SCREENS, bound
from tui.screens.changes.screen import ChangeFeed
from tui.screens.coverage.screen import Coverage
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.dashboard.focus import Focus
from tui.screens.help import Help
from tui.screens.picker.screen import Picker
from tui.screens.theme_picker import Themes
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import FailedRequestList, FailedRequestPage
from tui.screens.triage.quarantine import Quarantine

PLACES: list[tuple[type[Screen[Any]], list[str]]] = [
    (Picker, []),
    (Dashboard, []),
    (Dashboard, ["tab"]),
    (Dashboard, ["e", "tab"]),
    (Dashboard, ["w", "tab"]),
    (Dashboard, ["d", "tab"]),
    (Dashboard, ["s"]),
    (Focus, ["enter"]),
    (Help, ["question_mark"]),
    (Themes, ["T"]),
    (Triage, ["e", "e"]),
    (FailedRequestList, ["e", "e", "enter"]),
    (FailedRequestPage, ["e", "e", "enter", "enter"]),
    (Coverage, ["C"]),
    (ChangeFeed, ["h"]),
    (Quarantine, ["e", "e", "U"]),
]
"""Each screen, and the keys that lead to it."""


def test_no_screen_is_forgotten() -> None:
    assert {screen for screen, _ in PLACES} == set(SCREENS)


@pytest.mark.parametrize(("screen", "way"), PLACES)
async def test_no_key_breaks_anything(
    screen: type[Screen[Any]], way: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    keys = deque(binding.key for owner in (FetchdeckApp, screen) for binding in bound(owner))
    pressed = 0

    with caplog.at_level(logging.WARNING, "fetchdeck.screen"):
        while keys:
            control = None if screen is Picker else FakeControl()
            app = fakes.app(control, picker=screen is Picker, jobs=fakes.background_jobs(None, Copies()))
            async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
                await read(pilot, *way)
                assert type(app.screen) is screen
                while keys and type(app.screen) is screen and app.is_running:
                    await settle(pilot, keys.popleft())
                    pressed += 1
                    assert "cannot draw" not in text(app)

    assert pressed > 20
    assert caplog.messages == []
