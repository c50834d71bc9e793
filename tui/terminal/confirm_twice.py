"""Confirmation by a second press, within bounds that neither a paste nor a held key meets."""

from collections.abc import Callable
from typing import Final

LEAST: Final = 0.25
"""The least seconds between two deliberate presses. A paste and the repeats of a held key come faster."""
MOST: Final = 5.0
"""The seconds after which a first press no longer counts."""


class DoublePress:
    """Recognizes the second of two presses. A press that comes too early counts as a new first one."""

    def __init__(self, clock: Callable[[], float], *, least: float = LEAST) -> None:
        self._clock = clock
        self._least = least
        self._before: float | None = None

    def again(self, within: float = MOST, *, late: float = 0.0) -> bool:
        """Record a press made `late` seconds ago; return whether it confirms the previous one."""
        now = self._clock() - late
        before, self._before = self._before, now
        return before is not None and self._least <= now - before <= within
