"""Finds what an earlier walk of a list found and this one does not. Pure.

Every page stores its ids in a cursor of its own. A later walk reads the pages in order, sorted by id, so each page
covers a range of ids: a known id in that range that is not on the page is missing. Only the API can say why (deleted,
moved away, no longer visible), so each missing id is requested by itself.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from engine.model.source import Memory, Request
from sources.gitlab.lists import ListStep, first
from sources.gitlab.options import GitLabOptions

_DIGITS = 19
"""Ids are below 2**63, which has 19 digits."""


def trail(step: ListStep, scope: str) -> str:
    """Name the cursors of a list, without the page number at the end. Other filters make another list."""
    return f"{blake2b(scope.encode(), digest_size=8).hexdigest()} {step.kind} {step.of} page "


def known_ids(memory: Memory, step: ListStep, scope: str) -> list[int]:
    """Return the ids that earlier walks of this list found, lowest first."""
    found: set[int] = set()
    for name, value in _pages(memory, trail(step, scope)).items():
        _ = name
        found.update(int(word) for word in value.split() if word.isascii() and word.isdigit() and len(word) <= _DIGITS)
    return sorted(found)


def page_range(memory: Memory, step: ListStep, scope: str) -> tuple[int, int]:
    """Return the least and the greatest number of pages of the last walk; (0, 0) where there was none.

    Pages without a wanted row leave an empty cursor, and so do pages that no longer exist.
    """
    start = trail(step, scope)
    pages = {int(name.removeprefix(start)): value for name, value in _pages(memory, start).items()}
    return max((number for number, value in pages.items() if value), default=min(1, len(pages))), max(pages, default=0)


def missing(earlier: Sequence[int], step: ListStep, here: Iterable[int], *, ended: bool) -> list[int]:
    """Return the known ids that belong on this page (or behind it, if it is the last) and are not there."""
    met = set(here)
    stretch = earlier[bisect_right(earlier, step.after) :]
    highest = max(met, default=step.after)
    return [each for each in stretch if (ended or each <= highest) and each not in met]


def page_cursors(memory: Memory, step: ListStep, scope: str, ids: Iterable[int], *, ended: bool) -> Mapping[str, str]:
    """Return the cursors that a page writes. The last page empties those of pages that no longer exist."""
    start = trail(step, scope)
    stale = [name for name in _pages(memory, start) if int(name.removeprefix(start)) > step.page] if ended else []
    return {f"{start}{step.page}": " ".join(map(str, sorted(set(ids)))), **dict.fromkeys(stale, "")}


def check_requests(ids: Iterable[int], kind: str, options: GitLabOptions) -> list[Request]:
    """Request the missing objects by id."""
    return [first(ListStep(kind=kind, of=str(each), check=True), options) for each in ids]


def _pages(memory: Memory, start: str) -> Mapping[str, str]:
    named = ((name, value) for name, value in memory.cursors.items() if name.startswith(start))
    return {name: value for name, value in named if name.removeprefix(start).isdigit()}
