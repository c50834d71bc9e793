"""The harvest that the app shows, which its collaborators share."""

from collections.abc import Callable
from typing import Final

from textual.app import App

from engine.common.text import clean
from engine.model.commands import Command, Done, Outcome, Refused
from engine.model.control import Control
from engine.model.snapshot import DeckState
from tui.app.notices import Notices
from tui.app.saving import SettingsSaver
from tui.widgets.rows import Tone
from tui.widgets.states import ENDED

LATE_SECONDS: Final = 5.0
"""A snapshot this old is worth a warning."""


class ShownHarvest:
    """Holds the control of the harvest and its latest snapshot, and sends it commands."""

    def __init__(
        self,
        *,
        app: App[int],
        notices: Notices,
        saver: SettingsSaver,
        clock: Callable[[], float],
        tick: Callable[[], None],
    ) -> None:
        """Build it; `tick` draws the next frame, after a command was answered."""
        self._app = app
        self._tick = tick
        self._notices = notices
        self._saver = saver
        self._clock = clock
        self.control: Control | None = None
        """None before a harvest is started."""
        self.deck: DeckState | None = None
        """None before the first snapshot."""

    def refresh(self) -> None:
        """Take a new snapshot; an engine that gives none, or an old one, is reported."""
        if self.control is None:
            return
        try:
            self.deck = self.control.snapshot()
        except Exception as error:  # noqa: BLE001 - the harvest may be well even when it cannot say so
            self._notices.report("the engine cannot say how it is", error)
            return
        self._saver.on_snapshot(self.deck)
        late = self._clock() - self.deck.at
        if late > LATE_SECONDS and self.deck.state not in ENDED:
            self._notices.show(f"the engine has not moved for {late:.0f} s", Tone.WARN, seconds=1)

    def send(self, command: Command, then: Callable[[Done], None]) -> None:
        """Send a command to the engine. Once it is carried out, `then` is called and the next frame is drawn."""
        if self.control is None:
            return

        def answered(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                self._notices.show(clean(outcome.reason, 300), Tone.BAD)
            else:
                then(outcome)
            self._tick()

        # The engine answers in its own thread; `call_later` is safe from there.
        self.control.send(command).add_done_callback(lambda answer: self._app.call_later(answered, answer.result()))
