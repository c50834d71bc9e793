"""Horizontal rules with titles, which separate panels. A box would cost two more lines and two columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.widgets.rows import Row, Span, Tone, fit


def rule(parts: Sequence[Span], width: int, end: Sequence[Span] = (), start: str = "─") -> Row:
    """Draw a rule with titles in it; `end` stands at its right end if there is room."""
    head = _set_in(parts, start)
    tail = [Span(" "), *end, Span(" "), Span("─", Tone.RULE)] if end else []
    room = width - _cells(head) - _cells(tail)
    if room < 1 and tail:
        tail, room = [], width - _cells(head)
    if room < 0:
        return Row(tuple(_cut(head, width)))
    return Row((*head, Span("─" * room, Tone.RULE), *tail))


@dataclass(frozen=True, slots=True)
class Tab:
    """The key and the name of a pane, and a shorter name for narrow screens."""

    key: str
    title: str
    short: str = ""


def tabs(active: str, names: Sequence[Tab], width: int, end: Sequence[Span] = ()) -> Row:
    """Draw the tabs of panes that share an area; the active one stands in brackets.

    If there is no room for `end`, the other tabs get short names, then only their keys.
    """
    room = width - _cells(end) - 4
    for name in (lambda tab: f"{tab.key} {tab.title}", lambda tab: f"{tab.key} {tab.short or tab.title}", _key):
        parts = _named(active, names, name)
        if sum(cell_len(part.text) + 3 for part in parts) < room:
            break
    return rule(parts, width, end)


def _key(tab: Tab) -> str:
    return tab.key


def _named(active: str, names: Sequence[Tab], others: Callable[[Tab], str]) -> list[Span]:
    parts = []
    for tab in names:
        shown = tab.title.lower().startswith(active)
        text = f"{tab.key} {tab.title}" if shown else others(tab)
        parts.append(Span(f"[{text}]" if shown else text, Tone.TITLE if shown else Tone.DIM))
    return parts


def _set_in(parts: Sequence[Span], start: str) -> list[Span]:
    drawn = [Span(start, Tone.RULE)]
    for part in parts:
        drawn += [Span(f" {part.text} ", part.tone), Span("─", Tone.RULE)]
    return drawn


def _cells(spans: Sequence[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


def _cut(spans: Sequence[Span], width: int) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        room = width - _cells(kept)
        if room <= 0:
            break
        kept.append(span if cell_len(span.text) <= room else Span(fit(span.text, room), span.tone))
    return kept
