"""The items on a page of the feed: keyset paging by id, or by promoted number for promoted items."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from simulator.pr0gramm.search import Wanted
from simulator.pr0gramm.world import Item, Pr0grammWorld

PAGE_SIZE = 120


@dataclass(frozen=True, slots=True)
class Feed:
    """A page, newest first."""

    items: list[Item]
    at_start: bool
    """Nothing is newer."""
    at_end: bool
    """Nothing is older."""


class Stream:
    """An order of items.

    Positions count from 0, the oldest; `below` returns how many items are strictly below a cursor.
    """

    def __init__(
        self,
        count: int,
        *,
        at: Callable[[int], Item],
        below: Callable[[int], int],
        cursor: Callable[[Item], int],
    ) -> None:
        self.count = count
        self._at = at
        self.below = below
        self.cursor = cursor

    def down(self, place: int, wanted: Wanted) -> Iterator[Item]:
        """Yield items from below a position to the oldest."""
        return _chosen((self._at(index) for index in range(min(place, self.count) - 1, -1, -1)), wanted)

    def up(self, place: int, wanted: Wanted) -> Iterator[Item]:
        """Yield items from a position to the newest."""
        return _chosen((self._at(index) for index in range(max(0, place), self.count)), wanted)


def by_id(world: Pr0grammWorld) -> Stream:
    """Order all items by id."""
    return Stream(world.sizes.items, at=world.item_at, below=world.below, cursor=lambda item: item.id)


def by_promoted(world: Pr0grammWorld) -> Stream:
    """Order the promoted items by promoted number."""
    count = world.promoted_count
    return Stream(
        count,
        at=lambda place: world.promoted(place + 1),
        below=lambda number: min(count, max(0, number - 1)),
        cursor=lambda item: item.promoted,
    )


def newest(stream: Stream, wanted: Wanted) -> Feed:
    """Return the first page."""
    found, more = _page(stream.down(stream.count, wanted))
    return Feed(found, at_start=True, at_end=not more)


def older(stream: Stream, wanted: Wanted, cursor: int) -> Feed:
    """Return the page strictly below a cursor."""
    place = stream.below(cursor)
    found, more = _page(stream.down(place, wanted))
    return Feed(found, at_start=next(stream.up(place, wanted), None) is None, at_end=not more)


def newer(stream: Stream, wanted: Wanted, cursor: int) -> Feed:
    """Return the page strictly above a cursor: the nearest items, newest first."""
    place = stream.below(cursor + 1)
    found, more = _page(stream.up(place, wanted))
    return Feed(found[::-1], at_start=not more, at_end=next(stream.down(place, wanted), None) is None)


def around(stream: Stream, wanted: Wanted, cursor: int) -> Feed:
    """Return the page with a cursor in its middle."""
    place = stream.below(cursor + 1)
    above, more_above = _page(stream.up(place, wanted), PAGE_SIZE // 2)
    below, more_below = _page(stream.down(place, wanted), PAGE_SIZE - len(above))
    return Feed(above[::-1] + below, at_start=not more_above, at_end=not more_below)


def _page(items: Iterator[Item], size: int = PAGE_SIZE) -> tuple[list[Item], bool]:
    found = list(islice(items, size))
    return found, next(items, None) is not None


def _chosen(items: Iterable[Item], wanted: Wanted) -> Iterator[Item]:
    return (item for item in items if wanted(item))
