"""Bounds the bytes of all answers of the process together: over the total, the answer that began last gives way.

Of those that are being read, the one that began first gives way to none of them. So one answer always arrives whole, up
to the limit of a single body, even where that is above the total. It does give way to answers that are whole and not
yet written: they leave by themselves, and without that a server faster than the disk would fill the memory. So what is
held is at most the total, or one body where its limit is higher, and `ASIDE` of the total besides.
"""

import weakref
from collections.abc import Callable
from typing import Final

from engine.common.errors import NoRoom
from engine.model.source import Response

MIB: Final = 2**20
ASIDE: Final = 1 / 8
"""Share of the total that whole answers may hold beside one that needs all of it. Without it, small answers that come
all the time would drop a large one again and again."""


class Held:
    """What one answer holds, from its first byte until `release`.

    It can give way while it is read. Afterwards it only counts.
    """

    def __init__(self, total: "BytesInFlight", give_way: Callable[[], object]) -> None:
        self.size = 0
        self.gave_way = False
        self._total = total
        self._give_way = give_way
        self._answer: weakref.ref[Response] | None = None

    def grow(self, size: int) -> None:
        """Count bytes that are kept from now on.

        Raises:
            NoRoom: they are above the total, and this answer began last.
        """
        self.size += size
        self._total.make_room(self)
        self.check()

    def check(self) -> None:
        """See whether the answer has given way.

        Raises:
            NoRoom: it has.
        """
        if self.gave_way:
            raise NoRoom(f"no room for this answer: {self._total.words}", why=self._total.words)

    def count_until_gone(self, answer: Response) -> None:
        """Count a whole answer until nothing holds it any more: its rows may wait to be written."""
        self._total.keep(self)
        self._answer = weakref.ref(answer, lambda _: self.release())

    def release(self) -> None:
        """Hold nothing any more."""
        self._total.forget(self)

    def release_if_unread(self) -> None:
        """Hold nothing any more, unless the answer is whole."""
        if self._answer is None:
            self.release()

    def drop(self) -> None:
        """Give way to an older answer."""
        self.gave_way = True
        self._give_way()


class BytesInFlight:
    """Counts what the answers hold. It belongs to one event loop.

    Args:
        most: bytes of all answers together.
    """

    def __init__(self, most: int = 64 * MIB) -> None:
        self._most = most
        self._reading: dict[Held, None] = {}
        """In the order in which they began."""
        self._whole: set[Held] = set()
        self.words: Final = f"all answers together may have {most / MIB:,.0f} MiB (http.bytes_in_flight)"

    @property
    def held(self) -> int:
        """Bytes held now."""
        return sum(each.size for each in self._reading) + self._whole_size

    @property
    def _whole_size(self) -> int:
        return sum(each.size for each in self._whole)

    def begin(self, give_way: Callable[[], object]) -> Held:
        """Begin to count an answer.

        Args:
            give_way: lets go of what was read of it, and ends the reading.
        """
        held = Held(self, give_way)
        self._reading[held] = None
        return held

    def make_room(self, asking: Held) -> None:
        """Drop the answers that began last until the rest fits, or one is left that need not wait for whole ones."""
        while self.held > self._most and (len(self._reading) > 1 or self._whole_size > self._most * ASIDE):
            if not self._reading:
                return
            last, _ = self._reading.popitem()
            last.drop()
            if last is asking:
                return

    def keep(self, held: Held) -> None:
        """Count an answer that is whole, and drop it no more."""
        if self._reading.pop(held, held) is None:
            self._whole.add(held)

    def forget(self, held: Held) -> None:
        """Count it no more."""
        self._reading.pop(held, None)
        self._whole.discard(held)
