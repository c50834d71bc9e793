"""The pages about stored data: coverage, changes, quarantine. A thread reads it, because reading takes a moment."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from textual.app import App

from engine.model.changes import Changes
from engine.model.commands import Fill
from engine.model.control import Control
from engine.model.coverage import Part
from engine.model.snapshot import FailedRequest
from tui.actions import messages
from tui.actions.messages import over
from tui.app.background_jobs import BackgroundThread
from tui.app.notices import ShowMessage
from tui.app.shown_harvest import ShownHarvest
from tui.screens.base import BaseScreen
from tui.screens.changes.last_seen import LastSeen, by_source, since
from tui.screens.changes.screen import ChangeFeed
from tui.screens.coverage.screen import Coverage
from tui.screens.frame import Frame
from tui.screens.picker.screen import Picker
from tui.screens.selection import Choice
from tui.screens.triage.quarantine import Quarantine
from tui.widgets.numbers import duration
from tui.widgets.rows import Tone

T = TypeVar("T")
AGAIN: Final = 2.0
"""Seconds until a database without a run is read again."""
GREETING: Final = 20.0
"""Seconds that the message about changes since the last visit stays."""


class StoredData(Protocol):
    """Reads stored data while nothing runs."""

    @property
    def database(self) -> str:
        """Name the file."""

    def changes(self) -> Changes:
        """Return the rows that are new, changed, renamed or gone.

        Raises:
            UsageError: the database cannot be read.
        """

    def parts(self, source: str) -> Sequence[Part]:
        """Return the parts of a source.

        Raises:
            UsageError: its settings are invalid, or the database cannot be read.
        """

    def begin(self, source: str, parts: Sequence[str]) -> Control:
        """Start a harvest that fills parts of a source.

        Raises:
            UsageError: there is nothing to fill, or the source or the database cannot be used.
        """


class DataPages:
    """Reads stored data in the background and shows it: from the running harvest, otherwise from the database."""

    def __init__(
        self,
        *,
        app: App[int],
        harvest: ShownHarvest,
        stored_data: StoredData | None,
        choice: Choice,
        last_seen: LastSeen,
        clock: Callable[[], float],
        background: BackgroundThread,
        show_message: ShowMessage,
        frame: Callable[[], Frame],
        enter: Callable[[Control], None],
    ) -> None:
        """Build it; `enter` shows a harvest that was just started."""
        self._app = app
        self._harvest = harvest
        self._stored = stored_data
        self._choice = choice
        self._last_seen = last_seen
        self._clock = clock
        self._background = background
        self._show_message = show_message
        self._frame = frame
        self._enter = enter

    def coverage(self) -> None:
        """Show the coverage map of the selected source."""
        source = self._source()
        if source and isinstance(self._app.screen, BaseScreen) and not isinstance(self._app.screen, Coverage):
            page = Coverage(self._frame(), source)
            self._app.push_screen(page)
            page.ask_again()

    def changes(self) -> None:
        """Show what changed since the last visit."""
        if isinstance(self._app.screen, BaseScreen) and not isinstance(self._app.screen, ChangeFeed):
            self._read_changes(self._show_changes)

    def mark_seen(self, changes: Changes) -> None:
        """Store that the user has seen these changes."""
        self._last_seen.mark(self._database(), changes, self._clock())

    def quarantine(self) -> None:
        if self._harvest.control is not None:
            self._fetch(self._harvest.control.quarantined, self._show_quarantine)

    def greet(self) -> None:
        """Show what changed since the last visit; without one there is nothing to compare with."""
        self._read_changes(self._greet)

    def _greet(self, changes: Changes) -> None:
        visit = self._last_seen.last(self._database(), changes)
        if changes.born is None:
            self._app.set_timer(AGAIN, self.greet)  # the first run of this database is about to begin
        elif visit is None:
            self._last_seen.mark(self._database(), changes, self._clock())
        elif news := since(changes, visit):
            ago = duration(self._clock() - visit.at)
            self._show_message(
                f"since you last looked, {ago} ago: {by_source(news)}; h lists them", Tone.ACCENT, seconds=GREETING
            )

    def _show_quarantine(self, found: Sequence[FailedRequest]) -> None:
        self._app.push_screen(Quarantine(self._frame(), found))

    def _show_changes(self, changes: Changes) -> None:
        self._app.push_screen(ChangeFeed(self._frame(), changes, self._last_seen.last(self._database(), changes)))

    def _read_changes(self, then: Callable[[Changes], None]) -> None:
        control, stored = self._harvest.control, self._stored
        read = control.changes if control is not None else stored.changes if stored is not None else None
        if read is not None:
            self._fetch(read, then)

    def _database(self) -> str:
        if self._harvest.deck is not None:
            return self._harvest.deck.database
        return "" if self._stored is None else self._stored.database

    def parts(self, source: str) -> None:
        """Read the parts of a source and show them."""
        control, stored = self._harvest.control, self._stored
        read = control.parts if control is not None else stored.parts if stored is not None else None
        if read is not None:
            self._fetch(lambda: read(source), lambda parts: self._show_parts(source, parts))

    def fill(self, source: str, parts: tuple[str, ...]) -> None:
        """Fetch some parts: in the running harvest, otherwise in a new one."""
        stored = self._stored
        if self._harvest.control is None and stored is not None:
            self._fetch(lambda: stored.begin(source, parts), self._enter)
        elif stored is not None and self._harvest.deck is not None and over(self._harvest.deck):
            self._fetch(lambda: stored.begin(source, parts), lambda control: self._go_on(control, source, parts))
        else:
            self._harvest.send(Fill(source, parts), lambda done: self._filled(source, parts, done.count))

    def _go_on(self, control: Control, source: str, parts: Sequence[str]) -> None:
        """Show a harvest of some parts in place of the one that has ended."""
        self._harvest.control = control
        self._filled(source, parts, len(parts))

    def _show_parts(self, source: str, parts: Sequence[Part]) -> None:
        for screen in self._app.screen_stack:
            if isinstance(screen, Coverage):
                screen.show(source, parts)

    def _filled(self, source: str, parts: Sequence[str], many: int) -> None:
        what = parts[0] if len(parts) == 1 else f"{many:,} of {len(parts):,} parts"
        if many:
            self._show_message(f"{source}: fetches {what}; the log tells how many requests that is", Tone.ACCENT)
            self._app.post_message(messages.PartsAsked(source))
        else:
            self._show_message(f"{source}: {what} needs nothing; --full fetches all of it again")

    def _source(self) -> str:
        if isinstance(self._app.screen, Picker):
            return self._app.screen.source
        if self._harvest.deck is None:
            return ""
        group = self._choice.group(self._harvest.deck)
        return "" if group is None else group.name

    def _fetch(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        self._background.run(work, then, failure="that cannot be read")
