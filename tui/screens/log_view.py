"""How the log is looked at: held still or followed, from which level on, through which filter, the cursor."""

from collections.abc import Callable, Sequence
from typing import Final

from engine.model.snapshot import DeckState, LogLine
from tui.screens.filter import Filter
from tui.widgets.decisions import line
from tui.widgets.log import who

LEVELS: Final = ("info", "warn", "error")


class LogView:
    """State of the log pane. Lines are known by their numbers, so that the cursor stays on one while others come."""

    def __init__(self) -> None:
        self.frozen: tuple[LogLine, ...] | None = None
        """The log as it was when it was frozen."""
        self.scrolled = 0
        """Lines away from the newest one."""
        self.cursor: int | None = None
        """The number of the line under the cursor."""
        self.level = LEVELS[0]
        """The lowest level that shows."""
        self.filter = Filter()
        self.stamped = True
        """Whether the time of each line shows."""

    def all(self, deck: DeckState) -> tuple[LogLine, ...]:
        """Return every line there is, oldest first."""
        return deck.log

    def lines(self, deck: DeckState, source: str | None = None) -> Sequence[LogLine]:
        """Return the lines to show, oldest first; those of one source where one is named."""
        lines = self.all(deck) if self.frozen is None else self.frozen
        if source is None and self.level == LEVELS[0] and not self.filter:
            return lines
        return [line for line in lines if source in {None, line.source} and self._shows(line)]

    def newer(self, deck: DeckState) -> int:
        """Return how many lines came since the log was frozen."""
        found = self.all(deck)
        if self.frozen is None or not found:
            return 0
        last = self.frozen[-1].number if self.frozen else 0
        return self._between(found, last)

    def toggle(self, deck: DeckState) -> None:
        """Hold the log still, or follow it again."""
        if self.frozen is None:
            self.frozen = self.all(deck)
        else:
            self.follow()

    def follow(self) -> None:
        """Show the newest lines as they come."""
        self.frozen, self.cursor, self.scrolled = None, None, 0

    def scroll(self, deck: DeckState, back: int, longest: int) -> None:
        """Scroll by lines, the log held still for it."""
        self.frozen = self.all(deck) if self.frozen is None else self.frozen
        self.cursor = None
        self.scrolled = min(max(0, self.scrolled + back), max(0, longest))

    def move(self, deck: DeckState, lines: Sequence[LogLine], step: int) -> None:
        """Move the cursor by lines, the log held still for it."""
        self.frozen = self.all(deck) if self.frozen is None else self.frozen
        at = self.at(lines)
        if lines:
            to = len(lines) - 1 - self.scrolled if at is None else at + step
            self.cursor = lines[min(max(0, to), len(lines) - 1)].number

    def jump(self, deck: DeckState, lines: Sequence[LogLine], step: int) -> bool:
        """Put the cursor on the next line that matters, newer or older; say whether there is one.

        With a filter every line that passes matters, without one warnings and errors do.
        """
        found = [at for at, line in enumerate(lines) if self.filter or line.level != LEVELS[0]]
        at = self.at(lines)
        if at is None:
            wanted = found[-1:]
        else:
            wanted = [one for one in found if one > at][:1] if step > 0 else [one for one in found if one < at][-1:]
        if not wanted:
            return False
        self.frozen = self.all(deck) if self.frozen is None else self.frozen
        self.cursor = lines[wanted[0]].number
        return True

    def louder(self) -> str:
        """Show from the next level on, from all after the last; return it."""
        self.level = LEVELS[(LEVELS.index(self.level) + 1) % len(LEVELS)]
        self.scrolled = 0
        return self.level

    def at(self, lines: Sequence[LogLine]) -> int | None:
        """Return where the cursor is among lines; where its line is gone, the next older one."""
        if self.cursor is None or not lines:
            return None
        older = sum(line.number <= self.cursor for line in lines)
        return max(0, older - 1)

    def _between(self, found: Sequence[LogLine], last: int) -> int:
        """Return how many lines came after a number; those that are kept no more count too."""
        return found[-1].number - last

    def _shows(self, line: LogLine) -> bool:
        loud = line.level not in LEVELS or LEVELS.index(line.level) >= LEVELS.index(self.level)
        return loud and self.filter.lets(f"{line.level} {who(line)} {who(line, line.lane)} {line.text}")


# How the decision log of the chosen source is looked at: as the log is.


class DecisionView(LogView):
    """State of the pane of decisions; another source's are another list, followed from its end."""

    def __init__(self, source: Callable[[], str]) -> None:
        super().__init__()
        self._source = source
        self._of = ""
        self._made: tuple[object, tuple[LogLine, ...]] = ((), ())

    def all(self, deck: DeckState) -> tuple[LogLine, ...]:
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

    def lines(self, deck: DeckState, source: str | None = None) -> Sequence[LogLine]:
        """Return the moves to show, oldest first."""
        self.all(deck)  # takes note of another source
        return super().lines(deck, source)

    def _between(self, found: Sequence[LogLine], last: int) -> int:
        """Return how many moves of this source came after a number; numbers are those of the whole deck."""
        return sum(line.number > last for line in found)
