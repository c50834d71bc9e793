"""The part of the app that looks after its terminal: pace, traffic, title, alerts, suspension, a line that drops."""

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
BINDINGS: Final = [
    Binding("B", "show_traffic", id="view.traffic", tooltip="bytes a second sent here"),
    Binding("m", "toggle_mouse", show=False, id="app.mouse", tooltip="mouse on or off"),
    Binding("ctrl+z", "suspend_process", show=False, priority=True, id="app.suspend", tooltip="suspend; fg goes on"),
]
"""An app that inherits no bindings lists these among its own."""


class TerminalApp(App[int], inherit_bindings=False):
    """An app that is a good guest of any terminal."""

    def __init__(
        self,
        *,
        manners: TerminalPreferences | None,
        ticks: Callable[[], float] = time.monotonic,
        ansi_color: bool | None = None,
    ) -> None:
        self.manners = manners or TerminalPreferences()
        self.line = Line()
        self.pace = Pace.of(self.manners.hz, slow=self.manners.slow)
        self.ticks = ticks
        self._lookout = AttentionAlerts()
        self._told_title = ""
        self._traffic_shown = False
        self.mouse_on = self.manners.mouse
        # Another driver may be asked for by name, as textual-serve does.
        super().__init__(driver_class=None if constants.DRIVER else DeckDriver, ansi_color=ansi_color)

    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a sentence for a while; the app knows where."""

    def frame_is_due(self) -> bool:
        """Say whether to draw now, and note it."""
        now = self.ticks()
        if self.line.recovered():
            self.refresh(layout=True)
        due = self.pace.due(now, self.line)
        if due:
            self.pace.drawn(now, self.line)
        return due

    def traffic(self) -> str:
        """Return how much goes to the terminal, in a few words; "" while nobody asks."""
        if not self._traffic_shown:
            return ""
        return f"{size(self.line.rate())}/s {1 / self.pace.interval(self.line):.2g} Hz"

    def look_out(self, deck: DeckState, *, leaving: bool) -> None:
        """Keep the title true, and call the person back where something happened."""
        if self.manners.title and takes_osc(os.environ) and title(deck) != self._told_title:
            self.send(("" if self._told_title else KEEP_TITLE) + title_sequence(title(deck)))
            self._told_title = title(deck)
        for text in self._lookout.see(deck, self.ticks()):
            if not leaving:
                self.alert(text)

    def alert(self, text: str) -> None:
        """Ring and notify, as far as that is wanted and the terminal knows how."""
        spoken = notification(text) if self.manners.notify and takes_osc(os.environ) else ""
        self.send((BELL if self.manners.bell else "") + spoken)

    def send(self, sequence: str) -> None:
        """Send a sequence to the terminal, where there is one."""
        if sequence and isinstance(self._driver, DeckDriver):
            self._driver.write(sequence)

    def hang_up(self) -> None:
        """Take note that the terminal has gone. Safe from any thread."""
        if isinstance(self._driver, DeckDriver):
            self._driver.hang_up()

    def continued(self, seconds: float | None) -> None:
        """Paint everything anew after a stop, and say how long it was."""
        self._told_title = ""
        self.refresh(layout=True)
        if seconds is not None:
            self.say(f"was suspended for {duration(seconds)}; the harvest stood still", Tone.WARN)

    def input_broke(self, error: Exception) -> None:
        """End as for any exception: a screen that hears no keys is none."""
        self._handle_exception(error)

    def action_show_traffic(self) -> None:
        """Show or hide the bytes a second."""
        self._traffic_shown = not self._traffic_shown
        self.say("" if self._traffic_shown else "the traffic is hidden", seconds=0 if self._traffic_shown else 1)

    def action_toggle_mouse(self) -> None:
        """Take the mouse, to choose by a click and scroll by the wheel; or give it back to the terminal."""
        self.mouse_on = not self.mouse_on
        if isinstance(self._driver, DeckDriver):
            self._driver.report_mouse(wanted=self.mouse_on)
        self.say(
            "the mouse chooses and scrolls here; m gives it back to the terminal"
            if self.mouse_on
            else "the mouse is the terminal's again"
        )

    def action_suspend_process(self) -> None:
        """Stop until the shell says `fg`; the leader of a session has no shell that could."""
        if os.getpgrp() == os.getsid(0):
            self.say("there is no shell to suspend to", Tone.WARN)
        else:
            super().action_suspend_process()

    def on_app_blur(self, _event: events.AppBlur) -> None:
        """Draw seldom while nobody looks."""
        self.pace.blurred = True

    def on_app_focus(self, _event: events.AppFocus) -> None:
        """Draw as usual."""
        self.pace.blurred = False
