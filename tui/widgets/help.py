"""The help page: the keys that work now, grouped by purpose, and the meaning of the marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from typing import Final

from tui.widgets.rows import Row, Span, Tone, fill, fit, row
from tui.widgets.states import SLOTS, STATES

GROUPS: Final = {
    "move": "Move",
    "view": "View",
    "tune": "Tune",
    "fix": "Fix",
    "pick": "Choose",
    "theme": "Themes",
    "app": "App",
}

Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One entry: the keys of one action."""

    group: str
    keys: str
    what: str


def page(keys: Sequence[Key], width: int, height: int, first: int) -> list[Row]:
    """Draw the page in as many columns as fit, scrolled down by `first` lines."""
    lines, deep = _columns(keys, width)
    start = min(first, max(0, deep - height))
    rows = [
        row([span for top in range(0, len(lines), deep) for span in lines[top + line]], width)
        for line in range(start, deep)
    ]
    return fill(rows, width, height)


def depth(keys: Sequence[Key], width: int) -> int:
    """Return the height of the page, in lines."""
    return _columns(keys, width)[1]


def _columns(keys: Sequence[Key], width: int) -> tuple[list[Line], int]:
    """Return the lines of all columns, concatenated, and the number of lines in each column.

    A group is never split between columns. Of all ways to fill the columns in order, the lowest page is chosen: with
    at most eight groups and three columns there are few enough to try them all.
    """
    side = max(1, min(3, width // 38))
    each = width // side
    found = groups(keys, each)
    ways = [(0, *cuts, len(found)) for cuts in combinations_with_replacement(range(len(found) + 1), side - 1)]
    divided = [[[line for group in found[a:b] for line in group] for a, b in pairwise(way)] for way in ways]
    columns = min(divided, key=lambda way: max(map(len, way)))
    deep = max(map(len, columns))
    blank = (Span(" " * each),)
    return [line for column in columns for line in [*column, *[blank] * (deep - len(column))]], deep


def groups(keys: Sequence[Key], width: int) -> list[list[Line]]:
    """Return the lines of each group, beginning with its title, for a column of `width` cells."""
    found = []
    for group, title in GROUPS.items():
        mine = [_key(key, width) for key in keys if key.group == group]
        if mine:
            found.append([(Span(fit(f" {title}", width), Tone.TITLE),), *mine])
    marks: list[Line] = [(Span(fit(" Marks", width), Tone.TITLE),)]
    meanings = [(mark, mark.word) for mark in STATES.values()]
    meanings += [(mark, f"worker: {mark.word}") for mark in SLOTS.values()]
    for mark, words in meanings:
        marks.append((Span(fit(f"   {mark.glyph} {mark.short}", 13), mark.tone), Span(fit(words, width - 13))))
    return [*found, marks]


def _key(key: Key, width: int) -> Line:
    return Span(fit(f"   {key.keys}", 13), Tone.ACCENT), Span(fit(key.what, width - 13))
