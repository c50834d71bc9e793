"""How fast somebody else spends the same budget. Pure."""

from typing import Final

GAIN: Final = 0.5
SHORTEST: Final = 2.0


class ForeignUse:
    """Compares what is left with what we used: the rest was somebody else."""

    def __init__(self) -> None:
        self.rate = 0.0
        """Units per second that others use, smoothed."""
        self._mark: tuple[float, float] | None = None
        self._own = 0.0

    def answered(self, cost: float) -> None:
        """Count what an answer of ours cost."""
        self._own += cost

    def observe(self, now: float, remaining: float, window: float) -> None:
        """Take in what is left now; estimate once in a thirtieth of the window."""
        if self._mark is None:
            self.restart(now, remaining)
            return
        began, before = self._mark
        if now - began < max(SHORTEST, window / 30):
            return
        seen = max(0.0, before - remaining - self._own) / (now - began)
        self.rate += GAIN * (seen - self.rate)
        self.restart(now, remaining)

    def restart(self, now: float, remaining: float) -> None:
        """Begin to count anew: a new window, or an estimate was made."""
        self._mark, self._own = (now, remaining), 0.0
