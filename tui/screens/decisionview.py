"""How the decision log of the chosen source is looked at: as the log is."""

from collections.abc import Callable, Sequence

from engine.model.snapshot import Deck, LogLine
from tui.screens.log_view import LogView
from tui.widgets.decisions import line


class DecisionView(LogView):
    """State of the pane of decisions; another source's are another list, followed from its end."""

    def __init__(self, source: Callable[[], str]) -> None:
        super().__init__()
        self._source = source
        self._of = ""
        self._made: tuple[object, tuple[LogLine, ...]] = ((), ())

    def all(self, deck: Deck) -> tuple[LogLine, ...]:
        """Return the moves of the chosen source as lines, made anew only when there are others."""
        source = self._source()
        group = next((group for group in deck.groups if group.name == source), None)
        moves = () if group is None else group.decisions
        if source != self._of:
            self._of = source
            self.follow()
        if self._made[0] is not moves:
            self._made = moves, tuple(line(source, move) for move in moves)
        return self._made[1]

    def lines(self, deck: Deck, source: str | None = None) -> Sequence[LogLine]:
        """Return the moves to show, oldest first."""
        self.all(deck)  # takes note of another source
        return super().lines(deck, source)

    def _between(self, found: Sequence[LogLine], last: int) -> int:
        """Return how many moves of this source came after a number; numbers are those of the whole deck."""
        return sum(line.number > last for line in found)
