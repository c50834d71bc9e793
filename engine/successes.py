"""When the requests that succeeded were sent: to count what a server really let through. Pure."""

from collections import deque
from typing import Final

KEPT: Final = 8192


class Successes:
    """The send times of the latest successes."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=KEPT)

    def note(self, sent_at: float) -> None:
        """Count a success."""
        self._times.append(sent_at)

    def count(self, after: float, until: float) -> float:
        """Return how many were sent in (after, until]; beyond what is kept, at the same rate."""
        found, oldest = 0, until
        for sent_at in reversed(self._times):
            if sent_at <= after - 1.0:
                return found
            if after < sent_at <= until:
                found, oldest = found + 1, min(oldest, sent_at)
        if len(self._times) == KEPT and until > oldest > after:
            return found * (until - after) / (until - oldest)
        return found
