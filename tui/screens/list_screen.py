"""The base of list screens: one list with a cursor and a filter."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tui.screens.base import BaseScreen
from tui.screens.filter import Filter, parse
from tui.screens.frame import Frame
from tui.screens.layout import Areas, listing
from tui.screens.prompts import Prompt
from tui.widgets import header
from tui.widgets.rows import Row, Span, Tone, row

NOTCH: Final = 3
"""Rows that one notch of the wheel scrolls."""


class Listing(BaseScreen, inherit_bindings=False):
    """Lists what passes the filter; q and escape return to the previous screen."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "list", "details", "status", "footer")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="view.back", tooltip="back; first clear filter"),
        Binding("q", "close", "back", show=False, id="view.close", tooltip="close this page"),
        Binding("slash", "filter", "filter", id="view.filter", tooltip="filter the list"),
        Binding("j,down", "move(1)", id="move.down", tooltip="next row"),
        Binding("k,up", "move(-1)", id="move.up", tooltip="previous row"),
        Binding("pagedown", "page(1)", id="view.page-down", tooltip="a page down"),
        Binding("pageup", "page(-1)", id="view.page-up", tooltip="a page up"),
        Binding("g,home", "move(-99999)", id="move.top", tooltip="first row"),
        Binding("G,end", "move(99999)", id="move.bottom", tooltip="last row"),
    ]

    HEADING: ClassVar[int] = 1
    """Lines above the first row of the list."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.cursor = 0
        self.filter = Filter()
        self.problem = ""
        """What is wrong with the typed filter; "" if it is valid."""

    @abstractmethod
    def length(self) -> int:
        """Return how many rows pass the filter."""

    @abstractmethod
    def trail(self) -> tuple[str, str]:
        """Return the title ("themes"), and the text at the right end of the heading."""

    @abstractmethod
    def rows(self, width: int, height: int) -> Sequence[Row]:
        """Draw the list with its cursor in view."""

    def details(self, width: int, height: int) -> Sequence[Row]:
        """Draw the details of the row under the cursor."""
        _ = (width, height)
        return ()

    def details_height(self) -> int:
        """Return how many lines the details need; 0 for no details."""
        return 0

    def areas(self, width: int, height: int) -> Areas:
        return listing(width, height, self.details_height())

    def redraw(self) -> None:
        self.cursor = min(max(0, self.cursor), max(0, self.length() - 1))
        super().redraw()

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        match name:
            case "heading":
                where, end = self.trail()
                return [header.trail([Span(where, Tone.TEXT)], width, end)]
            case "list":
                return self.rows(width, height)
            case "details":
                return self.details(width, height)
            case "status":
                return [self._status(width)]
            case _:
                return self.footer(width)

    def action_move(self, step: int) -> None:
        self.cursor = min(max(0, self.cursor + step), max(0, self.length() - 1))
        self.moved()
        self.redraw()

    def action_page(self, pages: int) -> None:
        area = self.areas(*self.size).get("list")
        self.action_move(pages * max(1, 1 if area is None else area.height - 1))

    def moved(self) -> None:
        """React to a move of the cursor."""

    def action_filter(self) -> None:
        """Ask for a filter; the list follows every typed letter."""
        before = self.filter
        self.ask(Prompt("/", text=before.text, changed=self.narrow, cancelled=lambda: self.narrow(before.text)))

    def wheel(self, step: int) -> None:
        self.action_move(NOTCH * step)

    def point(self, x: int, y: int) -> None:
        area = self.areas(*self.size).get("list")
        if area is None or not area.holds(x, y) or y < area.y + self.HEADING:
            return
        # The same arithmetic as in `rows`, so that a click selects the row that is drawn there.
        room = area.height - self.HEADING
        first = max(0, min(self.cursor - room // 2, self.length() - room))
        row = first + y - area.y - self.HEADING
        if row < self.length():
            self.action_move(row - self.cursor)

    def narrow(self, text: str) -> None:
        """Apply a filter. An invalid one is reported in the status line, and the last valid one stays."""
        try:
            self.filter, self.problem = parse(text), ""
            self.cursor = 0
        except ValueError as error:
            self.problem = str(error)
        self.moved()

    def action_back(self) -> None:
        """Clear the filter; without a filter, close the screen."""
        if self.filter or self.problem:
            self.narrow("")
            self.redraw()
        else:
            self.action_close()

    def action_close(self) -> None:
        self.app.pop_screen()

    def _status(self, width: int) -> Row:
        notice = self.shown.notice
        if self.problem:
            return row([Span(f" {self.problem}", Tone.BAD)], width)
        if notice is not None:
            return row([Span(f" {notice.text}", notice.tone)], width)
        return row([Span(f" / {self.filter.text}" if self.filter else "", Tone.ACCENT)], width)
