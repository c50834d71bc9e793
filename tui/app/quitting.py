"""Quitting: a confirmation first, then the requests in flight finish; a third press ends at once."""

import time
from collections.abc import Callable

from engine.model.commands import Stop, StopNow
from tui.actions.messages import QuitAction, quit_action, screen_exit_code
from tui.app.notices import ShowMessage
from tui.app.shown_harvest import ShownHarvest
from tui.terminal.confirm_twice import MOST, DoublePress
from tui.widgets.rows import Tone


class Quitting:
    """Stops the harvest as often as the user asks, and exits the app when nothing runs any more."""

    def __init__(
        self,
        *,
        harvest: ShownHarvest,
        ticks: Callable[[], float],
        show_message: ShowMessage,
        leave: Callable[[int], None],
    ) -> None:
        """Build it; `leave` exits the app with an exit code."""
        self._harvest = harvest
        self._show_message = show_message
        self._exit = leave
        self._twice = DoublePress(ticks)
        self.requested = False
        """Whether the harvest was asked to stop."""
        self.key_came = float("inf")
        """When the present key was pressed, by `time.monotonic`.

        On a busy machine it is handled later, and the keys of a paste, which came together, are handled one by one:
        only the time of the press tells them apart.
        """

    def press(self) -> None:
        """Quit if nothing runs; otherwise ask for a second press, because a paste must not end a harvest."""
        within = float("inf") if self.requested else MOST
        self.request(sure=self._twice.again(within, late=max(0.0, time.monotonic() - self.key_came)))

    def request(self, *, sure: bool) -> None:
        """Ask, stop or leave, as the harvest's state demands. A signal and a confirmed key are `sure`."""
        self._harvest.refresh()
        control, deck = self._harvest.control, self._harvest.deck
        match quit_action(None if deck is None else deck.state, asked=self.requested, sure=sure):
            case QuitAction.ASK:
                what = "ends at once" if self.requested else "finishes what is in flight and leaves"
                self._show_message(f"q again {what}", Tone.WARN, seconds=MOST)
            case QuitAction.STOP if control is not None:
                self.requested = True
                control.send(Stop())
                self._show_message(
                    "stopping: finishes what is in flight; q again ends at once", Tone.ACCENT, seconds=1.0
                )
            case QuitAction.STOP_NOW if control is not None:
                control.send(StopNow())
                self._leave()
            case _:
                self._leave()

    def leave_if_over(self) -> None:
        """Leave if that was requested and nothing runs any more."""
        deck = self._harvest.deck
        if self.requested and deck is not None and quit_action(deck.state, asked=True) is QuitAction.LEAVE:
            self._leave()

    def _leave(self) -> None:
        deck = self._harvest.deck
        self._exit(screen_exit_code(None if deck is None else deck.state))
