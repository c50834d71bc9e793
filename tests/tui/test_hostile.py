"""Whatever comes from outside is shown and does nothing: in the picker, the settings, the form and the quarantine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from bench.screen.sample import deck
from engine.common.errors import ConfigError, UsageError
from engine.model.control import Control
from engine.model.snapshot import Attempt, FailedRequest
from tests.terminal.payloads import HOSTILE as CONTROLS
from tests.tui import fakes
from tests.tui.fakes import FakeControl, hostile, lines, settle, text
from tests.tui.screens.init.test_form import Sitting
from tui.app.app import FetchdeckApp
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.init.form import Form
from tui.screens.picker.screen import Picker
from tui.screens.triage.failed_requests import FailedRequestPage
from tui.screens.triage.quarantine import Quarantine

PAYLOADS = {
    "escapes": " ".join(CONTROLS[:6]),
    "marks": " ".join(CONTROLS[6:11]),
    "long": CONTROLS[11],
    "wide": "界" * 300,
    "markup": "[/nope][@click=app.exit]x[/]",
}


async def looks(pilot: Pilot[int], app: FetchdeckApp, *keys: str) -> None:
    """Press keys one by one; after each the screen is whole, of its size, and nothing on it acts on a terminal."""
    for key in keys:
        await settle(pilot, key)
        shown = lines(app)
        assert [cell_len(line) for line in shown] == [app.size.width] * app.size.height, key
        assert all(line.isprintable() for line in shown), key
        assert "cannot draw" not in text(app), key


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=list(PAYLOADS))
async def test_the_picker_with_every_text_of_a_card_its_filter_and_its_refusal(payload: str) -> None:
    told = replace(deck.cards()[0], name=payload, summary=payload, terms=payload, limits=payload, cost=payload)
    card = replace(told, access=payload, last_run=payload)

    def refuse(_: Sequence[str]) -> Control:
        raise UsageError(payload)

    app = fakes.app(picker=True, cards=[card, replace(card, ready=False, problem=payload)], start=refuse)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await looks(pilot, app, "space", "j", "space", "g", "enter", "question_mark", "escape", "slash")
        assert isinstance(app.screen, Picker)
        assert app.screen.prompt is not None
        app.screen.prompt.paste(payload)
        await looks(pilot, app, "enter", "escape")
        app.show_message(payload)
        await looks(pilot, app, "j")


class Refusing:
    """Saves nothing, and says why in what it was told."""

    def __init__(self, name: str) -> None:
        self.name = name

    def save(self, source: str, values: Mapping[str, Any]) -> None:
        raise ConfigError(self.name)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=list(PAYLOADS))
async def test_the_settings_their_prompt_their_complaints_and_the_question_to_save(payload: str) -> None:
    control = FakeControl(hostile(payload))
    control.refuses = payload
    app = fakes.app(control, settings_writer=Refusing(payload))

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await looks(pilot, app, "s", "enter", "ctrl+u", "9", "enter", "S", "y", "G", "enter", "home", "escape")
        await looks(pilot, app, "g", "enter")
        assert isinstance(app.screen, Dashboard)
        assert app.screen.prompt is not None
        app.screen.prompt.paste(payload)
        await looks(pilot, app, "left", "enter", "escape")


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=list(PAYLOADS))
async def test_the_form_with_a_file_and_sources_that_say_anything(tmp_path: Path, payload: str) -> None:
    quoted = json.dumps(payload[:3000]).replace("\x7f", "\\u007f")
    sitting = Sitting(tmp_path, text=f'database = "x.db"\n\n[sources.github]\norgs = [{quoted}]\n')
    for part in sitting.draft.parts:
        part.summary = payload
        part.auth = None if part.auth is None else replace(part.auth, hint=payload)
        part.token_file = payload
    async with sitting.app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await looks(pilot, sitting.app, *"jjjjjj", "g", "enter")
        assert isinstance(sitting.app.screen, Form)
        assert sitting.app.screen.prompt is not None
        sitting.app.screen.prompt.paste(payload)
        await looks(pilot, sitting.app, "enter", "j", "j", "enter", "home", "escape", "w", "j", "escape")


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=list(PAYLOADS))
async def test_the_quarantine_and_one_request_in_it(payload: str) -> None:
    control = FakeControl(hostile(payload))
    control.requests = [quarantined(payload, number) for number in range(3)]
    control.detail = replace(
        deck.detail(0), request=control.requests[0], address=payload, curl=payload, body=(payload,) * 3
    )
    app = fakes.app(control)

    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await looks(pilot, app, "e", "e", "U")
        assert isinstance(app.screen, Quarantine)
        await looks(pilot, app, "j", "enter")
        assert isinstance(app.screen, FailedRequestPage)
        await looks(pilot, app, "pagedown", "G", "question_mark", "escape", "R", "A", "y")


def quarantined(payload: str, number: int) -> FailedRequest:
    one = replace(deck.quarantined()[0], id=number, source=payload, what=payload, reason=payload, fingerprint=payload)
    tried = Attempt(at=0.0, outcome=payload, status=None, reason=payload, wait=1.0)
    return replace(one, head=(payload,) * 3, history=(tried,) * 3)
