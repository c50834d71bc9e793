"""The person's selection: the source, the pane, the cursors, filters and muted errors."""

from collections.abc import Iterable, Sequence

from engine.model.snapshot import DeckState, Failure, GroupState
from tui.screens.filter import Filter
from tui.screens.layout import Pane
from tui.screens.log_view import DecisionView, LogView
from tui.widgets.charts import WINDOWS


class Choice:
    """The selection, shared by the dashboard and the focus screen so that switching between them keeps it."""

    def __init__(self) -> None:
        self.source = ""
        self.pane = Pane.LOG
        self.inside = False
        """Whether the movement keys act in the pane instead of on the sources."""
        self.zoomed = False
        """Whether the pane fills the screen."""
        self.scrolled = 0
        """How many lines a table is scrolled down."""
        self.log = LogView()
        self.decisions = DecisionView(lambda: self.source)
        self.worker: tuple[str, int] | None = None
        """The lane and the number of the worker slot under the cursor; None for the first."""
        self.setting = 0
        """The row of the settings under the cursor."""
        self.chart = 0
        """The number of the first visible chart."""
        self.window = WINDOWS[1]
        """The seconds that the charts show."""
        self.errors = Filter()
        """The filter of the error table."""
        self.failure = ""
        """The fingerprint under the cursor of the error table."""
        self.muted: set[str] = set()
        """The fingerprints of hidden kinds of error."""

    @property
    def view(self) -> LogView:
        """The lines that freeze, filter and jump apply to: the decisions if their pane is shown, otherwise the log."""
        return self.decisions if self.pane is Pane.DECISIONS else self.log

    def group(self, deck: DeckState) -> GroupState | None:
        """Return the selected source; if there is none of that name, select the first."""
        found = next((group for group in deck.groups if group.name == self.source), None)
        if found is None and deck.groups:
            found = deck.groups[0]
            self.source = found.name
        return found

    def move(self, deck: DeckState, step: int) -> None:
        """Select the source `step` rows further down, at most the last one; a negative step goes up."""
        group = self.group(deck)
        if group is not None:
            self.pick(deck, deck.groups.index(group) + step)

    def pick(self, deck: DeckState, number: int) -> None:
        """Select a source by its row; a number out of range means the first or the last row."""
        if deck.groups:
            self.source = deck.groups[min(max(0, number), len(deck.groups) - 1)].name

    def show(self, pane: Pane) -> None:
        """Switch to a pane. A table starts at its top; the log keeps its position."""
        self.pane, self.scrolled = pane, 0

    def scroll(self, lines: int, longest: int) -> None:
        """Scroll a table, between 0 and `longest`."""
        self.scrolled = min(max(0, self.scrolled + lines), max(0, longest))

    def failures(self, failures: Iterable[Failure]) -> Sequence[Failure]:
        """Return the kinds of error that are not muted and pass the filter."""
        return [one for one in failures if one.fingerprint not in self.muted and self.errors.lets(filter_text(one))]

    def move_failure(self, failures: Sequence[Failure], step: int) -> None:
        if failures:
            at = row_of(failures, self.failure)
            self.failure = failures[min(max(0, at + step), len(failures) - 1)].fingerprint

    def looking(self) -> bool:
        """Return whether escape has anything to undo."""
        errors = self.pane is Pane.ERRORS and bool(self.errors)
        view = self.view
        return self.inside or self.zoomed or errors or bool(view.filter) or view.frozen is not None

    def unwind(self) -> bool:
        """Undo one step of the selection, the most recent kind first; return whether there was one."""
        if self.inside or self.zoomed:
            self.inside = self.zoomed = False
        elif self.pane is Pane.ERRORS and self.errors:
            self.errors = Filter()
        elif self.view.filter:
            self.view.filter = Filter()
        elif self.view.frozen is not None:
            self.view.follow()
        else:
            return False
        return True


def filter_text(failure: Failure) -> str:
    """Return the text of a kind of error that a filter is matched against."""
    return f"{failure.source} {failure.kind} {failure.message} {failure.sample}"


def row_of(failures: Sequence[Failure], fingerprint: str) -> int:
    """Return the row of a kind of error; 0 if it is gone."""
    return next((row for row, one in enumerate(failures) if one.fingerprint == fingerprint), 0)
