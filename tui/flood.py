"""Keep a storm of like lines from flooding a terminal: a few of each kind a second, then how many more there were."""

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Kind = TypeVar("Kind", bound=Hashable)


class Flood(Generic[Kind]):
    """Counts lines by kind within windows of one second. The caller tells the time, in seconds."""

    def __init__(self, *, most: int = 3, window: float = 1.0) -> None:
        self._most = most
        self._window = window
        self._began: dict[Kind, float] = {}
        self._seen: Counter[Kind] = Counter()

    def admits(self, kind: Kind, now: float) -> bool:
        """Say whether one more line of this kind may be printed; count it when not."""
        self._began.setdefault(kind, now)
        self._seen[kind] += 1
        return self._seen[kind] <= self._most

    def over(self, now: float, *, all_of_them: bool = False) -> Iterator[tuple[Kind, int]]:
        """Close the windows that are over, and yield each kind that had more lines than were printed, with how many."""
        for kind, began in list(self._began.items()):
            if all_of_them or now - began >= self._window:
                del self._began[kind]
                held = self._seen.pop(kind) - self._most
                if held > 0:
                    yield kind, held
