"""Rows of styled cells. Every renderer returns rows of exactly the width it was given.

Rows hold no Textual or Rich style, so renderers are pure functions that a test can compare as text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rich.cells import cell_len, set_cell_size

ELLIPSIS: Final = "…"


class Tone(StrEnum):
    """The meaning of a text; the theme maps it to a colour."""

    TEXT = "text"
    DIM = "dim"
    TITLE = "title"
    ACCENT = "accent"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    SPARK = "spark"
    RULE = "rule"


class Ground(StrEnum):
    """The background of a row."""

    BASE = "base"
    CURSOR = "cursor"
    """The selected row."""
    BAR = "bar"
    """Heading and footer."""


@dataclass(frozen=True, slots=True)
class Span:
    """A text in one tone. The text is never parsed as markup, so text from an API cannot style or break a screen."""

    text: str
    tone: Tone = Tone.TEXT


@dataclass(frozen=True, slots=True)
class Row:
    spans: tuple[Span, ...]
    ground: Ground = Ground.BASE

    @property
    def text(self) -> str:
        """The line without its tones."""
        return "".join(span.text for span in self.spans)


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, cut with an ellipsis or padded on the right."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + ELLIPSIS


def right(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, aligned to the right."""
    return " " * (width - cell_len(text)) + text if cell_len(text) <= width else fit(text, width)


def row(spans: Iterable[Span], width: int, ground: Ground = Ground.BASE) -> Row:
    """Join spans into a row of exactly `width` cells; the span that does not fit is cut."""
    kept: list[Span] = []
    left = width
    for span in spans:
        size = cell_len(span.text)
        if size > left:
            if left:
                kept.append(Span(fit(span.text, left), span.tone))
            left = 0
            break
        kept.append(span)
        left -= size
    if left:
        kept.append(Span(" " * left))
    return Row(tuple(kept), ground)


def whole(spans: Iterable[Span], width: int, ground: Ground = Ground.BASE) -> Row:
    """Join spans into a row; the first span that does not fit whole is left out, with all after it."""
    kept: list[Span] = []
    left = width
    for span in spans:
        left -= cell_len(span.text)
        if left < 0 and kept:
            break
        kept.append(span)
    return row(kept, width, ground)


def spread(start: Sequence[Span], end: Sequence[Span], width: int, ground: Ground = Ground.BASE) -> Row:
    """Put `start` at the left and `end` at the right; if both do not fit, leave `end` out."""
    taken = sum(cell_len(span.text) for span in start)
    wanted = sum(cell_len(span.text) for span in end)
    if taken + wanted > width:
        return row(start, width, ground)
    return row([*start, Span(" " * (width - taken - wanted)), *end], width, ground)


def fill(rows: Iterable[Row], width: int, height: int) -> list[Row]:
    """Return exactly `height` rows: the first ones, followed by blank ones."""
    kept = list(rows)[: max(0, height)]
    return kept + [row((), width)] * (height - len(kept))


def wrap(text: str, width: int) -> list[str]:
    """Break a text between words into lines of at most `width` cells; a word that is too long is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = fit(word, width).rstrip()
    return [*lines, line] if line else lines
