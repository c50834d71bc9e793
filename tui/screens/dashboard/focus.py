"""One source alone: its throughput, limits, workers, log and errors."""

from collections.abc import Sequence
from typing import ClassVar

from engine.model.snapshot import Failure, Group, LogLine
from tui.screens import layout as areas
from tui.screens.dashboard.base import DeckBoard
from tui.widgets import header as heading
from tui.widgets import totals
from tui.widgets.numbers import stopwatch
from tui.widgets.rows import Row, Span, Tone
from tui.widgets.states import STATES


class Focus(DeckBoard):
    """The chosen source with all there is to tell; the log and the errors are its own."""

    ALONE = True
    PANELS: ClassVar[tuple[str, ...]] = (
        *("line", "heading", "totals", "chart0", "chart1", "chart2", "chart3", "limits", "ticks", "workers"),
        *("log", "errors", "decisions", "settings", "status", "footer"),
    )

    def areas(self, width: int, height: int) -> areas.Areas:
        """Divide the screen."""
        return self.zoomed(width, height) or areas.focus(width, height, self.wish(width), self.choice.pane)

    def paint_group(self, name: str, group: Group, width: int, height: int) -> Sequence[Row]:
        """Draw one panel of the chosen source."""
        match name:
            case "heading":
                return [self._trail(group, width)]
            case "totals":
                return totals.progress(group, width, height)
            case _:
                return super().paint_group(name, group, width, height)

    def lines_of_log(self) -> Sequence[LogLine]:
        """Return the log lines of the chosen source."""
        return self.choice.log.lines(self.deck, self.choice.source)

    def failed(self) -> Sequence[Failure]:
        """Return the kinds of error of the chosen source."""
        return [failure for failure in super().failed() if failure.source == self.choice.source]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open only what a pane has under its cursor: the source is open."""
        return super().check_action(action, parameters) and (action != "open" or self.choice.inside)

    def can_go_back(self) -> bool:
        """There is always the dashboard."""
        return True

    def leave(self) -> None:
        """Go back to all sources."""
        self.app.pop_screen()

    def _trail(self, group: Group, width: int) -> Row:
        mark = STATES[group.state]
        parts = [
            Span(group.name, Tone.TITLE),
            Span(f"  {mark.glyph} {mark.word}", mark.tone),
            Span(f"  {group.reason}" if group.reason else "", Tone.DIM),
        ]
        number = self.deck.groups.index(group) + 1
        end = f"{number} of {len(self.deck.groups)}   {stopwatch(self.deck.uptime)}"
        return heading.trail(parts, width, f"{self.shown.traffic}   {end}" if self.shown.traffic else end)
