"""Rows of styled cells: what every renderer returns, exactly as wide as it was asked to be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rich.cells import cell_len, set_cell_size

ELLIPSIS: Final = "…"


class Tone(StrEnum):
    """What a piece of text means; the theme says which colour that is."""

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
    """What a row lies on."""

    BASE = "base"
    CURSOR = "cursor"
    """The selected row."""
    BAR = "bar"
    """Heading and footer."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one tone. It is only ever text, never markup."""

    text: str
    tone: Tone = Tone.TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a panel."""

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
    """Return `text` in exactly `width` cells, at the right end."""
    return " " * (width - cell_len(text)) + text if cell_len(text) <= width else fit(text, width)


def row(spans: Iterable[Span], width: int, ground: Ground = Ground.BASE) -> Row:
    """Lay spans side by side in exactly `width` cells."""
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
    """Lay spans side by side; the first that does not fit as a whole ends the row."""
    kept: list[Span] = []
    left = width
    for span in spans:
        left -= cell_len(span.text)
        if left < 0 and kept:
            break
        kept.append(span)
    return row(kept, width, ground)


def spread(start: Sequence[Span], end: Sequence[Span], width: int, ground: Ground = Ground.BASE) -> Row:
    """Lay `start` at the left and `end` at the right; where both do not fit, `end` goes first."""
    taken = sum(cell_len(span.text) for span in start)
    wanted = sum(cell_len(span.text) for span in end)
    if taken + wanted > width:
        return row(start, width, ground)
    return row([*start, Span(" " * (width - taken - wanted)), *end], width, ground)


def fill(rows: Iterable[Row], width: int, height: int) -> list[Row]:
    """Return exactly `height` rows: the first ones, and blank ones below."""
    kept = list(rows)[: max(0, height)]
    return kept + [row((), width)] * (height - len(kept))


def wrap(text: str, width: int) -> list[str]:
    """Break a sentence into lines of at most `width` cells, between words where that is possible."""
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
