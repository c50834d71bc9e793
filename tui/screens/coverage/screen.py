"""The coverage map of a source: which parts are complete, stale, failed or missing; a key fetches what is not there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType

from engine.model.coverage import Part
from tui.actions.messages import Copied, FillAsked, PartsAsked
from tui.screens.coverage import render
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.screens.prompts import Question
from tui.widgets.rows import Row

AGAIN: Final = 5.0
"""Seconds after which a map of a running source is read again."""
_ORDERS: Final[Mapping[str, Callable[[Part], Any] | None]] = {
    "in its order": None,
    "worst first": lambda one: render.WORST.index(one.state),
    "by name": lambda one: one.name.lower(),
    "most rows first": lambda one: -(one.rows or 0),
    "longest not looked at first": lambda one: one.updated or 0.0,
}


class Coverage(Listing):
    """Lists the parts of one source; they are read from the disk, and read again while it runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,F", "fill", "fill", id="fix.fill", tooltip="fetch just this part"),
        Binding("A", "fill_all", "fill all", id="fix.fill-all", tooltip="fetch all that is listed, asks first"),
        Binding("o", "sort", "sort", id="view.sort", tooltip="another order"),
        Binding("tab", "next_source", "source", id="view.next-source", tooltip="the next source"),
        Binding("y", "copy_row", "copy", id="view.copy", tooltip="copy the row"),
        Binding("Y", "copy_pane", show=False, id="view.copy-all", tooltip="copy the list"),
    ]

    def __init__(self, frame: Frame, source: str) -> None:
        super().__init__(frame)
        self.source = source
        self._order = next(iter(_ORDERS))
        self._parts: tuple[Part, ...] | None = None
        self._found: tuple[Part, ...] | None = None
        """What the filter lets through, in order; None where that must be worked out anew."""
        self._asked_at = self._now()

    def show(self, source: str, parts: Sequence[Part]) -> None:
        """List what was read; the cursor stays on its part."""
        if source == self.source:
            held = self.part
            self._parts, self._found = tuple(parts), None
            self._hold(held)
            self.redraw()

    def draw(self, frame: Frame) -> None:
        """Ask for the parts again now and then, where something may change them."""
        super().draw(frame)
        if self._parts is not None and self._runs() and self._now() - self._asked_at >= AGAIN:
            self.ask_again()

    def ask_again(self) -> None:
        """Ask for the parts."""
        self._asked_at = self._now()
        self.post_message(PartsAsked(self.source))

    def found(self) -> Sequence[Part]:
        """Return the parts the filter lets through, in the order that was chosen."""
        if self._found is None:
            passed = [one for one in self._parts or () if self.filter.lets(f"{one.state} {one.name} {one.detail}")]
            key = _ORDERS[self._order]
            self._found = tuple(passed if key is None else sorted(passed, key=key))
        return self._found

    @property
    def part(self) -> Part | None:
        """The part under the cursor."""
        found = self.found()
        return found[min(self.cursor, len(found) - 1)] if found else None

    def length(self) -> int:
        """Return how many parts are listed."""
        return len(self.found())

    def trail(self) -> tuple[str, str]:
        """Say where this is, and how much of it there is."""
        told = render.told(self.found())
        return f"coverage ▸ {self.source}", f"{told}  {self._order}" if told else ""

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """Draw the parts."""
        if self._parts is None:
            empty = "reading the database"
        elif not self._parts:
            empty = f"{self.source} has no parts to show yet"
        else:
            empty = "no part passes the filter"
        return render.table(self.found(), width, height, self._now(), self.cursor, empty)

    def details(self, width: int, height: int) -> Sequence[Row]:
        """Draw all that is known of the part under the cursor."""
        return render.details(self.part, width, height, self.shown.zone)

    def details_height(self) -> int:
        """Return how many lines that takes."""
        return render.DETAILS_HEIGHT

    def narrow(self, text: str) -> None:
        """Show what a filter lets through."""
        self._found = None
        super().narrow(text)
        self._found = None

    def action_fill(self) -> None:
        """Fetch the part under the cursor, and nothing besides."""
        if self.part is not None:
            self.post_message(FillAsked(self.source, (self.part.key,)))

    def action_fill_all(self) -> None:
        """Fetch every part that is listed and needs it, once the person agrees."""
        keys = tuple(one.key for one in self.found() if one.fillable)
        if keys:
            question = f"fetch {len(keys):,} parts of {self.source}?"
            self.ask(Question(question, lambda: self._fill(keys)))

    def action_sort(self) -> None:
        """Choose the next order, and go to its top."""
        names = list(_ORDERS)
        self._order, self._found = names[(names.index(self._order) + 1) % len(names)], None
        self.cursor = 0
        self.redraw()

    def action_next_source(self) -> None:
        """Show the next source's map."""
        names = [] if self.shown.deck is None else [group.name for group in self.shown.deck.groups]
        if len(names) > 1 and self.source in names:
            self.source = names[(names.index(self.source) + 1) % len(names)]
            self._parts = self._found = None
            self.cursor = 0
            self.ask_again()
            self.redraw()

    def action_copy_row(self) -> None:
        """Copy the part under the cursor."""
        if self.part is not None:
            self.post_message(Copied(render.whole(self.part)))

    def action_copy_pane(self) -> None:
        """Copy every part that is listed."""
        self.post_message(Copied("\n".join(map(render.whole, self.found()))))

    def _fill(self, keys: tuple[str, ...]) -> None:
        self.post_message(FillAsked(self.source, keys))

    def _hold(self, part: Part | None) -> None:
        if part is not None:
            at = next((at for at, one in enumerate(self.found()) if one.key == part.key), self.cursor)
            self.cursor = at

    def _runs(self) -> bool:
        return self.shown.deck is not None and any(group.name == self.source for group in self.shown.deck.groups)

    def _now(self) -> float:
        return self.shown.at
