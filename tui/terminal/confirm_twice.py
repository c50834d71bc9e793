"""A confirmation by doing it again: deliberately, not by a paste or a key held down."""

from collections.abc import Callable
from typing import Final

LEAST: Final = 0.25
"""Seconds between two presses of a person who means it; a paste and a held key are faster."""
MOST: Final = 5.0
"""Seconds after which the first press is forgotten."""


class Twice:
    """Tells the second of two presses from the first. Each press that comes too fast begins anew."""

    def __init__(self, clock: Callable[[], float], *, least: float = LEAST) -> None:
        self._clock = clock
        self._least = least
        self._before: float | None = None

    def again(self, within: float = MOST, *, late: float = 0.0) -> bool:
        """Note a press that came `late` seconds ago, and say whether it confirms the one before."""
        now = self._clock() - late
        before, self._before = self._before, now
        return before is not None and self._least <= now - before <= within
