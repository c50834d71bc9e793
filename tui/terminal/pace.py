"""The frame rate: as high as requested, and lower on a slow line or while nobody looks."""

from typing import Final, Protocol

HZ: Final = 4.0
"""Frames a second by default. On 120x40 cells, 4 cost 12 % of a CPU core and 60 kB/s; 10 cost 16 % and 133 kB/s."""
BLURRED: Final = 2.0
"""Seconds between two frames while the window has no focus."""
SLOW_HZ: Final = 1.0
SLOW_BUDGET: Final = 9_000.0
"""Bytes a second in low-bandwidth mode. The documented limit is 10 kB; a key press may paint beyond the budget."""


class Traffic(Protocol):
    """The counters of the traffic to the terminal, as `traffic.Line` has them."""

    total: int
    backlog: int
    took: float


class Pace:
    """Decides whether the next frame is due. The caller passes the time, in seconds.

    Args:
        hz: the most frames a second.
        budget: the most bytes a second; None is no limit.
    """

    def __init__(self, *, hz: float = HZ, budget: float | None = None) -> None:
        self.hz = hz
        self.blurred = False
        """Whether the window has lost the focus."""
        self._budget = budget
        self._last = float("-inf")
        self._total = 0

    @classmethod
    def of(cls, hz: float, *, slow: bool) -> "Pace":
        """Create the pace for the preferences: a slow line gets one frame a second and a byte budget."""
        return cls(hz=min(hz, SLOW_HZ), budget=SLOW_BUDGET) if slow else cls(hz=hz)

    def due(self, now: float, line: Traffic) -> bool:
        """Return whether to draw now. Never before the terminal has received the last frame in full."""
        if line.backlog:
            return False
        jitter = 0.5 / self.hz  # without this tolerance, a timer that fires slightly early would skip a whole frame
        waited = now - self._last
        return waited >= self.interval(line) - jitter and waited >= self._budget_wait(line)

    def drawn(self, now: float, line: Traffic) -> None:
        """Record that a frame was drawn; its bytes are counted from here on."""
        self._last, self._total = now, line.total

    def interval(self, line: Traffic) -> float:
        """Return the seconds between two frames.

        At least twice as long as the last frame took to send, so that frames use at most half of the line.
        """
        return max(1 / self.hz, BLURRED if self.blurred else 0.0, 2 * line.took)

    def _budget_wait(self, line: Traffic) -> float:
        return (line.total - self._total) / self._budget if self._budget else 0.0
