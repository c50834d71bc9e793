"""The coverage map of a source: the state of each part, and keys that fetch the missing ones."""

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
"""Seconds between two reads of the map of a running source. A read goes to the disk, so not every frame does one."""
_ORDERS: Final[Mapping[str, Callable[[Part], Any] | None]] = {
    "in its order": None,
    "worst first": lambda one: render.WORST.index(one.state),
    "by name": lambda one: one.name.lower(),
    "most rows first": lambda one: -(one.rows or 0),
    "longest not looked at first": lambda one: one.updated or 0.0,
}


class Coverage(Listing):
    """Lists the parts of one source. They are read from the database, again and again while the source runs."""

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
        """The cached result of `found`; None after the parts, the filter or the order changed."""
        self._asked_at = self._now()

    def show(self, source: str, parts: Sequence[Part]) -> None:
        """Show parts that were read; the cursor stays on its part."""
        if source == self.source:
            before = self.part
            self._parts, self._found = tuple(parts), None
            self._put_cursor_on(before)
            self.redraw()

    def draw(self, frame: Frame) -> None:
        super().draw(frame)
        if self._parts is not None and self._runs() and self._now() - self._asked_at >= AGAIN:
            self.ask_again()

    def ask_again(self) -> None:
        self._asked_at = self._now()
        self.post_message(PartsAsked(self.source))

    def found(self) -> Sequence[Part]:
        """Return the parts that pass the filter, in the chosen order."""
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
        return len(self.found())

    def trail(self) -> tuple[str, str]:
        counts = render.counted(self.found())
        return f"coverage ▸ {self.source}", f"{counts}  {self._order}" if counts else ""

    def rows(self, width: int, height: int) -> Sequence[Row]:
        if self._parts is None:
            empty = "reading the database"
        elif not self._parts:
            empty = f"{self.source} has no parts to show yet"
        else:
            empty = "no part passes the filter"
        return render.table(self.found(), width, height, self._now(), self.cursor, empty)

    def details(self, width: int, height: int) -> Sequence[Row]:
        return render.details(self.part, width, height, self.shown.zone)

    def details_height(self) -> int:
        return render.DETAILS_HEIGHT

    def narrow(self, text: str) -> None:
        super().narrow(text)
        self._found = None

    def action_fill(self) -> None:
        """Fetch only the part under the cursor."""
        if self.part is not None:
            self.post_message(FillAsked(self.source, (self.part.key,)))

    def action_fill_all(self) -> None:
        """Fetch every listed part that needs it, after a confirmation."""
        keys = tuple(one.key for one in self.found() if one.fillable)
        if keys:
            question = f"fetch {len(keys):,} parts of {self.source}?"
            self.ask(Question(question, lambda: self._fill(keys)))

    def action_sort(self) -> None:
        names = list(_ORDERS)
        self._order, self._found = names[(names.index(self._order) + 1) % len(names)], None
        self.cursor = 0
        self.redraw()

    def action_next_source(self) -> None:
        names = [] if self.shown.deck is None else [group.name for group in self.shown.deck.groups]
        if len(names) > 1 and self.source in names:
            self.source = names[(names.index(self.source) + 1) % len(names)]
            self._parts = self._found = None
            self.cursor = 0
            self.ask_again()
            self.redraw()

    def action_copy_row(self) -> None:
        if self.part is not None:
            self.post_message(Copied(render.whole(self.part)))

    def action_copy_pane(self) -> None:
        self.post_message(Copied("\n".join(map(render.whole, self.found()))))

    def _fill(self, keys: tuple[str, ...]) -> None:
        self.post_message(FillAsked(self.source, keys))

    def _put_cursor_on(self, part: Part | None) -> None:
        if part is not None:
            at = next((at for at, one in enumerate(self.found()) if one.key == part.key), self.cursor)
            self.cursor = at

    def _runs(self) -> bool:
        return self.shown.deck is not None and any(group.name == self.source for group in self.shown.deck.groups)

    def _now(self) -> float:
        return self.shown.at
