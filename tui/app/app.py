"""The Textual app: it takes a snapshot for every frame, gives it to the top screen, and sends commands to the deck."""

import locale
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType

from engine.common.errors import UsageError
from engine.common.text import clean
from engine.model.commands import Command, Done, Outcome, Refused
from engine.model.control import Control
from engine.model.snapshot import DeckState
from engine.model.source_card import SourceCard
from tui.actions import messages
from tui.app.background_jobs import BackgroundJobs
from tui.app.data_pages import DataPagesMixin, StoredData
from tui.app.navigation import NavigationMixin
from tui.app.notices import SECONDS, Notices
from tui.app.quitting import QuittingMixin
from tui.app.saving import SettingsSaver, SettingsWriter
from tui.app.themes import ThemeManager
from tui.common import crash
from tui.screens.base import Board
from tui.screens.changes.last_seen import LastSeen, LastSeenFile
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.frame import Frame
from tui.screens.picker.screen import Picker
from tui.screens.selection import Choice
from tui.terminal import app_mixin
from tui.terminal.app_mixin import TerminalApp
from tui.terminal.confirm_twice import DoublePress
from tui.terminal.preferences import TerminalPreferences
from tui.widgets import ascii_fallback
from tui.widgets.rows import Tone
from tui.widgets.states import ENDED

CRASHED: Final = 70
"""Exit code of a screen that broke: EX_SOFTWARE of sysexits.h."""
LATE_SECONDS: Final = 5.0
"""A snapshot this old is worth a warning."""


class FetchdeckApp(QuittingMixin, NavigationMixin, DataPagesMixin, TerminalApp, inherit_bindings=False):
    """The screen of fetchdeck. It knows a harvest only by `Control` and its snapshots."""

    TITLE = "fetchdeck"
    AUTO_FOCUS = None
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon,ctrl+p", "commands", "commands", show=False, id="app.commands", tooltip="any action by name"),
        Binding("C", "coverage", "coverage", show=False, id="view.coverage", tooltip="which parts are there"),
        Binding("h", "changes", "changes", show=False, id="view.changes", tooltip="changed since last time"),
        Binding("T", "themes", id="view.themes", tooltip="choose a theme"),
        Binding("question_mark", "explain", "help", id="app.help", tooltip="this page"),
        Binding("q", "leave", "quit", id="app.quit", tooltip="twice: leave; thrice: now"),
        Binding("ctrl+c", "interrupt", show=False, priority=True, id="app.interrupt", tooltip="as q"),
        *app_mixin.BINDINGS,
    ]

    def __init__(
        self,
        *,
        cards: Callable[[], Sequence[SourceCard]],
        start: Callable[[Sequence[str]], Control],
        go: Callable[[], None] = lambda: None,
        selected: Sequence[str] = (),
        themes: Sequence[Path] = (),
        theme: str | None = None,
        on_theme: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
        zone: tzinfo | None = None,
        ascii_only: bool | None = None,
        jobs: BackgroundJobs | None = None,
        stored_data: StoredData | None = None,
        last_seen: LastSeen | None = None,
        keys: Mapping[str, str] | None = None,
        settings_writer: SettingsWriter | None = None,
        preferences: TerminalPreferences | None = None,
        ticks: Callable[[], float] = time.monotonic,
        opening: Callable[[Frame], Board] | None = None,
        set_up: Callable[[], object] | None = None,
        greeting: str = "",
    ) -> None:
        """Build the app; collaborators that are None are created.

        `go` lets a started engine run, after its first frame. `keys` maps binding ids to keys. `clock` gives stored
        times. `opening` creates another first screen than the picker. `set_up` is called when the picker was left for
        `init`; `greeting` is the picker's text about it.
        """
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]  # https://no-color.org: an empty value does not count, but Textual obeys it
        colourless = "NO_COLOR" in os.environ
        super().__init__(preferences=preferences, ticks=ticks, ansi_color=True if colourless else None)
        self._cards, self._start, self._go, self._selected = cards, start, go, tuple(selected)
        self._on_theme, self._clock, self._zone = on_theme, clock, zone
        ascii_only = self.preferences.ascii_only if ascii_only is None else ascii_only
        self._control: Control | None = None
        self._deck: DeckState | None = None
        self._asked_to_leave = False
        self._twice = DoublePress(ticks)
        self._opening, self._set_up, self._greeting = opening, set_up, greeting
        self._jobs = jobs or BackgroundJobs.usual(clock)
        self._stored = stored_data
        self._last_seen = last_seen or LastSeenFile()
        self._notices = Notices(clock)
        self._choice = Choice()
        self._saver = SettingsSaver(settings_writer, self.show_message)
        self._themes = ThemeManager(
            folders=themes,
            wanted=theme,
            colourless=colourless,
            ascii_only=ascii_fallback.needed(os.environ, locale.getencoding()) if ascii_only is None else ascii_only,
        )
        self.set_keymap(keys or {})
        self.apply_theme()
        if self._themes.problems:
            self._notices.show(self._themes.problems[-1], Tone.BAD, seconds=15)

    def on_mount(self) -> None:
        """Open the picker, or start the selected sources at once."""
        if self._selected:
            self._begin(self._selected)
        elif self._opening is not None:
            self.push_screen(self._opening(self._frame()))
        else:
            self.push_screen(Picker(self._frame(), self._cards(), set_up=self._greeting if self._set_up else None))
        self.set_interval(1 / self.pace.hz, self.beat)

    def beat(self) -> None:
        """Draw the next frame if it is due."""
        if self.frame_is_due() or self._asked_to_leave:
            self.tick()

    def tick(self) -> None:
        """Take a snapshot and draw it; leave if that was requested and nothing runs any more."""
        self._pull()
        self.redraw()
        if self._deck is not None:
            self.look_out(self._deck, leaving=self._asked_to_leave)
        self.leave_where_over()

    def show_message(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message in the status line for some seconds."""
        self._notices.show(text, tone, seconds)
        self.redraw()

    def on_sources_chosen(self, message: messages.SourcesChosen) -> None:
        """Start the chosen sources, or show why not."""
        self._begin(message.names)

    def on_set_up_asked(self, _message: messages.SetUpAsked) -> None:
        """Leave the picker for `fetchdeck init`."""
        if self._set_up is not None:
            self._set_up()
            self.exit(0)

    def on_save_asked(self, message: messages.SaveAsked) -> None:
        """Ask whether to write the changed settings of a source."""
        groups = () if self._deck is None else self._deck.groups
        for group in groups:
            if group.name == message.source and isinstance(self.screen, Board):
                question = self._saver.question(group)
                if question is not None:
                    self.screen.ask(question)

    def on_theme_tried(self, message: messages.ThemeTried) -> None:
        self._themes.apply(message.name)
        self.apply_theme()
        self.redraw()
        if message.final:
            self.show_message(f"theme {message.name}")
            if self._on_theme is not None:
                self._on_theme(message.name)

    def apply_theme(self) -> None:
        """Set Textual's theme too, because Textual paints the cells between the panels."""
        if self._themes.colourless:
            self.theme = "ansi-dark"
            return
        self.register_theme(self._themes.current)
        self.theme = self._themes.current.name

    @on(messages.EngineCommand)
    def send_command(self, message: messages.EngineCommand) -> None:
        if self._control is None or self._deck is None:
            return
        if too_late := message.too_late(self._deck):
            self.show_message(too_late)
            return
        self.command(message.command, lambda _done: self.show_message(message.said) if message.said else None)

    def command(self, command: Command, then: Callable[[Done], None]) -> None:
        """Send a command to the engine. Once it is carried out, `then` is called and the next frame is drawn."""
        if self._control is None:
            return

        def answered(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                self.show_message(clean(outcome.reason, 300), Tone.BAD)
            else:
                then(outcome)
            self.tick()

        # The engine answers in its own thread; `call_later` is safe from there.
        self._control.send(command).add_done_callback(lambda answer: self.call_later(answered, answer.result()))

    def on_panel_broke(self, message: messages.PanelBroke) -> None:
        """Show that a panel is broken, and log the error once."""
        self._notices.report(f"the panel {message.panel!r} cannot be drawn, the harvest goes on", message.error)

    def _begin(self, names: Sequence[str]) -> None:
        try:
            self.enter(self._start(names))
        except UsageError as error:
            self._refuse(clean(str(error), 500))

    def enter(self, control: Control) -> None:
        """Show a harvest that was just started, in place of the picker and all pages over it."""
        self._control = control
        self._pull()
        if self._deck is None:
            self._refuse("the engine gave no first snapshot; the log file says why")
            return
        board = Dashboard(self._frame(), self._choice)
        if any(isinstance(screen, Picker) for screen in self.screen_stack):
            while not isinstance(self.screen, Picker):
                self.pop_screen()
        if isinstance(self.screen, Picker):
            self.switch_screen(board)
        else:
            self.push_screen(board)
        board.call_after_refresh(self._go)
        self.greet()

    def _refuse(self, problem: str) -> None:
        if isinstance(self.screen, Picker):
            self.screen.refuse(problem)
        else:
            self.exit(2, return_code=2, message=Text(problem))

    def _pull(self) -> None:
        if self._control is None:
            return
        try:
            self._deck = self._control.snapshot()
        except Exception as error:  # noqa: BLE001 - the harvest may be well even when it cannot say so
            self._notices.report("the engine cannot say how it is", error)
            return
        self._saver.on_snapshot(self._deck)
        late = self._clock() - self._deck.at
        if late > LATE_SECONDS and self._deck.state not in ENDED:
            self._notices.show(f"the engine has not moved for {late:.0f} s", Tone.WARN, seconds=1)

    def redraw(self) -> None:
        """Draw the top screen."""
        for screen in self.screen_stack[-1:]:  # none is left when a frame comes while the app closes
            if isinstance(screen, Board):
                screen.draw(self._frame())

    def _frame(self) -> Frame:
        return Frame(
            deck=self._deck,
            ink=self._themes.ink,
            notice=self._notices.current,
            zone=self._zone,
            at=self._clock() if self._deck is None else self._deck.at,
            traffic=self.traffic(),
            saved=self._saver.saved,
        )

    def _fatal_error(self) -> None:
        """Print a report without the values of variables. Textual's own report prints them, including tokens."""
        self._return_code = CRASHED
        if self._exception is not None and not self._exit_renderables:
            self._exit_renderables.append(crash.report(self._exception, crash.write_down(self._exception)))
        self._close_messages_no_wait()
