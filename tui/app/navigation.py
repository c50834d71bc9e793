"""Opens the pages that screens ask for."""

from collections.abc import Callable

from textual.app import App

from engine.common.errors import UsageError
from tui.app.notices import ShowMessage
from tui.app.shown_harvest import ShownHarvest
from tui.app.themes import ThemeManager
from tui.common.settings_text import TUNABLES
from tui.screens.base import BaseScreen
from tui.screens.command_palette import Commands, commands
from tui.screens.dashboard.base import DeckScreen
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.dashboard.focus import Focus
from tui.screens.frame import Frame
from tui.screens.help import Help
from tui.screens.picker.screen import Picker
from tui.screens.selection import Choice
from tui.screens.theme_picker import Themes
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import FailedRequestList, FailedRequestPage
from tui.widgets.rows import Tone


class Navigation:
    """Goes from page to page. It starts and ends nothing."""

    def __init__(
        self,
        *,
        app: App[int],
        harvest: ShownHarvest,
        choice: Choice,
        themes: ThemeManager,
        show_message: ShowMessage,
        frame: Callable[[], Frame],
    ) -> None:
        self._app = app
        self._harvest = harvest
        self._choice = choice
        self._themes = themes
        self._show_message = show_message
        self._frame = frame

    def dashboard(self) -> Dashboard:
        """Open the dashboard in place of the picker and all pages over it."""
        app, dashboard = self._app, Dashboard(self._frame(), self._choice)
        if any(isinstance(screen, Picker) for screen in app.screen_stack):
            while not isinstance(app.screen, Picker):
                app.pop_screen()
        if isinstance(app.screen, Picker):
            app.switch_screen(dashboard)
        else:
            app.push_screen(dashboard)
        return dashboard

    def themes(self) -> None:
        """Open the theme picker; an invalid theme file is reported and changes nothing."""
        if self._themes.colourless:
            self._show_message("NO_COLOR is set: themes show no colours", Tone.WARN)
            return
        problems = self._themes.reload()
        if problems:
            self._show_message(problems[0], Tone.BAD)
        if isinstance(self._app.screen, BaseScreen) and not isinstance(self._app.screen, Themes):
            self._app.push_screen(Themes(self._frame(), self._themes.themes, self._themes.current.name))

    def help(self) -> None:
        """Open the help page of the top screen."""
        if isinstance(self._app.screen, BaseScreen):
            self._app.push_screen(Help(self._frame(), self._app.screen.bindings()))

    def commands(self) -> None:
        """Open the command palette."""
        screen, deck = self._app.screen, self._harvest.deck
        if isinstance(screen, BaseScreen) and not isinstance(screen, Commands):
            themes = () if self._themes.colourless else sorted(self._themes.themes)
            groups = () if deck is None else [group.name for group in deck.groups]
            settings = TUNABLES if isinstance(screen, DeckScreen) else ()
            found = commands(screen.active_bindings.values(), themes=themes, sources=groups, settings=settings)
            self._app.push_screen(Commands(self._frame(), found))

    def select(self, source: str) -> None:
        """Select a source and show it alone."""
        self._choice.source = source
        if isinstance(self._app.screen, Focus):
            self._app.screen.redraw()
        else:
            self.focus()

    def focus(self) -> None:
        """Show the selected source alone."""
        self._app.push_screen(Focus(self._frame(), self._choice))

    def edit_setting(self, name: str) -> None:
        """Edit a setting of the selected source."""
        if isinstance(self._app.screen, DeckScreen):
            self._app.screen.type_setting(name)

    def triage(self) -> None:
        """Show the kinds of error."""
        self._app.push_screen(Triage(self._frame(), self._choice))

    def failed_requests(self, source: str, fingerprint: str) -> None:
        """Show the requests of a kind of error; if their screen is on top, update it."""
        control, deck, screen = self._harvest.control, self._harvest.deck, self._app.screen
        kinds = () if deck is None else deck.failures
        kind = next((one for one in kinds if one.fingerprint == fingerprint), None)
        if control is None or kind is None:
            return
        try:
            found = control.failed(source, fingerprint)
        except UsageError as error:
            self._show_message(str(error), Tone.BAD)
            return
        if isinstance(screen, FailedRequestList) and screen.fingerprint == fingerprint:
            screen.show(found)
        elif not isinstance(screen, FailedRequestPage):
            self._app.push_screen(FailedRequestList(self._frame(), kind, found))

    def failed_request(self, id: int) -> None:
        """Show a request, if it is still failed."""
        if self._harvest.control is None:
            return
        try:
            detail = self._harvest.control.inspect(id)
        except UsageError as error:
            self._show_message(str(error), Tone.BAD)
            return
        if detail is None:
            self._show_message("it is failed no more: it was queued again")
        else:
            self._app.push_screen(FailedRequestPage(self._frame(), detail))
