"""The source picker: which sources to start."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.model.source_card import SourceCard
from tui.actions.messages import SetUpAsked, SourcesChosen
from tui.screens import layout
from tui.screens.base import BaseScreen
from tui.screens.filter import Filter, parse
from tui.screens.frame import Frame
from tui.screens.picker import render
from tui.screens.prompts import Prompt
from tui.widgets import header
from tui.widgets.rows import Row, Span, Tone


class Picker(BaseScreen, inherit_bindings=False):
    """Lists the sources. Space chooses one; enter starts the chosen ones, or the one under the cursor."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "cards", "details", "footer")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", "choose", id="pick.toggle", tooltip="choose the source, or not"),
        Binding("a", "choose_all", "all", id="pick.all", tooltip="all that are ready, or none"),
        Binding("enter", "start", "start", id="pick.start", tooltip="start what is chosen"),
        Binding("i", "set_up", "set up", id="pick.setup", tooltip="write a configuration"),
        Binding("slash", "filter", "filter", id="view.filter", tooltip="filter the sources"),
        Binding("escape", "back", "all shown", show=False, id="view.back", tooltip="clear the filter"),
        Binding("j,down", "move(1)", "move", id="move.down", tooltip="next source"),
        Binding("k,up", "move(-1)", "move", id="move.up", tooltip="previous source"),
        Binding("g,home", "move(-9999)", id="move.top", tooltip="first source"),
        Binding("G,end", "move(9999)", id="move.bottom", tooltip="last source"),
    ]

    def __init__(self, frame: Frame, sources: Sequence[SourceCard], *, set_up: str | None = None) -> None:
        """Build the picker. `set_up` is shown if nothing is configured; None means that the form is not available."""
        super().__init__(frame)
        self._set_up = set_up
        self.every = tuple(sources)
        self.filter = Filter()
        self.cursor = next((at for at, card in enumerate(self.sources) if card.ready), 0)
        self.chosen: set[str] = set()
        self.problem = ""
        """Why the last start was refused; "" if it was not."""

    @property
    def sources(self) -> Sequence[SourceCard]:
        """The sources that pass the filter."""
        return [one for one in self.every if self.filter.lets(f"{one.name} {one.summary} {_word(one)}")]

    def areas(self, width: int, height: int) -> layout.Areas:
        return layout.picker(width, height, len(self.sources))

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        match name:
            case "heading":
                end = f"{len(self.chosen)} of {len(self.every)} chosen"
                end = self._set_up if self._set_up and not self.chosen else end
                end = f"/{self.filter.text}   {end}" if self.filter else end
                return [header.trail([Span("choose sources", Tone.TEXT)], width, end)]
            case "cards":
                empty = "no source passes the filter" if self.every else "no source is configured"
                return render.table(self.sources, self.cursor, self.chosen, width, height, empty)
            case "details":
                return render.details(self.card, self._message(), width, height)
            case _:
                return self.footer(width, self._message())

    @property
    def source(self) -> str:
        """The name of the source under the cursor; "" if there is none."""
        return "" if self.card is None else self.card.name

    @property
    def card(self) -> SourceCard | None:
        """The source under the cursor."""
        return self.sources[min(self.cursor, len(self.sources) - 1)] if self.sources else None

    def refuse(self, problem: str) -> None:
        """Show why nothing was started."""
        self.problem = problem
        self.redraw()

    def action_move(self, step: int) -> None:
        self.cursor = min(max(0, self.cursor + step), max(0, len(self.sources) - 1))
        self.refuse("")

    def point(self, x: int, y: int) -> None:
        area = self.areas(*self.size).get("cards")
        if area is not None and area.holds(x, y):
            row = render.first_row(len(self.sources), self.cursor, area.height) + y - area.y
            if row < len(self.sources):
                self.action_move(row - self.cursor)

    def action_filter(self) -> None:
        """Ask for a filter; the list follows every typed letter, and chosen sources stay chosen."""
        before = self.filter.text
        self.ask(Prompt("/", text=before, changed=self._narrow, cancelled=lambda: self._narrow(before)))

    def action_back(self) -> None:
        self._narrow("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable `back` only with a filter or a problem, and `set_up` only if the form is available."""
        _ = parameters
        if action == "set_up":
            return self._set_up is not None
        return action != "back" or bool(self.filter) or bool(self.problem)

    def action_set_up(self) -> None:
        """Leave for the form that writes a configuration."""
        self.post_message(SetUpAsked())

    def _narrow(self, text: str) -> None:
        try:
            self.filter, self.cursor = parse(text), 0
        except ValueError as error:
            self.refuse(str(error))
        else:
            self.refuse("")

    def action_choose(self) -> None:
        if self.card is not None and self.card.ready:
            self.chosen ^= {self.card.name}
        self.refuse("" if self.card is None or self.card.ready else f"{self.card.name} cannot start yet")

    def action_choose_all(self) -> None:
        """Choose every ready source; if all are chosen, none."""
        ready = {card.name for card in self.sources if card.ready}
        self.chosen = self.chosen - ready if ready <= self.chosen else self.chosen | ready
        self.refuse("")

    def action_start(self) -> None:
        """Ask to start the chosen sources, in the order of the list."""
        names = tuple(card.name for card in self.every if card.name in self.chosen)
        if not names and self.card is not None:
            if not self.card.ready:
                self.refuse(f"{self.card.name} cannot start yet")
                return
            names = (self.card.name,)
        if names:
            self.post_message(SourcesChosen(names))

    def _message(self) -> str:
        return self.problem or (self.shown.notice.text if self.shown.notice is not None else "")


def _word(card: SourceCard) -> str:
    """Return words that a filter can match: whether a source is ready, missing something, or can be resumed."""
    return "resumes ready" if card.resumable and card.ready else "ready" if card.ready else "missing"
