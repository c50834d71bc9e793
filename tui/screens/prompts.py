"""A prompt: a question or a line to type at the bottom of a board. While it is open it has every key."""

from collections.abc import Callable

from rich.cells import cell_len

from tui.screens.line import Line
from tui.widgets.rows import Ground, Row, Span, Tone, row


def nothing(_text: str) -> None:
    """Do nothing with what was typed."""


class Prompt:
    """Asks for a line. `changed` hears every change, `done` the line, `cancelled` that there is none."""

    def __init__(
        self,
        label: str,
        *,
        text: str = "",
        changed: Callable[[str], None] = nothing,
        done: Callable[[str], None] = nothing,
        cancelled: Callable[[], None] = lambda: None,
    ) -> None:
        self.label = label
        self.line = Line(text)
        self._changed, self._done, self._cancelled = changed, done, cancelled

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; say whether the prompt is over."""
        if key == "enter":
            self._done(self.line.text)
            return True
        if key == "escape":
            self._cancelled()
            return True
        before = self.line.text
        self.line.key(key, character)
        if self.line.text != before:
            self._changed(self.line.text)
        return False

    def paste(self, text: str) -> None:
        """Take pasted text as what was typed, never as keys."""
        self.line.insert(text)
        self._changed(self.line.text)

    def row(self, width: int) -> Row:
        """Draw it, scrolled so that the cursor is seen."""
        text, at = self.line.text, self.line.at
        first, room = at, width - cell_len(self.label) - 4
        while first > 0 and (room := room - cell_len(text[first - 1])) >= 0:
            first -= 1
        spans = [Span(f" {self.label}", Tone.ACCENT), Span(text[first:at]), Span("▏", Tone.ACCENT), Span(text[at:])]
        return row(spans, width, Ground.BAR)


class Question(Prompt):
    """Asks yes or no; anything but y is no."""

    def __init__(self, label: str, yes: Callable[[], None]) -> None:
        super().__init__(f"{label} y/N ")
        self._yes = yes

    def key(self, key: str, _character: str | None) -> bool:
        """Take the answer."""
        if key in {"y", "Y"}:
            self._yes()
        return True

    def paste(self, text: str) -> None:
        """Ignore it: nobody pastes an answer."""
