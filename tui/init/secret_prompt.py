"""A prompt for a secret: what is typed is counted, never shown."""

from collections.abc import Callable
from typing import Final

from tui.screens.line import Line
from tui.screens.prompts import Prompt
from tui.widgets.rows import Ground, Row, Span, Tone, row

LONGEST: Final = 4096
"""Characters a token may have: the cookies and signed tokens of some APIs are long."""


class SecretPrompt(Prompt):
    """Asks for a token."""

    def __init__(self, label: str, *, done: Callable[[str], None]) -> None:
        super().__init__(label, done=done)
        self.line = Line(longest=LONGEST)

    def row(self, width: int) -> Row:
        """Draw a mark for each character, as many as fit."""
        marks = "*" * min(len(self.line.text), max(0, width - len(self.label) - 12))
        many = f" {len(self.line.text)}" if self.line.text else ""
        spans = [Span(f" {self.label}", Tone.ACCENT), Span(marks), Span("▏", Tone.ACCENT), Span(many, Tone.DIM)]
        return row(spans, width, Ground.BAR)
