"""How the form is drawn: an entry to a row, and below them what is known of the one under the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.common.text import clean
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row, wrap
from tui.widgets.rules import rule

_NAME = 14


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the form."""

    name: str
    text: str
    tone: Tone
    depth: int = 0
    box: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to know, and what kind of thing it is."""

    label: str
    text: str
    tone: Tone = Tone.TEXT


def listed(entries: Sequence[Entry], cursor: int, width: int, height: int) -> list[Row]:
    """Draw the entries, scrolled so that the cursor is seen."""
    first = max(0, min(cursor - height // 2, len(entries) - height))
    drawn = [_entry(one, width, at_cursor=at == cursor) for at, one in enumerate(entries[first:], first)]
    return fill(drawn, width, height)


def details(title: str, facts: Sequence[Fact], width: int, height: int) -> list[Row]:
    """Draw what is known of an entry."""
    lines = [rule([Span(title, Tone.TITLE)], width)]
    for fact in facts:
        for number, line in enumerate(wrap(clean(fact.text, 600), max(1, min(width - 12, 110)))):
            label = fact.label if number == 0 else ""
            lines.append(row([Span(f" {label:<9} ", Tone.DIM), Span(line, fact.tone)], width))
    return fill(lines, width, height)


def _entry(entry: Entry, width: int, *, at_cursor: bool) -> Row:
    box = f"[{entry.box}] " if entry.box else "    " + "  " * entry.depth
    spans = [
        Span("▸" if at_cursor else " ", Tone.ACCENT),
        Span(box, Tone.GOOD if entry.box == "x" else Tone.DIM),
        Span(fit(entry.name, _NAME) + " ", Tone.TITLE if at_cursor else Tone.TEXT),
        Span(clean(entry.text, 300), entry.tone),
    ]
    return row(spans, width, Ground.CURSOR if at_cursor else Ground.BASE)
