"""Ground truth of the simulated pr0gramm: millions of items, each computed from the seed on demand.

Ids have gaps: of every 16 ids, 12 are items. Of every 24 items one is promoted. Promoted numbers grow with time, but
not quite in the order of ids.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from simulator.data.chance import fraction, mix, stream
from simulator.data.timeline import Timeline
from simulator.data.words import NAMES, REMARKS, TAGS

SFW, NSFW, NSFL, NSFP, POL = 1, 2, 4, 8, 16
ALL_FLAGS = SFW | NSFW | NSFL | NSFP | POL

_FLAGS = (SFW,) * 9 + (NSFW,) * 3 + (NSFL, NSFP, POL, POL)
_BLOCK_IDS, _BLOCK_ITEMS = 16, 12
_PROMOTED_IN, _GROUP = 24, 8
_PEOPLE = 50_000
_PLACES = {
    (a, b, c, d): tuple(place for place in range(_BLOCK_IDS) if place not in {a, b, c, d})
    for a in range(4)
    for b in range(4, 8)
    for c in range(8, 12)
    for d in range(12, 16)
}
"""Every combination of gaps in a block of ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pr0grammSizes:
    """The amount of data."""

    items: int = 6_000_000
    comments: float = 8.0
    """Per item, on average."""
    tags: float = 6.0


class Item(msgspec.Struct, frozen=True):
    """One post."""

    id: int
    index: int
    """From 0, the oldest."""
    promoted: int
    """Its number among the promoted items; 0 if it is not promoted."""
    flags: int
    user: str
    user_id: int
    up: int
    down: int
    created: int
    video: bool
    dice: int
    """64 random bits for decorative values."""


class Comment(msgspec.Struct, frozen=True):
    id: int
    parent: int
    """0 at top level; a parent may be missing from the list."""
    content: str
    created: int
    up: int
    down: int
    name: str


class Tag(msgspec.Struct, frozen=True):
    id: int
    confidence: float
    tag: str


class Pr0grammWorld:
    """Items with their comments and tags."""

    def __init__(self, seed: int = 1, *, year: int = 2025, sizes: Pr0grammSizes | None = None) -> None:
        self.sizes = sizes or Pr0grammSizes()
        self.timeline = Timeline(year)
        self._item, self._gaps, self._top, self._said = (stream(seed, name) for name in ("item", "gaps", "top", "said"))

    @property
    def newest_id(self) -> int:
        """The highest id; 0 without items."""
        return self.id_at(self.sizes.items - 1) if self.sizes.items else 0

    @property
    def promoted_count(self) -> int:
        """The number of promoted items; promoted numbers run from 1 to this."""
        return self.sizes.items // _PROMOTED_IN

    def id_at(self, index: int) -> int:
        """Return the id of the nth item; 0 is the oldest."""
        block, place = divmod(index, _BLOCK_ITEMS)
        return block * _BLOCK_IDS + self._places(block)[place] + 1

    def below(self, number: int) -> int:
        """Count the items whose id is below a number."""
        if number <= 1:
            return 0
        block, place = divmod(number - 1, _BLOCK_IDS)
        inside = sum(1 for taken in self._places(block) if taken < place)
        return min(self.sizes.items, block * _BLOCK_ITEMS + inside)

    def item(self, number: int) -> Item | None:
        """Find an item by id; None where there is a gap."""
        index = self.below(number)
        if number < 1 or index >= self.sizes.items or self.id_at(index) != number:
            return None
        return self.item_at(index)

    def items(self) -> Iterator[Item]:
        """Yield all items, newest first."""
        return (self.item_at(index) for index in range(self.sizes.items - 1, -1, -1))

    def item_at(self, index: int) -> Item:
        number = self.id_at(index)
        dice = mix(self._item, number)
        who = (dice >> 8) % _PEOPLE
        return Item(
            number,
            index,
            self.promoted_of(index),
            _FLAGS[dice % 16],
            f"{NAMES[who % len(NAMES)]}{who}",
            who + 1,
            (dice >> 24) % 400,
            (dice >> 33) % 80,
            self.timeline.at((index + fraction(dice)) / self.sizes.items),
            (dice >> 40) % 3 == 0,
            dice,
        )

    def promoted_of(self, index: int) -> int:
        """Return the promoted number of the nth item; 0 if it is not promoted."""
        block, place = divmod(index, _PROMOTED_IN)
        if block >= self.promoted_count or mix(self._top, block) % _PROMOTED_IN != place:
            return 0
        return self._swap(block) + 1

    def promoted(self, number: int) -> Item:
        """Compute the item of a promoted number."""
        block = self._swap(number - 1)
        return self.item_at(block * _PROMOTED_IN + mix(self._top, block) % _PROMOTED_IN)

    def comments(self, item: Item) -> list[Comment]:
        """Compute the comments of an item, oldest first."""
        dice = mix(self._said, item.id)
        count = int(fraction(dice) * 2 * self.sizes.comments + fraction(mix(dice, 1)))
        return [self._comment(item, nth, mix(dice, nth + 2)) for nth in range(count)]

    def tags(self, item: Item) -> list[Tag]:
        dice = mix(item.dice, 5)
        count = min(len(TAGS), int(fraction(dice) * 2 * self.sizes.tags + fraction(mix(dice, 1))))
        return [
            Tag(item.id * 100 + nth, round(0.2 + fraction(mix(dice, nth)) * 0.7, 6), TAGS[(dice + nth) % len(TAGS)])
            for nth in range(count)
        ]

    def _comment(self, item: Item, nth: int, dice: int) -> Comment:
        first = item.id * 1000
        parent = first + dice % nth if nth and dice & 256 else 0
        if parent and (dice >> 10) % 50 == 0:
            parent = first - 1
        who = (dice >> 16) % _PEOPLE
        return Comment(
            first + nth,
            parent,
            REMARKS[(dice >> 4) % len(REMARKS)],
            item.created + (nth + 1) * 60 + dice % 60,
            (dice >> 32) % 60,
            (dice >> 40) % 9,
            f"{NAMES[who % len(NAMES)]}{who}",
        )

    def _places(self, block: int) -> tuple[int, ...]:
        """Return which of a block's 16 ids are items: one is missing in each four."""
        dice = mix(self._gaps, block)
        missing = (dice & 3, 4 + (dice >> 2 & 3), 8 + (dice >> 4 & 3), 12 + (dice >> 6 & 3))
        return _PLACES[missing]

    def _swap(self, number: int) -> int:
        """Swap numbers within full groups of eight. Swapping twice restores the order, so it serves both directions."""
        group = number // _GROUP
        if (group + 1) * _GROUP > self.promoted_count:
            return number
        return number ^ (mix(self._top, -1 - group) % _GROUP)
