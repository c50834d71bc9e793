"""What the person looks at: the source, the pane, how far it is scrolled, whether the log stands still."""

from collections.abc import Sequence

from engine.snapshot import Deck, Group, LogLine
from tui.screens.areas import Pane


class Choice:
    """State of the dashboard and the focus screen, shared so that going back and forth keeps it."""

    def __init__(self) -> None:
        self.source = ""
        self.pane = Pane.LOG
        self.scrolled = 0
        """Lines away from where the pane starts: the newest line of the log, the top of a table."""
        self.frozen: tuple[LogLine, ...] | None = None
        """The log as it was when it was frozen."""

    def group(self, deck: Deck) -> Group | None:
        """Return the chosen source's group; the first one while none is chosen."""
        found = next((group for group in deck.groups if group.name == self.source), None)
        if found is None and deck.groups:
            found = deck.groups[0]
            self.source = found.name
        return found

    def move(self, deck: Deck, step: int) -> None:
        """Choose the source some rows down, at most the last one; a negative step goes up."""
        group = self.group(deck)
        if group is not None:
            self.pick(deck, deck.groups.index(group) + step)

    def pick(self, deck: Deck, number: int) -> None:
        """Choose a source by its row, from 0; a row beyond the ends is the row at that end."""
        if deck.groups:
            self.source = deck.groups[min(max(0, number), len(deck.groups) - 1)].name

    def show(self, pane: Pane) -> None:
        """Turn to a pane, unscrolled."""
        self.pane, self.scrolled = pane, 0

    def freeze(self, deck: Deck) -> None:
        """Hold the log still, or follow it again."""
        self.frozen = None if self.frozen is not None else deck.log
        self.scrolled = 0

    def scroll(self, deck: Deck, lines: int, longest: int) -> None:
        """Scroll the pane, from 0 to `longest`; the log is held still for it."""
        if self.pane is Pane.LOG and self.frozen is None:
            self.frozen = deck.log
        self.scrolled = min(max(0, self.scrolled + lines), max(0, longest))

    def log(self, deck: Deck) -> Sequence[LogLine]:
        """Return the lines to show: the newest, or those it was frozen at."""
        return deck.log if self.frozen is None else self.frozen

    def newer(self, deck: Deck) -> int:
        """Return how many lines came since the log was frozen."""
        if self.frozen is None or not deck.log:
            return 0
        return deck.log[-1].number - (self.frozen[-1].number if self.frozen else 0)
