"""Quitting: a confirmation first, then the requests in flight finish; a third press ends at once."""

import time
from abc import abstractmethod

from textual import events
from textual.app import App

from engine.model.commands import Stop, StopNow
from engine.model.control import Control
from engine.model.snapshot import DeckState
from tui.actions.messages import QuitAction, exit_code, quit_action
from tui.app.notices import SECONDS
from tui.screens.base import Board
from tui.terminal.confirm_twice import MOST, DoublePress
from tui.widgets.rows import Tone


class QuittingMixin(App[int], inherit_bindings=False):
    """The part of the app that ends it."""

    _control: Control | None
    _deck: DeckState | None
    _asked_to_leave: bool
    _twice: DoublePress
    _key_came: float = float("inf")
    """When the present key was pressed, by `time.monotonic`. On a busy machine it is handled later, and the keys of a
    paste, which came together, are handled one by one: only the time of the press tells them apart."""

    async def on_event(self, event: events.Event) -> None:
        """Record when a key was pressed, and run its action."""
        if isinstance(event, events.Key):
            self._key_came = event.time
        await super().on_event(event)

    @abstractmethod
    def show_message(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message in the status line for some seconds."""

    @abstractmethod
    def _pull(self) -> None:
        """Take a new snapshot."""

    def action_leave(self) -> None:
        """Quit if nothing runs; otherwise ask for a second press, because a paste must not end a harvest."""
        within = float("inf") if self._asked_to_leave else MOST
        self._take_leave(sure=self._twice.again(within, late=max(0.0, time.monotonic() - self._key_came)))

    def interrupt(self) -> None:
        """Leave on a signal: the first finishes the requests in flight, the second ends at once."""
        self._take_leave(sure=True)

    def action_interrupt(self) -> None:
        """Close the prompt; without one, leave."""
        if not (isinstance(self.screen, Board) and self.screen.cancel()):
            self.action_leave()

    def leave_where_over(self) -> None:
        """Leave if that was requested and nothing runs any more."""
        if (
            self._asked_to_leave
            and self._deck is not None
            and quit_action(self._deck.state, asked=True) is QuitAction.LEAVE
        ):
            self._leave()

    def _take_leave(self, *, sure: bool) -> None:
        self._pull()
        state = None if self._deck is None else self._deck.state
        match quit_action(state, asked=self._asked_to_leave, sure=sure):
            case QuitAction.ASK:
                what = "ends at once" if self._asked_to_leave else "finishes what is in flight and leaves"
                self.show_message(f"q again {what}", Tone.WARN, seconds=MOST)
            case QuitAction.STOP if self._control is not None:
                self._asked_to_leave = True
                self._control.send(Stop())
                self.show_message(
                    "stopping: finishes what is in flight; q again ends at once", Tone.ACCENT, seconds=1.0
                )
            case QuitAction.STOP_NOW if self._control is not None:
                self._control.send(StopNow())
                self._leave()
            case _:
                self._leave()

    def _leave(self) -> None:
        code = exit_code(None if self._deck is None else self._deck.state)
        self.exit(code, return_code=code)
