"""Opens the pages and runs the background jobs that screens ask for."""

from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from textual import events
from textual.app import App

from engine.common.errors import UsageError
from engine.model.control import Control
from engine.model.snapshot import DeckState
from tui.actions import messages
from tui.app.background_jobs import BackgroundJobs
from tui.app.notices import SECONDS, Notices
from tui.app.themes import ThemeManager
from tui.common.settings_text import TUNABLES
from tui.screens.base import Board
from tui.screens.command_palette import Commands, commands
from tui.screens.dashboard.base import DeckBoard
from tui.screens.dashboard.focus import Focus
from tui.screens.frame import Frame
from tui.screens.help import Help
from tui.screens.selection import Choice
from tui.screens.theme_picker import Themes
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import OneRequest, Requests
from tui.widgets.rows import Tone


class NavigationMixin(App[int], inherit_bindings=False):
    """The part of the app that goes from page to page; it does not start or end anything."""

    _control: Control | None
    _deck: DeckState | None
    _choice: Choice
    _jobs: BackgroundJobs
    _notices: Notices
    _themes: ThemeManager

    @abstractmethod
    def show_message(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message in the status line for some seconds."""

    @abstractmethod
    def _frame(self) -> Frame:
        """Return the data for the next frame."""

    async def on_event(self, event: events.Event) -> None:
        """Run a key's action before the next key is processed.

        The action may open the prompt that the next key belongs to. Textual asks the screen first, and the app only
        when the screen is done. If "/quit" is typed fast, or arrives in one piece over a slow line, its letters would
        run as commands before the filter is open.
        """
        if isinstance(event, events.Key) and not event.is_forwarded and self._takes_commands():
            for priority in (True, False):
                if await self._check_bindings(event.key, priority=priority):
                    return
        await super().on_event(event)

    def _takes_commands(self) -> bool:
        """Return whether keys are commands now, and not letters for a prompt."""
        top = self.screen_stack[-1] if self.screen_stack else None
        return isinstance(top, Board) and top.prompt is None

    def action_themes(self) -> None:
        """Open the theme picker; an invalid theme file is reported and changes nothing."""
        if self._themes.colourless:
            self.show_message("NO_COLOR is set: themes show no colours", Tone.WARN)
            return
        problems = self._themes.reload()
        if problems:
            self.show_message(problems[0], Tone.BAD)
        if isinstance(self.screen, Board) and not isinstance(self.screen, Themes):
            self.push_screen(Themes(self._frame(), self._themes.themes, self._themes.current.name))

    def action_explain(self) -> None:
        """Open the help page of the top screen."""
        if isinstance(self.screen, Board):
            self.push_screen(Help(self._frame(), self.screen.bindings()))

    def action_commands(self) -> None:
        """Open the command palette."""
        if isinstance(self.screen, Board) and not isinstance(self.screen, Commands):
            themes = () if self._themes.colourless else sorted(self._themes.themes)
            groups = () if self._deck is None else [group.name for group in self._deck.groups]
            settings = TUNABLES if isinstance(self.screen, DeckBoard) else ()
            active = self.screen.active_bindings.values()
            found = commands(active, themes=themes, sources=groups, settings=settings)
            self.push_screen(Commands(self._frame(), found))

    def action_apply_theme(self, name: str) -> None:
        """Apply a theme."""
        self.post_message(messages.ThemeTried(name, final=True))

    def action_source(self, name: str) -> None:
        self._choice.source = name
        if isinstance(self.screen, Focus):
            self.screen.redraw()
        else:
            self.push_screen(Focus(self._frame(), self._choice))

    def action_set(self, name: str) -> None:
        """Edit a setting of the selected source."""
        if isinstance(self.screen, DeckBoard):
            self.screen.type_setting(name)

    async def on_command_chosen(self, message: messages.CommandChosen) -> None:
        """Close the command palette and run the chosen action, if it is still possible."""
        self.pop_screen()
        await self.run_action(message.action, message.node or self)

    def on_focus_asked(self, _message: messages.FocusAsked) -> None:
        """Show one source alone."""
        self.push_screen(Focus(self._frame(), self._choice))

    def on_triage_asked(self, _message: messages.TriageAsked) -> None:
        """Show the kinds of error."""
        self.push_screen(Triage(self._frame(), self._choice))

    def on_requests_asked(self, message: messages.RequestsAsked) -> None:
        """Show the requests of a kind of error; if their screen is on top, update it."""
        kinds = () if self._deck is None else self._deck.failures
        kind = next((one for one in kinds if one.fingerprint == message.fingerprint), None)
        if self._control is None or kind is None:
            return
        try:
            found = self._control.failed(message.source, message.fingerprint)
        except UsageError as error:
            self.show_message(str(error), Tone.BAD)
            return
        if isinstance(self.screen, Requests) and self.screen.fingerprint == message.fingerprint:
            self.screen.show(found)
        elif not isinstance(self.screen, OneRequest):
            self.push_screen(Requests(self._frame(), kind, found))

    def on_request_asked(self, message: messages.RequestAsked) -> None:
        """Show a request, if it is still failed."""
        if self._control is None:
            return
        try:
            detail = self._control.inspect(message.id)
        except UsageError as error:
            self.show_message(str(error), Tone.BAD)
            return
        if detail is None:
            self.show_message("it is failed no more: it was queued again")
        else:
            self.push_screen(OneRequest(self._frame(), detail))

    def on_copied(self, message: messages.Copied) -> None:
        """Copy a text in a thread, because a clipboard may be slow."""
        terminal = partial(self.call_from_thread, self.copy_to_clipboard)
        self._run_job(lambda: self._jobs.copy(message.text, terminal))

    def on_export_asked(self, message: messages.ExportAsked) -> None:
        """Write failed requests to a file in a thread, because there may be many."""
        if self._control is not None:
            self._run_job(partial(self._jobs.export, self._control, message.failures, message.kind))

    def _run_job(self, job: Callable[[], str]) -> None:
        """Run a job in a thread and show its message."""

        def go() -> None:
            try:
                said = job()
            except Exception as error:  # noqa: BLE001 - a job that fails must not end the screen
                self.call_from_thread(self._notices.report, "that did not work", error)
            else:
                self.call_from_thread(self.show_message, said, Tone.ACCENT)

        self.run_worker(go, thread=True, group="jobs", exit_on_error=False)
