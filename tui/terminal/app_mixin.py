"""The part of the app that manages its terminal: frame rate, traffic, title, alerts, suspension and hang-up."""

import os
import time
from collections.abc import Callable
from typing import Final

from textual import constants, events
from textual.app import App
from textual.binding import Binding

from engine.model.snapshot import DeckState
from tui.terminal.alerts import AttentionAlerts, title
from tui.terminal.driver import DeckDriver
from tui.terminal.osc import BELL, KEEP_TITLE, notification
from tui.terminal.osc import title as title_sequence
from tui.terminal.pace import Pace
from tui.terminal.preferences import TerminalPreferences, takes_osc
from tui.terminal.traffic import Line
from tui.widgets.numbers import duration, size
from tui.widgets.rows import Tone

SECONDS: Final = 6.0
"""How long a message is shown."""
BINDINGS: Final = [
    Binding("B", "show_traffic", id="view.traffic", tooltip="bytes a second sent here"),
    Binding("m", "toggle_mouse", show=False, id="app.mouse", tooltip="mouse on or off"),
    Binding("ctrl+z", "suspend_process", show=False, priority=True, id="app.suspend", tooltip="suspend; fg goes on"),
]
"""The bindings of this mixin. An app that inherits no bindings adds these to its own."""


class TerminalApp(App[int], inherit_bindings=False):
    """An app that works on any terminal: slow ones, old ones, and ones that stall or disappear."""

    def __init__(
        self,
        *,
        preferences: TerminalPreferences | None,
        ticks: Callable[[], float] = time.monotonic,
        ansi_color: bool | None = None,
    ) -> None:
        self.preferences = preferences or TerminalPreferences()
        self.line = Line()
        self.pace = Pace.of(self.preferences.hz, slow=self.preferences.slow)
        self.ticks = ticks
        self._alerts = AttentionAlerts()
        self._sent_title = ""
        self._traffic_shown = False
        self.mouse_on = self.preferences.mouse
        # `textual-serve` names its own driver in the environment; that one is used.
        super().__init__(driver_class=None if constants.DRIVER else DeckDriver, ansi_color=ansi_color)

    def show_message(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message for some seconds. The subclass decides where."""

    def frame_is_due(self) -> bool:
        """Return whether to draw now; if so, count the frame as drawn."""
        now = self.ticks()
        if self.line.recovered():
            # Bytes were dropped, so the terminal does not show what Textual believes it shows: paint every line again.
            self.refresh(layout=True)
        due = self.pace.due(now, self.line)
        if due:
            self.pace.drawn(now, self.line)
        return due

    def traffic(self) -> str:
        """Return the bytes sent to the terminal in words; "" unless the person asked for it."""
        if not self._traffic_shown:
            return ""
        return f"{size(self.line.rate())}/s {1 / self.pace.interval(self.line):.2g} Hz"

    def look_out(self, deck: DeckState, *, leaving: bool) -> None:
        """Update the terminal's title, and alert the person to new events."""
        if self.preferences.title and takes_osc(os.environ) and title(deck) != self._sent_title:
            self.send(("" if self._sent_title else KEEP_TITLE) + title_sequence(title(deck)))
            self._sent_title = title(deck)
        for text in self._alerts.see(deck, self.ticks()):
            if not leaving:
                self.alert(text)

    def alert(self, text: str) -> None:
        """Ring the bell and show a notification, as far as the preferences and the terminal allow."""
        shown = notification(text) if self.preferences.notify and takes_osc(os.environ) else ""
        self.send((BELL if self.preferences.bell else "") + shown)

    def send(self, sequence: str) -> None:
        """Send a control sequence to the terminal, if there is one."""
        if sequence and isinstance(self._driver, DeckDriver):
            self._driver.write(sequence)

    def hang_up(self) -> None:
        """Record that the terminal is gone. Safe to call from any thread."""
        if isinstance(self._driver, DeckDriver):
            self._driver.hang_up()

    def continued(self, seconds: float | None) -> None:
        """Repaint the screen after a suspension, and show how long it lasted."""
        self._sent_title = ""  # the shell may have set its own
        self.refresh(layout=True)
        if seconds is not None:
            self.show_message(f"was suspended for {duration(seconds)}; the harvest stood still", Tone.WARN)

    def input_broke(self, error: Exception) -> None:
        """Exit as after any exception: a screen that receives no keys cannot be used or left."""
        self._handle_exception(error)

    def action_show_traffic(self) -> None:
        self._traffic_shown = not self._traffic_shown
        self.show_message(
            "" if self._traffic_shown else "the traffic is hidden", seconds=0 if self._traffic_shown else 1
        )

    def action_toggle_mouse(self) -> None:
        """Have the terminal report the mouse to the screen, or leave the mouse to the terminal."""
        self.mouse_on = not self.mouse_on
        if isinstance(self._driver, DeckDriver):
            self._driver.report_mouse(wanted=self.mouse_on)
        self.show_message(
            "the mouse chooses and scrolls here; m gives it back to the terminal"
            if self.mouse_on
            else "the mouse is the terminal's again"
        )

    def action_suspend_process(self) -> None:
        """Suspend the process.

        A session leader is not suspended: it has no shell that could continue it.
        """
        if os.getpgrp() == os.getsid(0):
            self.show_message("there is no shell to suspend to", Tone.WARN)
        else:
            super().action_suspend_process()

    def on_app_blur(self, _event: events.AppBlur) -> None:
        """Draw less often while the window has no focus."""
        self.pace.blurred = True

    def on_app_focus(self, _event: events.AppFocus) -> None:
        self.pace.blurred = False
