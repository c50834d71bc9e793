"""How many requests this process has room for: descriptors and memory are shared by all lanes. Pure.

Nobody knows the number beforehand. It begins with the descriptors that are left. A request that found no room halves
it, and every answer raises it a little, as TCP does with a lost packet (RFC 5681, 3.1).
"""

from collections.abc import Callable
from math import inf
from typing import Final

SHARE: Final = 0.5
"""What is left of the number after a request found no room."""


class Room:
    """Counts the requests in flight of all lanes. Times are seconds on one monotonic clock and are passed in.

    Args:
        most: that there is room for at the start; None where there is no telling.
        why: what bounds that, in words.
    """

    def __init__(self, most: int | None = None, why: str = "") -> None:
        self.freed: list[Callable[[], None]] = []
        """Called when a request has ended while there was no room for another one."""
        self.why = why
        """What bounds the number, in words."""
        self._limit = inf if most is None else float(max(1, most))
        self._most = self._limit
        self._in_flight = 0
        self._halved_at = -inf

    @property
    def limit(self) -> float:
        """How many requests may be in flight, at least 1; inf where nothing bounds them."""
        return self._limit if self._limit == inf else max(1.0, self._limit // 1)

    @property
    def full(self) -> bool:
        """Whether one more must wait."""
        return self._in_flight >= self.limit

    def describe(self) -> str:
        """Say in words why one more must wait."""
        return f"{self._in_flight} of {self.limit:,.0f} in flight in all: {self.why}"

    def sent(self) -> None:
        """Record a send."""
        self._in_flight += 1

    def ended(self) -> None:
        """Record the end of a request."""
        was_full = self.full
        self._in_flight -= 1
        if was_full:
            for call in list(self.freed):
                call()

    def arrived(self) -> None:
        """Record an answer that found room."""
        self._limit = min(self._most, self._limit + 1 / self._limit)

    def missing(self, now: float, sent_at: float, why: str) -> bool:
        """Record a request that found no room. Return whether the number is lower now.

        Those that were sent before it was lowered say nothing new.
        """
        if sent_at < self._halved_at:
            return False
        old, self.why, self._halved_at = self.limit, why, now
        self._limit = max(1.0, min(old, self._in_flight) * SHARE)
        return self.limit < old
