"""Opens the form of `fetchdeck init` on the screen."""

import os
import signal
from dataclasses import dataclass

from engine.common.errors import UsageError
from engine.common.paths import config_folder
from engine.config.settings import Settings
from engine.model.control import Control
from tui.app.launch import remembered_theme, tell_textual
from tui.init.draft import Draft
from tui.screens.base import BaseScreen
from tui.screens.frame import Frame
from tui.screens.init.form import Form
from tui.terminal.preferences import TerminalPreferences
from tui.terminal.signals import SignalGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class FormResult:
    """How the form was left."""

    write: bool
    """Whether the user asked to write the file."""
    crashed: bool = False
    by: signal.Signals | None = None


def run_form(draft: Draft, settings: Settings, preferences: TerminalPreferences, keyring: str) -> FormResult:
    """Show the form until the user leaves it. It writes nothing."""
    tell_textual(os.environ)
    from tui.app.app import FetchdeckApp  # noqa: PLC0415 -- Textual reads the environment when it is imported

    wanted: list[bool] = []

    def done() -> None:
        wanted.append(True)
        app.exit(0)

    def form(frame: Frame) -> BaseScreen:
        return Form(frame, draft, keyring=keyring, done=done)

    app = FetchdeckApp(
        cards=tuple,
        start=_refuse,
        opening=form,
        themes=[config_folder() / "themes"],
        theme=settings.theme or remembered_theme(),
        preferences=preferences,
    )
    with SignalGuard(leave=lambda: app.call_later(app.interrupt), ended=lambda: None, gone=app.hang_up) as guard:
        app.run(mouse=False)
    return FormResult(write=bool(wanted), crashed=app.return_value is None, by=guard.first)


def _refuse(_names: object) -> Control:
    raise UsageError("nothing is harvested here")
