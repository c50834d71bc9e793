"""Search expressions of the simulated pr0gramm: words that an item's tags must contain, and "-word" to exclude.

The real language is richer, behind a leading "!"; only words and "-word" are supported here.
"""

from collections.abc import Callable

from simulator.data.words import TAGS
from simulator.pr0gramm.world import Item, Pr0grammWorld

Wanted = Callable[[Item], bool]
MOST_WORDS = 3
"""Words at most. More may match nothing at all, and then millions of items would be searched."""


def wanted(world: Pr0grammWorld, flags: int, expression: str) -> Wanted | None:
    """Return the filter of a feed; None where the expression can match nothing."""
    words = _words(expression)
    with_, without = {each for each in words if each[0] != "-"}, {each[1:] for each in words if each[0] == "-"}
    if not with_ <= set(TAGS) or len(with_) > MOST_WORDS:
        return None
    if not words:
        return shown(flags)

    def matches(item: Item) -> bool:
        if not item.flags & flags:
            return False
        tags = {tag.tag for tag in world.tags(item)}
        return with_ <= tags and not without & tags

    return matches


def shown(flags: int) -> Wanted:
    """Return the filter for items with any of these flags."""
    return lambda item: bool(item.flags & flags)


def _words(expression: str) -> list[str]:
    """Split at blanks, except that a tag of several words may be given as it is."""
    text = expression.removeprefix("!").strip().lower()
    return [text] if text in TAGS else [word for word in text.split() if word != "-"]
