"""The help page: every key that does something, by what it is for, and what the marks mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
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


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """Keys that do the same thing."""

    group: str
    keys: str
    what: str


def page(keys: Sequence[Key], width: int, height: int, first: int) -> list[Row]:
    """Draw the page in as many columns as fit; `first` scrolls by lines."""
    lines, deep = _columns(keys, width)
    start = min(first, max(0, deep - height))
    rows = [
        row([span for top in range(0, len(lines), deep) for span in lines[top + line]], width)
        for line in range(start, deep)
    ]
    return fill(rows, width, height)


def depth(keys: Sequence[Key], width: int) -> int:
    """Return how many lines the page has."""
    return _columns(keys, width)[1]


def _columns(keys: Sequence[Key], width: int) -> tuple[list[Line], int]:
    """Return the lines of all columns one after the other, and how many a column has.

    No group is divided; of all ways to put them into columns in their order, the one that needs the fewest lines is
    taken.
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
    """List the lines of each group, its title first, for a column of a width."""
    found = []
    for group, title in GROUPS.items():
        mine = [_key(key, width) for key in keys if key.group == group]
        if mine:
            found.append([(Span(fit(f" {title}", width), Tone.TITLE),), *mine])
    marks: list[Line] = [(Span(fit(" Marks", width), Tone.TITLE),)]
    meanings = [(mark, mark.word) for mark in STATES.values()]
    meanings += [(mark, f"worker: {mark.word}") for mark in PLACES.values()]
    for mark, words in meanings:
        marks.append((Span(fit(f"   {mark.glyph} {mark.short}", 13), mark.tone), Span(fit(words, width - 13))))
    return [*found, marks]


def _key(key: Key, width: int) -> Line:
    return Span(fit(f"   {key.keys}", 13), Tone.ACCENT), Span(fit(key.what, width - 13))
