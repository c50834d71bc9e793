"""How many requests were in flight at a moment of the near past. Pure."""

from collections import deque
from typing import Final

KEPT: Final = 512
"""The latest sends that are remembered."""


class Flights:
    """Remembers each send and how many were in flight with it."""

    def __init__(self) -> None:
        self._sends: deque[tuple[float, int]] = deque(maxlen=KEPT)

    def note(self, now: float, in_flight: int) -> None:
        """Note a send; `in_flight` counts it."""
        self._sends.append((now, in_flight))

    def at(self, moment: float) -> int:
        """Return how many were in flight; one where nothing is remembered."""
        for sent_at, in_flight in reversed(self._sends):
            if sent_at <= moment:
                return in_flight
        return self._sends[0][1] if self._sends else 1
