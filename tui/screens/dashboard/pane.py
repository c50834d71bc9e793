"""The base of the keys of a pane. Each pane has one class; the screen asks the class of the visible pane."""

from abc import ABC, abstractmethod

from textual.message import Message

from tui.screens.dashboard.render import Panes
from tui.screens.filter import Filter


class PaneKeys(ABC):
    """The keys of one pane, at one moment."""

    def __init__(self, seen: Panes) -> None:
        self.seen = seen
        self.choice = seen.choice

    @property
    def filter(self) -> Filter | None:
        """The pane's filter; None if the pane has none."""
        return None

    def narrow(self, found: Filter) -> None:
        """Set the filter."""
        _ = found

    @abstractmethod
    def length(self, width: int) -> int:
        """Return how many lines the pane has at a width."""

    @abstractmethod
    def whole(self, height: int) -> str | None:
        """Return the pane's text for the clipboard, with lines in full; None to copy what is drawn."""

    def enter(self) -> None:
        """Place the cursor when the keys enter the pane. A table always has a cursor, so nothing happens here."""
        _ = self.choice

    def move(self, step: int, height: int, width: int) -> None:
        """Move the cursor; a pane without a cursor scrolls."""
        self.scroll(step, height, width)

    def page(self, pages: int, height: int, width: int) -> None:
        """Move by pages: the cursor if the keys are in the pane, otherwise the view."""
        many = pages * max(1, height - 2)
        if self.choice.inside:
            self.move(many, height, width)
        else:
            self.scroll(many, height, width)

    def scroll(self, lines: int, height: int, width: int) -> None:
        self.choice.scroll(lines, self.length(width) - height + 1)

    def under(self, x: int, y: int, height: int, width: int) -> int | None:
        """Return the row drawn in a cell of the pane, whose first line is its title; None if there is none."""
        _ = (x, y, height, width)
        return None

    def position(self) -> int:
        return 0

    def pick(self, x: int, y: int, height: int, width: int) -> bool:
        """Put the cursor on the row in a cell; return whether there is one."""
        wanted = self.under(x, y, height, width)
        if wanted is None:
            return False
        self.choice.inside = True
        self.enter()
        self.move(wanted - self.position(), height, width)
        return True

    def opened(self) -> Message | None:
        """Return the message to post when the row under the cursor is opened."""
        return None

    def row(self) -> str | None:
        """Return the row under the cursor for the clipboard; None if there is none."""
        return None
