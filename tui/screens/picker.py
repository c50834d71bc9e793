"""The source picker: which sources to start, and what is known of each before it runs."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.snapshot import SourceCard
from tui.messages import SourcesChosen
from tui.screens import areas
from tui.screens.board import Board
from tui.screens.frame import Frame
from tui.widgets import cards, heading, hints
from tui.widgets.rows import Row, Span, Tone, row


class Picker(Board, inherit_bindings=False):
    """Lists the sources; space chooses, enter starts what is chosen, or what is under the cursor."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "cards", "details", "footer")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", "choose", id="pick.toggle", tooltip="choose the source, or not"),
        Binding("a", "choose_all", "all", id="pick.all", tooltip="all that are ready, or none"),
        Binding("enter", "start", "start", id="pick.start", tooltip="start what is chosen"),
        Binding("j,down", "move(1)", "move", id="move.down", tooltip="next source"),
        Binding("k,up", "move(-1)", "move", id="move.up", tooltip="previous source"),
        Binding("g,home", "move(-9999)", id="move.top", tooltip="first source"),
        Binding("G,end", "move(9999)", id="move.bottom", tooltip="last source"),
    ]

    def __init__(self, frame: Frame, sources: Sequence[SourceCard]) -> None:
        super().__init__(frame)
        self.sources = tuple(sources)
        self.cursor = next((at for at, card in enumerate(self.sources) if card.ready), 0)
        self.chosen: set[str] = set()
        self.problem = ""
        """Why the last start did not happen."""

    def areas(self, width: int, height: int) -> areas.Areas:
        """Divide the screen."""
        return areas.picker(width, height, len(self.sources))

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        """Draw one panel."""
        match name:
            case "heading":
                told = f"{len(self.chosen)} of {len(self.sources)} chosen"
                return [heading.trail([Span("choose sources", Tone.TEXT)], width, told)]
            case "cards":
                return cards.table(self.sources, self.cursor, self.chosen, width, height)
            case "details":
                return cards.details(self.card, self._said(), width, height)
            case _ if self._said() and "details" not in self.areas(*self.size):
                return [row([Span(f" {self._said()}", Tone.BAD)], width)]
            case _:
                return [hints.keys(self.hints(), width)]

    @property
    def card(self) -> SourceCard | None:
        """The source under the cursor."""
        return self.sources[self.cursor] if self.sources else None

    def refuse(self, problem: str) -> None:
        """Say why nothing was started."""
        self.problem = problem
        self.redraw()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.cursor = min(max(0, self.cursor + step), max(0, len(self.sources) - 1))
        self.refuse("")

    def action_choose(self) -> None:
        """Choose the source under the cursor, or not."""
        if self.card is not None and self.card.ready:
            self.chosen ^= {self.card.name}
        self.refuse("" if self.card is None or self.card.ready else f"{self.card.name} cannot start yet")

    def action_choose_all(self) -> None:
        """Choose every source that is ready; none, when all are chosen."""
        ready = {card.name for card in self.sources if card.ready}
        self.chosen = set() if self.chosen == ready else ready
        self.refuse("")

    def action_start(self) -> None:
        """Ask for a start, in the order of the list."""
        names = tuple(card.name for card in self.sources if card.name in self.chosen)
        if not names and self.card is not None:
            if not self.card.ready:
                self.refuse(f"{self.card.name} cannot start yet")
                return
            names = (self.card.name,)
        if names:
            self.post_message(SourcesChosen(names))

    def _said(self) -> str:
        return self.problem or (self.shown.notice.text if self.shown.notice is not None else "")
