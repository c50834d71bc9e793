"""The base of every screen: panels, placed by arithmetic and drawn from one frame."""

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
from tui.widgets import footer
from tui.widgets.area import Area
from tui.widgets.footer import Hint
from tui.widgets.panel import Panel
from tui.widgets.rows import Row, Span, Tone, row


class BaseScreen(Screen[None], inherit_bindings=False):
    """Places panels and draws rows in them.

    A panel that raises shows the error in its own area; the others are drawn as usual.
    """

    DEFAULT_CSS = """
    BaseScreen {
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
        """The open prompt; it receives every key."""

    def compose(self) -> ComposeResult:
        """Mount every panel, hidden until it is placed."""
        for panel in self._panels.values():
            panel.display = False
        yield from self._panels.values()

    def draw(self, frame: Frame) -> None:
        self.shown = frame
        self.redraw()

    def redraw(self) -> None:
        """Place the panels for the current size and draw the visible ones."""
        # Textual's own layout is not used: `Static.update` with a layout pass takes 13 ms, without one 3 ms (8.2.8).
        areas = self._places()
        for name, panel in self._panels.items():
            area = areas.get(name)
            visible = None if area is None or area.width <= 0 or area.height <= 0 else area
            panel.place(visible)
            if visible is not None:
                panel.show(self._paint(name, visible), self.shown.ink)

    def ask(self, prompt: Prompt) -> None:
        """Show a prompt in place of the footer."""
        self.prompt = prompt
        self.redraw()

    def cancel(self) -> bool:
        """Close the prompt as escape does; return whether there was one."""
        if self.prompt is None:
            return False
        self._type("escape", None)
        return True

    def on_key(self, event: events.Key) -> None:
        # The event is stopped, so that a letter typed into a prompt does not also run the action bound to it.
        if self.prompt is not None:
            event.stop()
            event.prevent_default()
            self._type(event.key, event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted text into the prompt; without a prompt it is ignored, so that a paste never acts as keys."""
        event.stop()
        if self.prompt is not None:
            self.prompt.paste(event.text)
            self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(-1)

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked; a click is ignored while a prompt is open."""
        if self.prompt is None:
            self.point(event.screen_x, event.screen_y)

    def point(self, x: int, y: int) -> None:
        """Put the cursor on what is drawn in a cell of the screen."""

    def wheel(self, step: int) -> None:
        """Scroll by one notch of the wheel: 1 is down, -1 is up."""

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    def on_screen_resume(self) -> None:
        """Redraw, because the screen above may have changed the selection."""
        self.redraw()

    def hints(self) -> Sequence[Hint]:
        """Return the hints of the footer: the bindings of this screen and of the app."""
        context = self.context()
        if self._hints is None or context != self._hinted:
            self._hints, self._hinted = hints(self.bindings()), context
        return self._hints

    def footer(self, width: int, problem: str = "") -> list[Row]:
        """Draw the key hints; on a screen without a details panel, a problem takes their place."""
        if problem and "details" not in self.areas(*self.size):
            return [row([Span(f" {problem}", Tone.BAD)], width)]
        return [footer.keys(self.hints(), width)]

    def context(self) -> object:
        """Return the state that the hints depend on; they are built again when it changes."""
        return None

    def drawn(self, name: str) -> list[str]:
        """Return the lines of a panel without trailing blanks."""
        return [row.text.rstrip() for row in self._panels[name].rows]

    def bindings(self) -> list[Binding]:
        """Return every binding that is active here."""
        return [active.binding for active in self.active_bindings.values()]

    @abstractmethod
    def areas(self, width: int, height: int) -> Areas:
        """Divide the screen among the panels."""

    @abstractmethod
    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        """Draw one panel."""

    def _type(self, key: str, character: str | None) -> None:
        prompt = self.prompt
        if prompt is not None and prompt.key(key, character) and self.prompt is prompt:
            self.prompt = None
        self.redraw()

    def _places(self) -> Areas:
        """Divide the screen; an open prompt is visible even on a screen too small for a footer."""
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
