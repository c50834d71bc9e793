"""What the person looks at: the source, the pane, whether the keys move in it, and what is filtered or muted."""

from collections.abc import Iterable, Sequence

from engine.model.snapshot import DeckState, Failure, GroupState
from tui.screens.filter import Filter
from tui.screens.layout import Pane
from tui.screens.log_view import DecisionView, LogView
from tui.widgets.charts import WINDOWS


class Choice:
    """State of the dashboard and the focus screen, shared so that going back and forth keeps it."""

    def __init__(self) -> None:
        self.source = ""
        self.pane = Pane.LOG
        self.inside = False
        """Whether the keys that move do so in the pane, not among the sources."""
        self.zoomed = False
        """Whether the pane has the screen to itself."""
        self.scrolled = 0
        """Lines away from the top of a table."""
        self.log = LogView()
        self.decisions = DecisionView(lambda: self.source)
        self.worker: tuple[str, int] | None = None
        """The lane and the number of the place under the cursor of the workers; None for the first."""
        self.setting = 0
        """The row of the settings under the cursor."""
        self.chart = 0
        """Which chart comes first."""
        self.window = WINDOWS[1]
        """Seconds the charts show."""
        self.errors = Filter()
        """What the error table lets through."""
        self.failure = ""
        """The fingerprint under the cursor of the error table."""
        self.muted: set[str] = set()
        """Fingerprints the person wants to see no more."""

    @property
    def view(self) -> LogView:
        """The lines that freezing, filtering and jumping are about: the decisions where they show, else the log."""
        return self.decisions if self.pane is Pane.DECISIONS else self.log

    def group(self, deck: DeckState) -> GroupState | None:
        """Return the chosen source's group; the first one while none is chosen."""
        found = next((group for group in deck.groups if group.name == self.source), None)
        if found is None and deck.groups:
            found = deck.groups[0]
            self.source = found.name
        return found

    def move(self, deck: DeckState, step: int) -> None:
        """Choose the source some rows down, at most the last one; a negative step goes up."""
        group = self.group(deck)
        if group is not None:
            self.pick(deck, deck.groups.index(group) + step)

    def pick(self, deck: DeckState, number: int) -> None:
        """Choose a source by its row, from 0; a row beyond the ends is the row at that end."""
        if deck.groups:
            self.source = deck.groups[min(max(0, number), len(deck.groups) - 1)].name

    def show(self, pane: Pane) -> None:
        """Turn to a pane; a table starts unscrolled, the log where it was."""
        self.pane, self.scrolled = pane, 0

    def scroll(self, lines: int, longest: int) -> None:
        """Scroll a table, from 0 to `longest`."""
        self.scrolled = min(max(0, self.scrolled + lines), max(0, longest))

    def failures(self, failures: Iterable[Failure]) -> Sequence[Failure]:
        """Return the kinds of error to show: those that are not muted and pass the filter."""
        return [one for one in failures if one.fingerprint not in self.muted and self.errors.lets(words(one))]

    def move_failure(self, failures: Sequence[Failure], step: int) -> None:
        """Move the cursor of the error table."""
        if failures:
            at = row_of(failures, self.failure)
            self.failure = failures[min(max(0, at + step), len(failures) - 1)].fingerprint

    def looking(self) -> bool:
        """Say whether there is anything to undo."""
        errors = self.pane is Pane.ERRORS and bool(self.errors)
        view = self.view
        return self.inside or self.zoomed or errors or bool(view.filter) or view.frozen is not None

    def unwind(self) -> bool:
        """Undo the innermost of what was chosen for looking; say whether there was anything."""
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


def words(failure: Failure) -> str:
    """Return what a filter looks at in a kind of error."""
    return f"{failure.source} {failure.kind} {failure.message} {failure.sample}"


def row_of(failures: Sequence[Failure], fingerprint: str) -> int:
    """Return the row of a kind of error, 0 where it is gone."""
    return next((row for row, one in enumerate(failures) if one.fingerprint == fingerprint), 0)
