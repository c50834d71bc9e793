"""The keys of the line panes: the log and the decision log."""

from collections.abc import Sequence

from textual.message import Message

from engine.model.snapshot import LogLine
from tui.actions.messages import RequestsAsked
from tui.screens.dashboard.pane import PaneKeys
from tui.screens.filter import Filter
from tui.screens.log_view import LogView
from tui.widgets import log
from tui.widgets.log import LogViewport


class LogKeys(PaneKeys):
    """The keys of the log pane. Scrolling it or moving its cursor freezes it."""

    @property
    def view(self) -> LogView:
        return self.choice.log

    @property
    def lines(self) -> Sequence[LogLine]:
        return self.seen.lines

    @property
    def filter(self) -> Filter | None:
        return self.view.filter

    def narrow(self, found: Filter) -> None:
        self.view.filter, self.view.scrolled = found, 0

    def length(self, width: int) -> int:
        _ = width
        return len(self.lines)

    def enter(self) -> None:
        """Put the cursor on the newest line."""
        if self.view.cursor is None:
            self.view.move(self.seen.deck, self.lines, 0)

    def move(self, step: int, height: int, width: int) -> None:
        _ = (height, width)
        self.view.move(self.seen.deck, self.lines, step)

    def scroll(self, lines: int, height: int, width: int) -> None:
        """Scroll; down is towards newer lines."""
        self.view.scroll(self.seen.deck, -lines, self.length(width) - height + 1)

    def under(self, x: int, y: int, height: int, width: int) -> int | None:
        _ = (x, width)
        viewport = LogViewport(back=self.view.scrolled, cursor=self.view.at(self.lines))
        shown = log.window(len(self.lines), height - 1, viewport)
        return shown[y - 1] if 0 < y <= len(shown) else None

    def position(self) -> int:
        return self.view.at(self.lines) or 0

    def opened(self) -> Message | None:
        """Ask for the failed requests of the error that the line under the cursor reports."""
        line = self._line()
        one = next((one for one in self.seen.deck.failures if line and one.fingerprint == line.failure), None)
        return None if one is None else RequestsAsked(one.source, one.fingerprint)

    def row(self) -> str | None:
        line = self._line()
        return None if line is None else log.whole(line)

    def whole(self, height: int) -> str | None:
        """Return the visible lines."""
        viewport = LogViewport(back=self.view.scrolled, cursor=self.view.at(self.lines))
        return "\n".join(log.whole(self.lines[at]) for at in log.window(len(self.lines), height - 1, viewport))

    def _line(self) -> LogLine | None:
        at = self.view.at(self.lines)
        return None if at is None else self.lines[at]


class DecisionKeys(LogKeys):
    """The keys of the decision log of the selected source."""

    @property
    def view(self) -> LogView:
        return self.choice.decisions

    @property
    def lines(self) -> Sequence[LogLine]:
        return self.seen.moves

    def opened(self) -> Message | None:
        """Return nothing: a decision has no details."""
        return None
