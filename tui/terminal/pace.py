"""How often the screen is drawn: as often as asked, and seldomer where the line or the person would not notice."""

from typing import Final, Protocol

HZ: Final = 4.0
"""Frames a second unless something else is asked for."""
BLURRED: Final = 2.0
"""Seconds between two frames while nobody looks."""
SLOW_HZ: Final = 1.0
SLOW_BUDGET: Final = 9_000.0
"""Bytes a second in low-bandwidth mode; keys may paint beyond it, so it is below the 10 kB that are promised."""


class Traffic(Protocol):
    """What a pace has to know of the line to the terminal."""

    total: int
    backlog: int
    took: float


class Pace:
    """Decides whether the next frame is due. The caller tells the time, in seconds.

    Args:
        hz: frames a second, at most.
        budget: bytes a second, at most; None is no limit.
    """

    def __init__(self, *, hz: float = HZ, budget: float | None = None) -> None:
        self.hz = hz
        self.blurred = False
        """The window has lost the focus."""
        self._budget = budget
        self._last = float("-inf")
        self._total = 0

    @classmethod
    def of(cls, hz: float, *, slow: bool) -> "Pace":
        """Make the pace of a wish: a slow line gets a frame a second and a budget."""
        return cls(hz=min(hz, SLOW_HZ), budget=SLOW_BUDGET) if slow else cls(hz=hz)

    def due(self, now: float, line: Traffic) -> bool:
        """Say whether to draw now: never before the terminal has the last frame whole."""
        if line.backlog:
            return False
        jitter = 0.5 / self.hz  # a timer that comes a little early must not cost a whole frame
        waited = now - self._last
        return waited >= self.interval(line) - jitter and waited >= self._earned(line)

    def drawn(self, now: float, line: Traffic) -> None:
        """Note that a frame was drawn; its bytes are counted from here on."""
        self._last, self._total = now, line.total

    def interval(self, line: Traffic) -> float:
        """Return seconds between two frames; twice what the last one took leaves half the line free."""
        return max(1 / self.hz, BLURRED if self.blurred else 0.0, 2 * line.took)

    def _earned(self, line: Traffic) -> float:
        return (line.total - self._total) / self._budget if self._budget else 0.0
