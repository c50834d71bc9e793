"""The help page, made from the bindings of the screen it was opened from."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.screens.bindings import keys
from tui.screens.frame import Frame
from tui.screens.text_screen import Sheet, scrolling
from tui.widgets import header
from tui.widgets.help import depth, page
from tui.widgets.rows import Row, Span, Tone


class Help(Sheet, inherit_bindings=False):
    """Lists keys and marks. Every key that usually closes a page closes this one too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "close", "close", id="help.close", tooltip="close this page"),
        *scrolling("help"),
    ]

    def __init__(self, frame: Frame, explained: Sequence[Binding]) -> None:
        super().__init__(frame)
        self._keys = keys(explained)

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        match name:
            case "heading":
                return [header.trail([Span("help", Tone.TITLE)], width, f"{self._more()}esc closes")]
            case "page":
                return page(self._keys, width, height, self.first)
            case _:
                return self.footer(width)

    def depth(self, width: int) -> int:
        return depth(self._keys, width)

    def _more(self) -> str:
        """Return the position in the page, if the page is longer than the screen."""
        width, height = self.size
        deep, seen = self.depth(width), height - 2
        return "" if deep <= seen else f"lines {self.first + 1}-{self.first + seen} of {deep}   "
