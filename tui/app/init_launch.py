"""Opens the form of `fetchdeck init` on the screen."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.common.errors import UsageError
from engine.common.paths import config_folder
from engine.config.settings import Settings
from engine.model.control import Control
from tui.app.launch import remembered_theme, tell_textual
from tui.init.draft import Draft
from tui.screens.base import BaseScreen
from tui.screens.frame import Frame
from tui.screens.init.form import Addresses, Form
from tui.terminal.preferences import TerminalPreferences
from tui.terminal.signals import SignalGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class FormResult:
    """How the form was left."""

    write: bool
    """Whether the user asked to write the file."""
    crashed: bool = False
    by: signal.Signals | None = None
    url: str = field(default="", repr=False)
    """The address to propose a source for instead; it may carry a secret."""


def run_form(
    draft: Draft,
    settings: Settings,
    preferences: TerminalPreferences,
    keyring: str,
    address: Callable[[str], str] = lambda _: "",
) -> FormResult:
    """Show the form until the user leaves it. It writes nothing.

    `address` returns a pasted address without its secret, "" for a text that is none.
    """
    tell_textual(os.environ)
    from tui.app.app import FetchdeckApp  # noqa: PLC0415 -- Textual reads the environment when it is imported

    wanted: list[bool] = []
    pasted: list[str] = []

    def done() -> None:
        wanted.append(True)
        app.exit(0)

    def take(text: str) -> None:
        pasted.append(text.strip())
        app.exit(0)

    def form(frame: Frame) -> BaseScreen:
        return Form(frame, draft, keyring=keyring, done=done, addresses=Addresses(address, take))

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
    return FormResult(write=bool(wanted), crashed=app.return_value is None, by=guard.first, url="".join(pasted[-1:]))


def _refuse(_names: object) -> Control:
    raise UsageError("nothing is harvested here")
