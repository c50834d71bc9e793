"""The help page: every key that does something, by what it is for, and what the marks mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tui.widgets.rows import Row, Span, Tone, fill, fit, row
from tui.widgets.states import PLACES, STATES

GROUPS: Final = {
    "move": "Move",
    "view": "View",
    "tune": "Tune",
    "fix": "Fix",
    "pick": "Choose",
    "theme": "Themes",
    "app": "App",
}


@dataclass(frozen=True, slots=True)
class Key:
    """Keys that do the same thing."""

    group: str
    keys: str
    what: str


def page(keys: Sequence[Key], width: int, height: int, first: int) -> list[Row]:
    """Draw the page in as many columns as fit; `first` scrolls by lines."""
    lines, deep, each = _columns(keys, width)
    start = min(first, max(0, deep - height))
    rows = [
        row([span for top in range(0, len(lines), deep) for span in _at(lines, top + line, each)], width)
        for line in range(start, deep)
    ]
    return fill(rows, width, height)


def depth(keys: Sequence[Key], width: int) -> int:
    """Return how many lines the page has."""
    return _columns(keys, width)[1]


def _columns(keys: Sequence[Key], width: int) -> tuple[list[tuple[Span, ...]], int, int]:
    """Return the lines, how many of them a column has, and its width. No column ends with the title of the next."""
    side = max(1, min(3, width // 38))
    lines = content(keys, width // side)
    deep = -(-len(lines) // side)
    ends = [number for number in range(deep - 1, len(lines) - 1, deep) if lines[number][0].tone is Tone.TITLE]
    if ends:
        lines.insert(ends[0], (Span(" " * (width // side)),))
        deep = -(-len(lines) // side)
    return lines, deep, width // side


def content(keys: Sequence[Key], width: int) -> list[tuple[Span, ...]]:
    """List the page's lines in one column of a width."""
    lines: list[tuple[Span, ...]] = []
    for group, title in GROUPS.items():
        found = [key for key in keys if key.group == group]
        if found:
            lines.append((Span(fit(f" {title}", width), Tone.TITLE),))
            lines += [_key(key, width) for key in found]
    lines.append((Span(fit(" Marks", width), Tone.TITLE),))
    meanings = [(mark, mark.word) for mark in STATES.values()]
    meanings += [(mark, f"worker: {mark.word}") for mark in PLACES.values()]
    for mark, words in meanings:
        lines.append((Span(fit(f"   {mark.glyph} {mark.short}", 13), mark.tone), Span(fit(words, width - 13))))
    return lines


def _key(key: Key, width: int) -> tuple[Span, ...]:
    return Span(fit(f"   {key.keys}", 13), Tone.ACCENT), Span(fit(key.what, width - 13))


def _at(lines: Sequence[tuple[Span, ...]], number: int, width: int) -> tuple[Span, ...]:
    return lines[number] if number < len(lines) else (Span(" " * width),)
