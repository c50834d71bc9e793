"""A limit on how many requests may be in flight that no header shows: learned from the refusal. Pure."""

import math
from typing import Final

SHARE: Final = 0.9
CALM: Final = 240.0
STEP_EVERY: Final = 20.0
PLAUSIBLE: Final = 0.5
"""A refusal with fewer in flight than this share of what has passed before is about something else."""


class SecondaryCap:
    """As many as were served until the server refused; after a long calm, one more every 20 seconds.

    What was in flight when a request was refused is no bound: it may have met those that left after it, and nobody
    knows whether a server counts what has arrived or what the client still waits for. What was served is one, in
    either way of counting.
    """

    def __init__(self) -> None:
        self._cap = math.inf
        self._hits = 0
        self._calm_until = 0.0
        self._proven = 0

    def limit(self, now: float) -> float:
        """Return how many may be in flight; infinite while none is known."""
        if self._cap == math.inf or now <= self._calm_until:
            return self._cap
        return self._cap + math.floor((now - self._calm_until) / STEP_EVERY)

    @property
    def known(self) -> float | None:
        """The cap that was learned, without what was tried since."""
        return None if self._cap == math.inf else self._cap

    def passed(self, in_flight: int) -> None:
        """Note how many were in flight, itself included, when a request that was served left."""
        self._proven = max(self._proven, in_flight)

    def refused(self, now: float, in_flight: float) -> float | None:
        """Learn from a refusal with so many in flight; return the new cap, None when concurrency was not the reason.

        GitHub, for one, words several limits alike: so many at once, so many points a minute, so much CPU time.
        """
        if in_flight < PLAUSIBLE * self._proven:
            return None
        served, limit = self._proven or in_flight - 1, self.limit(now)
        # Refused at what had been served before: no longer a bound, so it is cut.
        self._cap = max(1.0, math.floor(served if served < limit else SHARE * limit))
        self._calm_until = now + CALM * 2.0 ** min(self._hits, 10)
        self._hits += 1
        self._proven = 0
        return self._cap

    def restore(self, now: float, cap: float) -> None:
        """Start with what an earlier process learned."""
        self._cap, self._hits, self._calm_until = max(1.0, cap), 1, now + CALM
