"""The widget of every screen: a rectangle of rows that repaints only the lines that changed.

Textual has no frame diff: `refresh()` sends the whole widget again, even if its text is the same. Measured with
Textual 8.2.8 on 120x40 cells, 4 frames and 500 events a second: a dashboard of stock widgets took 51 % of a CPU core,
one drawn line by line with the Line API 13 %.
"""

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.area import Area
from tui.widgets.rows import Row
from tui.widgets.theme_styles import Ink


class Panel(Widget):
    """Draws rows with Textual's Line API (https://textual.textualize.io/guide/widgets/#line-api)."""

    DEFAULT_CSS = """
    Panel {
        position: absolute;
        width: 0;
        height: 0;
        background: $background;
        color: $foreground;
    }
    """

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._rows: list[Row] = []
        self._strips: list[Strip] = []
        self._ink: Ink | None = None
        self._area: Area | None = None
        self.repainted = 0
        """Lines painted since the start; unchanged lines are not counted."""

    def place(self, area: Area | None) -> None:
        """Move the panel to an area; None hides it."""
        # Setting a style asks Textual for a layout pass, about 10 ms, so nothing is set when nothing changes.
        # Setting a style asks Textual for a layout pass, about 10 ms, so nothing is set when nothing changes.
        if area == self._area and self.display == (area is not None):
            return
        self._area = area
        self.display = area is not None
        if area is not None:
            self.styles.offset = (area.x, area.y)
            self.styles.width = area.width
            self.styles.height = area.height

    def show(self, rows: Sequence[Row], ink: Ink) -> None:
        """Draw rows from the top; only rows that differ from the shown ones are painted."""
        changed = self._changed(rows, ink)
        if not changed:
            return
        strips = dict(enumerate(self._strips)) if ink is self._ink else {}
        strips.update({y: ink.strip(rows[y]) for y in changed if y < len(rows)})
        self._strips = [strips[y] for y in range(len(rows))]
        self._rows, self._ink = list(rows), ink
        self.repainted += len(changed)
        width = max(self.size.width, 1 if self._area is None else self._area.width)
        self.refresh(*(Region(0, y, width, 1) for y in changed))

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def render_line(self, y: int) -> Strip:
        """Return line `y`; a blank one below the last row."""
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strips[y].crop_extend(0, self.size.width, self.rich_style)

    def _changed(self, rows: Sequence[Row], ink: Ink) -> list[int]:
        lines = range(max(len(rows), len(self._rows)))
        if ink is not self._ink:  # another theme: every line has another colour
            return list(lines)
        old = self._rows
        return [y for y in lines if y >= len(rows) or y >= len(old) or rows[y] != old[y]]
