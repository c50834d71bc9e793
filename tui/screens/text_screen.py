"""A sheet: a page of lines that scrolls, between a heading and a footer."""

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding

from tui.screens import layout
from tui.screens.base import Board
from tui.screens.frame import Frame
from tui.widgets.area import Area


def scrolling(name: str) -> list[Binding]:
    """Return the keys that scroll a sheet, by the name its keys have in the keymap."""
    return [
        Binding("j,down", "turn(1)", "scroll", id=f"{name}.down", tooltip="scroll down"),
        Binding("k,up", "turn(-1)", "scroll", id=f"{name}.up", tooltip="scroll up"),
        Binding("pagedown,G,end", "turn(9999)", id=f"{name}.bottom", tooltip="to the end"),
        Binding("pageup,g,home", "turn(-9999)", id=f"{name}.top", tooltip="to the top"),
    ]


class Sheet(Board, inherit_bindings=False):
    """Scrolls by lines, never beyond the last one."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "page", "footer")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.first = 0
        """The uppermost line that is seen."""

    @abstractmethod
    def depth(self, width: int) -> int:
        """Return how many lines the page has at a width."""

    def areas(self, width: int, height: int) -> layout.Areas:
        """Divide the screen."""
        found = {"heading": Area(0, 0, width, 1), "page": Area(0, 1, width, height - 2)}
        return found if height < 3 else found | {"footer": Area(0, height - 1, width, 1)}

    def action_close(self) -> None:
        """Go back to where one was."""
        self.app.pop_screen()

    def action_turn(self, lines: int) -> None:
        """Scroll by lines."""
        width, height = self.size
        longest = max(0, self.depth(width) - (height - 2))
        self.first = min(max(0, self.first + lines), longest)
        self.redraw()
