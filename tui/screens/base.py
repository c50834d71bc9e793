"""A board: a screen made of panels, placed by arithmetic and drawn from one frame."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from tui.actions.messages import PanelBroke
from tui.common.crash import one_line
from tui.screens.bindings import hints
from tui.screens.frame import Frame
from tui.screens.layout import Areas
from tui.screens.prompts import Prompt
from tui.widgets import footer as hint_rows
from tui.widgets.area import Area
from tui.widgets.footer import Hint
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
        self._hinted: object = None
        self.prompt: Prompt | None = None
        """What is being asked; it has every key while it is open."""

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
        areas = self._places()
        for name, panel in self._panels.items():
            area = areas.get(name)
            visible = None if area is None or area.width <= 0 or area.height <= 0 else area
            panel.place(visible)
            if visible is not None:
                panel.show(self._paint(name, visible), self.shown.ink)

    def ask(self, prompt: Prompt) -> None:
        """Open a prompt in the place of the footer."""
        self.prompt = prompt
        self.redraw()

    def cancel(self) -> bool:
        """Close the prompt as escape does; say whether there was one."""
        if self.prompt is None:
            return False
        self._type("escape", None)
        return True

    def on_key(self, event: events.Key) -> None:
        """Give a key to the prompt, so that it never reaches a binding."""
        if self.prompt is not None:
            event.stop()
            event.prevent_default()
            self._type(event.key, event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted into a prompt; elsewhere it means nothing."""
        event.stop()
        if self.prompt is not None:
            self.prompt.paste(event.text)
            self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll, where the mouse is on."""
        event.stop()
        self.wheel(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self.wheel(-1)

    def on_click(self, event: events.Click) -> None:
        """Choose what is clicked, where the mouse is on; while something is being typed nothing is."""
        if self.prompt is None:
            self.point(event.screen_x, event.screen_y)

    def point(self, x: int, y: int) -> None:
        """Put the cursor on what is drawn in a cell of the screen."""

    def wheel(self, step: int) -> None:
        """Scroll by one notch of the wheel: down is 1, up is -1."""

    def on_resize(self, _event: events.Resize) -> None:
        """Use the new room at once."""
        self.redraw()

    def on_screen_resume(self) -> None:
        """Catch up with what was chosen on the screen above."""
        self.redraw()

    def hints(self) -> Sequence[Hint]:
        """Return what the footer says: the bindings of this screen and of the app."""
        context = self.context()
        if self._hints is None or context != self._hinted:
            self._hints, self._hinted = hints(self.bindings()), context
        return self._hints

    def footer(self, width: int, problem: str = "") -> list[Row]:
        """Draw the keys; a problem in their place where no panel has room to tell it."""
        if problem and "details" not in self.areas(*self.size):
            return [row([Span(f" {problem}", Tone.BAD)], width)]
        return [hint_rows.keys(self.hints(), width)]

    def context(self) -> object:
        """Return what the hints depend on; they are made again when it is another."""
        return None

    def drawn(self, name: str) -> list[str]:
        """Return the lines a panel shows, without the blanks at their ends."""
        return [row.text.rstrip() for row in self._panels[name].rows]

    def bindings(self) -> list[Binding]:
        """Return every binding that does something here."""
        return [active.binding for active in self.active_bindings.values()]

    @abstractmethod
    def areas(self, width: int, height: int) -> Areas:
        """Divide the screen."""

    @abstractmethod
    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        """Draw one panel."""

    def _type(self, key: str, character: str | None) -> None:
        prompt = self.prompt
        if prompt is not None and prompt.key(key, character) and self.prompt is prompt:
            self.prompt = None
        self.redraw()

    def _places(self) -> Areas:
        """Divide the screen; a prompt is seen however small it is."""
        width, height = self.size
        areas = self.areas(width, height)
        if self.prompt is not None and "footer" in self._panels:
            areas |= {"footer": Area(0, height - 1, width, 1)}
        return areas

    def _paint(self, name: str, area: Area) -> Sequence[Row]:
        try:
            if name == "footer" and self.prompt is not None:
                return [self.prompt.row(area.width)]
            return self.paint(name, area.width, area.height)
        except Exception as error:  # noqa: BLE001 - a panel that breaks must not take the harvest with it
            self.post_message(PanelBroke(name, error))
            return [row([Span(f" cannot draw this: {one_line(error)}", Tone.BAD)], area.width)]
