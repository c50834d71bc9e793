"""The review of `fetchdeck init`: the file as it would be written, compared with the present one."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import ClassVar

from textual.binding import Binding, BindingType

from engine.common.text import clean
from tui.screens.frame import Frame
from tui.screens.text_screen import Sheet, scrolling
from tui.widgets import header
from tui.widgets.rows import Row, Span, Tone, fill, row


class Review(Sheet, inherit_bindings=False):
    """Shows added and removed lines; y writes the file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "write", "write this", id="review.write", tooltip="write the file and leave"),
        Binding("escape,q,n", "close", "back", id="review.close", tooltip="go on changing"),
        *scrolling("review"),
    ]

    def __init__(self, frame: Frame, *, title: str, before: str, after: str, done: Callable[[], None]) -> None:
        super().__init__(frame)
        self._title, self._done = title, done
        self._lines = compared(before, after)
        self._new = not before

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        match name:
            case "heading":
                kind = "a new file" if self._new else "your file, with what is new"
                return [header.trail([Span("set up", Tone.DIM), Span(f" ▸ {kind}", Tone.TEXT)], width, self._title)]
            case "page":
                return fill([_line(sign, text, width) for sign, text in self._lines[self.first :]], width, height)
            case _:
                return self.footer(width)

    def depth(self, width: int) -> int:
        _ = width
        return len(self._lines)

    def action_write(self) -> None:
        self._done()


def compared(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines of both texts, each with "+", "-" or " "."""
    old, new = before.splitlines(), after.splitlines()
    found: list[tuple[str, str]] = []
    for kind, start, end, first, last in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [(" ", line) for line in old[start:end]]
        else:
            found += [("-", line) for line in old[start:end]] + [("+", line) for line in new[first:last]]
    return found


def _line(sign: str, text: str, width: int) -> Row:
    tone = {"+": Tone.GOOD, "-": Tone.BAD}.get(sign, Tone.DIM)
    return row([Span(f" {sign} ", tone), Span(clean(text, 400), Tone.TEXT if sign == "+" else tone)], width)
