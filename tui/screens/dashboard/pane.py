"""What the keys mean in a pane: each pane is one class, and the board asks the one that is seen."""

from abc import ABC, abstractmethod

from textual.message import Message

from tui.screens.dashboard.render import Panes
from tui.screens.filter import Filter


class PaneKeys(ABC):
    """The keys in one pane, at one moment."""

    def __init__(self, seen: Panes) -> None:
        self.seen = seen
        self.choice = seen.choice

    @property
    def filter(self) -> Filter | None:
        """What it lets through; None where there is nothing to filter."""
        return None

    def narrow(self, found: Filter) -> None:
        """Let something else through."""
        _ = found

    @abstractmethod
    def length(self, width: int) -> int:
        """Return how many lines there are in a width."""

    @abstractmethod
    def whole(self, height: int) -> str | None:
        """Return what it shows for a clipboard, its lines whole; None to take what is drawn."""

    def enter(self) -> None:
        """Put the cursor somewhere: the keys begin to move it. A table has it somewhere always."""
        _ = self.choice

    def move(self, step: int, height: int, width: int) -> None:
        """Move the cursor; where there is none, scroll."""
        self.scroll(step, height, width)

    def page(self, pages: int, height: int, width: int) -> None:
        """Go on by pages: the cursor where the keys move it, else what is seen."""
        many = pages * max(1, height - 2)
        if self.choice.inside:
            self.move(many, height, width)
        else:
            self.scroll(many, height, width)

    def scroll(self, lines: int, height: int, width: int) -> None:
        """Scroll down by lines."""
        self.choice.scroll(lines, self.length(width) - height + 1)

    def under(self, x: int, y: int, height: int, width: int) -> int | None:
        """Return which row is drawn in a cell of the pane, whose first line is its title; None where none is."""
        _ = (x, y, height, width)
        return None

    def position(self) -> int:
        """Return the row of the cursor."""
        return 0

    def pick(self, x: int, y: int, height: int, width: int) -> bool:
        """Put the cursor on the row in a cell as the keys would; say whether there is one."""
        wanted = self.under(x, y, height, width)
        if wanted is None:
            return False
        self.choice.inside = True
        self.enter()
        self.move(wanted - self.position(), height, width)
        return True

    def opened(self) -> Message | None:
        """Return what to ask of the app for the row under the cursor."""
        return None

    def row(self) -> str | None:
        """Return the row under the cursor for a clipboard; None where there is none."""
        return None
