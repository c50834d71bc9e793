"""The Textual app: it takes a snapshot for every frame, gives it to the top screen, and sends commands to the deck."""

import locale
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType

from engine.common.errors import UsageError
from engine.common.text import clean
from engine.model.control import Control
from engine.model.source_card import SourceCard
from tui.actions import messages
from tui.app.background_jobs import BackgroundJobs, BackgroundThread
from tui.app.config_notice import ConfigNotice
from tui.app.data_pages import DataPages, StoredData
from tui.app.navigation import Navigation
from tui.app.notices import SECONDS, Notices
from tui.app.quitting import Quitting
from tui.app.saving import SettingsSaver, SettingsWriter
from tui.app.shown_harvest import ShownHarvest
from tui.app.themes import ThemeManager
from tui.common import crash
from tui.common.config_watch import ConfigWatch
from tui.common.exit_codes import Exit
from tui.screens.base import BaseScreen
from tui.screens.changes.last_seen import LastSeen, LastSeenFile
from tui.screens.frame import Frame
from tui.screens.picker.screen import Picker
from tui.screens.selection import Choice
from tui.terminal import app_mixin
from tui.terminal.app_mixin import TerminalApp
from tui.terminal.preferences import TerminalPreferences
from tui.widgets import ascii_fallback
from tui.widgets.rows import Tone


class FetchdeckApp(TerminalApp, inherit_bindings=False):
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
        config: ConfigWatch | None = None,
        preferences: TerminalPreferences | None = None,
        ticks: Callable[[], float] = time.monotonic,
        opening: Callable[[Frame], BaseScreen] | None = None,
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
        self._opening, self._set_up, self._greeting = opening, set_up, greeting
        self._jobs = jobs or BackgroundJobs.usual(clock)
        self._notices = Notices(clock)
        self._choice = Choice()
        self._saver = SettingsSaver(writer=settings_writer, show_message=self.show_message)
        self._config = ConfigNotice(config, self._notices.show, zone)
        self._themes = ThemeManager(
            folders=themes,
            wanted=theme,
            colourless=colourless,
            ascii_only=ascii_fallback.needed(os.environ, locale.getencoding()) if ascii_only is None else ascii_only,
        )
        self._harvest = ShownHarvest(app=self, notices=self._notices, saver=self._saver, clock=clock, tick=self.tick)
        self._background = BackgroundThread(app=self, show_message=self.show_message, notices=self._notices)
        self._quitting = Quitting(
            harvest=self._harvest,
            ticks=ticks,
            show_message=self.show_message,
            leave=lambda code: self.exit(code, return_code=code),
        )
        self._navigation = Navigation(
            app=self,
            harvest=self._harvest,
            choice=self._choice,
            themes=self._themes,
            show_message=self.show_message,
            frame=self._frame,
        )
        self._data = DataPages(
            app=self,
            harvest=self._harvest,
            stored_data=stored_data,
            choice=self._choice,
            last_seen=last_seen or LastSeenFile(),
            clock=clock,
            background=self._background,
            show_message=self.show_message,
            frame=self._frame,
            enter=self.enter,
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
        if self.frame_is_due() or self._quitting.requested:
            self.tick()

    def tick(self) -> None:
        """Take a snapshot and draw it; leave if that was requested and nothing runs any more."""
        self._harvest.refresh()
        self._config.look()
        self.redraw()
        if self._harvest.deck is not None:
            self.look_out(self._harvest.deck, leaving=self._quitting.requested)
        self._quitting.leave_if_over()

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
        groups = () if self._harvest.deck is None else self._harvest.deck.groups
        for group in groups:
            if group.name == message.source and isinstance(self.screen, BaseScreen):
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
        if self._harvest.deck is None:
            return
        if too_late := message.too_late(self._harvest.deck):
            self.show_message(too_late)
        else:
            self._harvest.send(message.command, lambda _done: self.show_message(message.said) if message.said else None)

    def on_panel_broke(self, message: messages.PanelBroke) -> None:
        """Show that a panel is broken, and log the error once."""
        self._notices.report(f"the panel {message.panel!r} cannot be drawn, the harvest goes on", message.error)

    async def on_event(self, event: events.Event) -> None:
        """Run a key's action before the next key is processed.

        The action may open the prompt that the next key belongs to. Textual asks the screen first, and the app only
        when the screen is done. If "/quit" is typed fast, or arrives in one piece over a slow line, its letters would
        run as commands before the filter is open.
        """
        if isinstance(event, events.Key):
            self._quitting.key_came = event.time
            if not event.is_forwarded and self._takes_commands():
                for priority in (True, False):
                    if await self._check_bindings(event.key, priority=priority):
                        return
        await super().on_event(event)

    def _takes_commands(self) -> bool:
        """Return whether keys are commands now, and not letters for a prompt."""
        top = self.screen_stack[-1] if self.screen_stack else None
        return isinstance(top, BaseScreen) and top.prompt is None

    def interrupt(self) -> None:
        """Leave on a signal: the first finishes the requests in flight, the second ends at once."""
        self._quitting.request(sure=True)

    def action_interrupt(self) -> None:
        """Close the prompt; without one, leave."""
        if not (isinstance(self.screen, BaseScreen) and self.screen.cancel()):
            self._quitting.press()

    def action_leave(self) -> None:
        self._quitting.press()

    def action_themes(self) -> None:
        self._navigation.themes()

    def action_explain(self) -> None:
        self._navigation.help()

    def action_commands(self) -> None:
        self._navigation.commands()

    def action_apply_theme(self, name: str) -> None:
        self.post_message(messages.ThemeTried(name, final=True))

    def action_source(self, name: str) -> None:
        self._navigation.select(name)

    def action_set(self, name: str) -> None:
        self._navigation.edit_setting(name)

    def action_coverage(self) -> None:
        self._data.coverage()

    def action_changes(self) -> None:
        self._data.changes()

    async def on_command_chosen(self, message: messages.CommandChosen) -> None:
        """Close the command palette and run the chosen action, if it is still possible."""
        self.pop_screen()
        await self.run_action(message.action, message.node or self)

    def on_focus_asked(self, _message: messages.FocusAsked) -> None:
        self._navigation.focus()

    def on_coverage_asked(self, message: messages.CoverageAsked) -> None:
        self._navigation.select(message.source)
        self._data.coverage()

    def on_triage_asked(self, _message: messages.TriageAsked) -> None:
        self._navigation.triage()

    def on_requests_asked(self, message: messages.RequestsAsked) -> None:
        self._navigation.failed_requests(message.source, message.fingerprint)

    def on_request_asked(self, message: messages.RequestAsked) -> None:
        self._navigation.failed_request(message.id)

    def on_changes_seen(self, message: messages.ChangesSeen) -> None:
        self._data.mark_seen(message.changes)

    def on_quarantine_page_asked(self, _message: messages.QuarantinePageAsked) -> None:
        self._data.quarantine()

    def on_parts_asked(self, message: messages.PartsAsked) -> None:
        self._data.parts(message.source)

    def on_fill_asked(self, message: messages.FillAsked) -> None:
        self._data.fill(message.source, message.parts)

    def on_copied(self, message: messages.Copied) -> None:
        """Copy a text in a thread, because a clipboard may be slow."""
        terminal = partial(self.call_from_thread, self.copy_to_clipboard)
        self._do(lambda: self._jobs.copy(message.text, terminal))

    def on_export_asked(self, message: messages.ExportAsked) -> None:
        """Write failed requests to a file in a thread, because there may be many."""
        if self._harvest.control is not None:
            self._do(partial(self._jobs.export, self._harvest.control, message.failures, message.kind))

    def _do(self, job: Callable[[], str]) -> None:
        """Run a job in a thread and show its message."""
        self._background.run(job, lambda said: self.show_message(said, Tone.ACCENT), failure="that did not work")

    def _begin(self, names: Sequence[str]) -> None:
        try:
            self.enter(self._start(names))
        except UsageError as error:
            self._refuse(clean(str(error), 500))

    def enter(self, control: Control) -> None:
        """Show a harvest that was just started, in place of the picker and all pages over it."""
        self._harvest.control = control
        self._harvest.refresh()
        if self._harvest.deck is None:
            self._refuse("the engine gave no first snapshot; the log file says why")
            return
        self._navigation.dashboard().call_after_refresh(self._go)
        self._data.greet()

    def _refuse(self, problem: str) -> None:
        if isinstance(self.screen, Picker):
            self.screen.refuse(problem)
        else:
            self.exit(2, return_code=2, message=Text(problem))

    def redraw(self) -> None:
        """Draw the top screen."""
        for screen in self.screen_stack[-1:]:  # none is left when a frame comes while the app closes
            if isinstance(screen, BaseScreen):
                screen.draw(self._frame())

    def _frame(self) -> Frame:
        return Frame(
            deck=self._harvest.deck,
            ink=self._themes.ink,
            notice=self._notices.current,
            standing=self._config.standing,
            zone=self._zone,
            at=self._clock() if self._harvest.deck is None else self._harvest.deck.at,
            traffic=self.traffic(),
            saved=self._saver.saved,
        )

    def _fatal_error(self) -> None:
        """Print a report without the values of variables. Textual's own report prints them, including tokens."""
        self._return_code = Exit.CRASHED
        if self._exception is not None and not self._exit_renderables:
            self._exit_renderables.append(crash.report(self._exception, crash.write_down(self._exception)))
        self._close_messages_no_wait()
