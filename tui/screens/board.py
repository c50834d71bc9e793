"""A board: a screen made of panels, placed by arithmetic and drawn from one frame."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from tui.crash import one_line
from tui.messages import PanelBroke
from tui.screens.areas import Areas
from tui.screens.bindings import hints
from tui.screens.frame import Frame
from tui.widgets.area import Area
from tui.widgets.hints import Hint
from tui.widgets.panel import Panel
from tui.widgets.rows import Row, Span, Tone, row


class Board(Screen[None], inherit_bindings=False):
    """Places panels and shows them rows; a panel that cannot be drawn says so and leaves the others alone."""

    DEFAULT_CSS = """
    Board {
        overflow: hidden;
        background: $background;
    }
    """
    PANELS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.shown = frame
        self._panels = {name: Panel(name) for name in self.PANELS}
        self._hints: list[Hint] | None = None

    def compose(self) -> ComposeResult:
        """Mount every panel, hidden until it is placed."""
        for panel in self._panels.values():
            panel.display = False
        yield from self._panels.values()

    def draw(self, frame: Frame) -> None:
        """Show another frame."""
        self.shown = frame
        self.redraw()

    def redraw(self) -> None:
        """Place the panels for the present size and draw those that are seen."""
        areas = self.areas(self.size.width, self.size.height)
        for name, panel in self._panels.items():
            area = areas.get(name)
            visible = None if area is None or area.width <= 0 or area.height <= 0 else area
            panel.place(visible)
            if visible is not None:
                panel.show(self._paint(name, visible), self.shown.ink)

    def on_resize(self, _event: events.Resize) -> None:
        """Use the new room at once."""
        self.redraw()

    def on_screen_resume(self) -> None:
        """Catch up with what was chosen on the screen above."""
        self.redraw()

    def hints(self) -> Sequence[Hint]:
        """Return what the footer says: the bindings of this screen and of the app."""
        if self._hints is None:
            self._hints = hints(self.bindings())
        return self._hints

    def bindings(self) -> list[Binding]:
        """Return every binding that does something here."""
        return [active.binding for active in self.active_bindings.values()]

    @abstractmethod
    def areas(self, width: int, height: int) -> Areas:
        """Divide the screen."""

    @abstractmethod
    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        """Draw one panel."""

    def _paint(self, name: str, area: Area) -> Sequence[Row]:
        try:
            return self.paint(name, area.width, area.height)
        except Exception as error:  # noqa: BLE001 - a panel that breaks must not take the harvest with it
            self.post_message(PanelBroke(name, error))
            return [row([Span(f" cannot draw this: {one_line(error)}", Tone.BAD)], area.width)]
