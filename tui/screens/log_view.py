"""The state of the log and decision panes: frozen or following, level, filter and cursor."""

from collections.abc import Callable, Sequence
from typing import Final

from engine.model.snapshot import DeckState, LogLine
from tui.screens.filter import Filter
from tui.widgets.decisions import line
from tui.widgets.log import who

LEVELS: Final = ("info", "warn", "error")


class LogView:
    """The state of the log pane.

    The cursor is the number of a line, not its position, so it stays on its line while others arrive.
    """

    def __init__(self) -> None:
        self.frozen: tuple[LogLine, ...] | None = None
        """The log at the moment it was frozen; None while it follows."""
        self.scrolled = 0
        """How many lines the view is scrolled up from the newest one."""
        self.cursor: int | None = None
        """The number of the line under the cursor."""
        self.level = LEVELS[0]
        """The lowest level that is shown."""
        self.filter = Filter()
        self.stamped = True
        """Whether the time of each line is shown."""

    def all(self, deck: DeckState) -> tuple[LogLine, ...]:
        """Return all lines, oldest first."""
        return deck.log

    def lines(self, deck: DeckState, source: str | None = None) -> Sequence[LogLine]:
        """Return the lines to show, oldest first; with `source`, only those of one source."""
        lines = self.all(deck) if self.frozen is None else self.frozen
        if source is None and self.level == LEVELS[0] and not self.filter:
            return lines
        return [line for line in lines if source in {None, line.source} and self._shows(line)]

    def newer(self, deck: DeckState) -> int:
        """Return how many lines arrived since the log was frozen."""
        found = self.all(deck)
        if self.frozen is None or not found:
            return 0
        last = self.frozen[-1].number if self.frozen else 0
        return self._between(found, last)

    def toggle(self, deck: DeckState) -> None:
        """Freeze the log, or follow it again."""
        if self.frozen is None:
            self.frozen = self.all(deck)
        else:
            self.follow()

    def follow(self) -> None:
        """Follow the newest lines."""
        self.frozen, self.cursor, self.scrolled = None, None, 0

    def scroll(self, deck: DeckState, back: int, longest: int) -> None:
        """Freeze the log and scroll it."""
        self.frozen = self.all(deck) if self.frozen is None else self.frozen
        self.cursor = None
        self.scrolled = min(max(0, self.scrolled + back), max(0, longest))

    def move(self, deck: DeckState, lines: Sequence[LogLine], step: int) -> None:
        """Freeze the log and move the cursor."""
        self.frozen = self.all(deck) if self.frozen is None else self.frozen
        at = self.at(lines)
        if lines:
            to = len(lines) - 1 - self.scrolled if at is None else at + step
            self.cursor = lines[min(max(0, to), len(lines) - 1)].number

    def jump(self, deck: DeckState, lines: Sequence[LogLine], step: int) -> bool:
        """Put the cursor on the next important line, newer or older; return whether there is one.

        With a filter, every line that passes is important; without one, warnings and errors are.
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
        """Raise the lowest shown level, from the highest back to all; return it."""
        self.level = LEVELS[(LEVELS.index(self.level) + 1) % len(LEVELS)]
        self.scrolled = 0
        return self.level

    def at(self, lines: Sequence[LogLine]) -> int | None:
        """Return the position of the cursor; if its line is gone, that of the next older line."""
        if self.cursor is None or not lines:
            return None
        older = sum(line.number <= self.cursor for line in lines)
        return max(0, older - 1)

    def _between(self, found: Sequence[LogLine], last: int) -> int:
        """Return how many lines came after a number, including those no longer kept."""
        return found[-1].number - last

    def _shows(self, line: LogLine) -> bool:
        loud = line.level not in LEVELS or LEVELS.index(line.level) >= LEVELS.index(self.level)
        return loud and self.filter.lets(f"{line.level} {who(line)} {who(line, line.lane)} {line.text}")


class DecisionView(LogView):
    """The state of the decision pane. Each source has its own decisions: another source starts at its newest."""

    def __init__(self, source: Callable[[], str]) -> None:
        super().__init__()
        self._source = source
        self._of = ""
        self._made: tuple[object, tuple[LogLine, ...]] = ((), ())

    def all(self, deck: DeckState) -> tuple[LogLine, ...]:
        source = self._source()
        group = next((group for group in deck.groups if group.name == source), None)
        decisions = () if group is None else group.decisions
        if source != self._of:
            self._of = source
            self.follow()
        # A frame calls this several times. A snapshot shares the tuple of an unchanged source, so identity is enough.
        if self._made[0] is not decisions:
            self._made = decisions, tuple(line(source, decision) for decision in decisions)
        return self._made[1]

    def lines(self, deck: DeckState, source: str | None = None) -> Sequence[LogLine]:
        self.all(deck)  # which unfreezes the view if another source was selected, before the base class reads it
        return super().lines(deck, source)

    def _between(self, found: Sequence[LogLine], last: int) -> int:
        """Return how many decisions of this source came after a number. Numbers count all sources of the deck."""
        return sum(line.number > last for line in found)
