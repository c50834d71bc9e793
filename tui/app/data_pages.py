"""The pages about stored data: coverage, changes, quarantine. A thread reads it, because reading takes a moment."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from textual.app import App

from engine.common.errors import UsageError
from engine.common.text import clean
from engine.model.changes import Changes
from engine.model.commands import Command, Done, Fill
from engine.model.control import Control
from engine.model.coverage import Part
from engine.model.snapshot import DeckState, FailedRequest
from tui.actions import messages
from tui.actions.messages import over
from tui.app.notices import SECONDS, Notices
from tui.screens.base import Board
from tui.screens.changes.last_seen import LastSeen, by_source, since
from tui.screens.changes.screen import Feed
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


class DataPagesMixin(App[int], inherit_bindings=False):
    """The part of the app that reads stored data."""

    _stored: StoredData | None
    _control: Control | None
    _deck: DeckState | None
    _choice: Choice
    _last_seen: LastSeen
    _clock: Callable[[], float]
    _notices: Notices

    @abstractmethod
    def show_message(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a message in the status line for some seconds."""

    @abstractmethod
    def enter(self, control: Control) -> None:
        """Show a harvest that was just started."""

    @abstractmethod
    def command(self, command: Command, then: Callable[[Done], None]) -> None:
        """Send the engine a command; `then` is called once it is carried out."""

    @abstractmethod
    def _frame(self) -> Frame:
        """Return the data for the next frame."""

    def action_coverage(self) -> None:
        """Show the coverage map of the selected source."""
        source = self._source()
        if source and isinstance(self.screen, Board) and not isinstance(self.screen, Coverage):
            page = Coverage(self._frame(), source)
            self.push_screen(page)
            page.ask_again()

    def action_changes(self) -> None:
        """Show what changed since the last visit."""
        if isinstance(self.screen, Board) and not isinstance(self.screen, Feed):
            self._read_changes(self._show_changes)

    def on_changes_seen(self, message: messages.ChangesSeen) -> None:
        self._last_seen.mark(self._database(), message.changes, self._clock())

    def on_quarantine_page_asked(self, _message: messages.QuarantinePageAsked) -> None:
        if self._control is not None:
            self._fetch(self._control.quarantined, self._show_quarantine)

    def greet(self) -> None:
        """Show what changed since the last visit; without one there is nothing to compare with."""
        self._read_changes(self._greet)

    def _greet(self, changes: Changes) -> None:
        visit = self._last_seen.last(self._database(), changes)
        if changes.born is None:
            self.set_timer(AGAIN, self.greet)  # the first run of this database is about to begin
        elif visit is None:
            self._last_seen.mark(self._database(), changes, self._clock())
        elif news := since(changes, visit):
            ago = duration(self._clock() - visit.at)
            self.show_message(
                f"since you last looked, {ago} ago: {by_source(news)}; h lists them", Tone.ACCENT, seconds=GREETING
            )

    def _show_quarantine(self, found: Sequence[FailedRequest]) -> None:
        self.push_screen(Quarantine(self._frame(), found))

    def _show_changes(self, changes: Changes) -> None:
        self.push_screen(Feed(self._frame(), changes, self._last_seen.last(self._database(), changes)))

    def _read_changes(self, then: Callable[[Changes], None]) -> None:
        control, stored = self._control, self._stored
        read = control.changes if control is not None else stored.changes if stored is not None else None
        if read is not None:
            self._fetch(read, then)

    def _database(self) -> str:
        if self._deck is not None:
            return self._deck.database
        return "" if self._stored is None else self._stored.database

    def on_parts_asked(self, message: messages.PartsAsked) -> None:
        """Read the parts of a source and show them."""
        control, stored, source = self._control, self._stored, message.source
        read = control.parts if control is not None else stored.parts if stored is not None else None
        if read is not None:
            self._fetch(lambda: read(source), lambda parts: self._show_parts(source, parts))

    def on_fill_asked(self, message: messages.FillAsked) -> None:
        """Fetch some parts: in the running harvest, otherwise in a new one."""
        stored, source, parts = self._stored, message.source, message.parts
        if self._control is None and stored is not None:
            self._fetch(lambda: stored.begin(source, parts), self.enter)
        elif stored is not None and self._deck is not None and over(self._deck):
            self._fetch(lambda: stored.begin(source, parts), lambda control: self._go_on(control, source, parts))
        else:
            self.command(Fill(source, parts), lambda done: self._filled(source, parts, done.count))

    def _go_on(self, control: Control, source: str, parts: Sequence[str]) -> None:
        """Show a harvest of some parts in place of the one that has ended."""
        self._control = control
        self._filled(source, parts, len(parts))

    def _show_parts(self, source: str, parts: Sequence[Part]) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Coverage):
                screen.show(source, parts)

    def _filled(self, source: str, parts: Sequence[str], many: int) -> None:
        what = parts[0] if len(parts) == 1 else f"{many:,} of {len(parts):,} parts"
        if many:
            self.show_message(f"{source}: fetches {what}; the log tells how many requests that is", Tone.ACCENT)
            self.post_message(messages.PartsAsked(source))
        else:
            self.show_message(f"{source}: {what} needs nothing; --full fetches all of it again")

    def _source(self) -> str:
        if isinstance(self.screen, Picker):
            return self.screen.source
        if self._deck is None:
            return ""
        group = self._choice.group(self._deck)
        return "" if group is None else group.name

    def _fetch(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run something slow in a thread and show its result; an error is shown as a message."""

        def go() -> None:
            try:
                found = work()
            except UsageError as error:
                self.call_from_thread(self.show_message, clean(str(error), 500), Tone.BAD)
            except Exception as error:  # noqa: BLE001 - reading what is on disk must not end the screen
                self.call_from_thread(self._notices.report, "that cannot be read", error)
            else:
                self.call_from_thread(then, found)

        self.run_worker(go, thread=True, group="outlook", exit_on_error=False)
