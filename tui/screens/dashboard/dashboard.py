"""The dashboard: all sources, and the limits, workers, log and errors of the selected one."""

from collections.abc import Sequence
from typing import ClassVar

from tui.actions.messages import FocusAsked
from tui.screens import layout
from tui.screens.dashboard.base import DeckScreen
from tui.widgets import header, sources
from tui.widgets.rows import Row


class Dashboard(DeckScreen):
    """The screen with all sources."""

    PANELS: ClassVar[tuple[str, ...]] = (
        *("line", "heading", "chart0", "chart1", "sources", "limits", "ticks", "workers"),
        *("log", "errors", "decisions", "settings", "status", "footer"),
    )

    def areas(self, width: int, height: int) -> layout.Areas:
        return self.zoomed(width, height) or layout.dashboard(width, height, self.wish(width), self.choice.pane)

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        if name == "heading":
            return [header.deck(self.deck, width, traffic=self.shown.traffic)]
        if name == "sources":
            self.choice.group(self.deck)
            return sources.table(self.deck.groups, self.choice.source, width, height, int(self.deck.at))
        return super().paint(name, width, height)

    def open_source(self) -> None:
        if self.group is not None:
            self.post_message(FocusAsked())

    def point(self, x: int, y: int) -> None:
        """Select the clicked source and leave the pane; a click elsewhere selects the row of a pane."""
        area = self.areas(*self.size).get("sources")
        if area is None or not area.holds(x, y):
            super().point(x, y)
            return
        names = [group.name for group in self.deck.groups]
        first = sources.first_row(names, self.choice.source, area.height)
        row = first + y - area.y - 1
        if y > area.y and row < len(names):
            self.choice.inside = False
            self.choice.pick(self.deck, row)
            self.redraw()
