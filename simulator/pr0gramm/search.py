"""Search expressions of the simulated pr0gramm: words that an item's tags must all have, and with "-" none of them.

The real one has a language of its own behind a leading "!"; of that only words and "-word" are read here.
"""

from collections.abc import Callable

from simulator.data.words import TAGS
from simulator.pr0gramm.world import Item, Pr0grammWorld

Wanted = Callable[[Item], bool]
MOST_WORDS = 3
"""More than so many may be on nothing at all, and then millions of items would be looked through."""


def wanted(world: Pr0grammWorld, flags: int, expression: str) -> Wanted | None:
    """Say which items a feed shows; None where the expression can find nothing."""
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
    """Show every item of some flags."""
    return lambda item: bool(item.flags & flags)


def _words(expression: str) -> list[str]:
    """Split at blanks, except that a tag of several words may stand as it is."""
    text = expression.removeprefix("!").strip().lower()
    return [text] if text in TAGS else [word for word in text.split() if word != "-"]
