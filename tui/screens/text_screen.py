"""The base of text screens: a page that scrolls between a heading and a footer."""

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding

from tui.screens import layout
from tui.screens.base import BaseScreen
from tui.screens.frame import Frame
from tui.widgets.area import Area


def scrolling(name: str) -> list[Binding]:
    """Return the bindings that scroll a page; `name` is the first part of their ids."""
    return [
        Binding("j,down", "turn(1)", "scroll", id=f"{name}.down", tooltip="scroll down"),
        Binding("k,up", "turn(-1)", "scroll", id=f"{name}.up", tooltip="scroll up"),
        Binding("pagedown,G,end", "turn(9999)", id=f"{name}.bottom", tooltip="to the end"),
        Binding("pageup,g,home", "turn(-9999)", id=f"{name}.top", tooltip="to the top"),
    ]


class Sheet(BaseScreen, inherit_bindings=False):
    """A page that scrolls by lines, at most to its last one."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "page", "footer")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.first = 0
        """The first visible line."""

    @abstractmethod
    def depth(self, width: int) -> int:
        """Return the number of lines of the page at a width."""

    def areas(self, width: int, height: int) -> layout.Areas:
        found = {"heading": Area(0, 0, width, 1), "page": Area(0, 1, width, height - 2)}
        return found if height < 3 else found | {"footer": Area(0, height - 1, width, 1)}

    def action_close(self) -> None:
        self.app.pop_screen()

    def action_turn(self, lines: int) -> None:
        width, height = self.size
        longest = max(0, self.depth(width) - (height - 2))
        self.first = min(max(0, self.first + lines), longest)
        self.redraw()
