"""The help page: made of the bindings of the screen it was opened from."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.screens import areas
from tui.screens.bindings import keys
from tui.screens.board import Board
from tui.screens.frame import Frame
from tui.widgets import heading, hints
from tui.widgets.area import Area
from tui.widgets.keys import depth, page
from tui.widgets.rows import Row, Span, Tone


class Help(Board, inherit_bindings=False):
    """Lists keys and marks; every key that usually leaves a page closes it."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "page", "footer")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "close", "close", id="help.close", tooltip="close this page"),
        Binding("j,down", "turn(1)", "scroll", id="help.down", tooltip="scroll down"),
        Binding("k,up", "turn(-1)", "scroll", id="help.up", tooltip="scroll up"),
        Binding("pagedown,G,end", "turn(99)", id="help.bottom", tooltip="to the end"),
        Binding("pageup,g,home", "turn(-99)", id="help.top", tooltip="to the top"),
    ]

    def __init__(self, frame: Frame, explained: Sequence[Binding]) -> None:
        super().__init__(frame)
        self._keys = keys(explained)
        self._first = 0

    def areas(self, width: int, height: int) -> areas.Areas:
        """Divide the screen."""
        found = {"heading": Area(0, 0, width, 1), "page": Area(0, 1, width, height - 2)}
        return found if height < 3 else found | {"footer": Area(0, height - 1, width, 1)}

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        """Draw one panel."""
        match name:
            case "heading":
                return [heading.trail([Span("help", Tone.TITLE)], width, f"{self._more()}esc closes")]
            case "page":
                return page(self._keys, width, height, self._first)
            case _:
                return [hints.keys(self.hints(), width)]

    def _more(self) -> str:
        """Say where in the page this is, when it is longer than the screen."""
        width, height = self.size
        deep, seen = depth(self._keys, width), height - 2
        return "" if deep <= seen else f"lines {self._first + 1}-{self._first + seen} of {deep}   "

    def action_close(self) -> None:
        """Go back to where one was."""
        self.app.pop_screen()

    def action_turn(self, lines: int) -> None:
        """Scroll by lines."""
        width, height = self.size
        longest = max(0, depth(self._keys, width) - (height - 2))
        self._first = min(max(0, self._first + lines), longest)
        self.redraw()
