"""Service times: a FIFO queue in front of several workers, each busy for a sampled time.

Pure: a heap holds when each worker becomes free, and the caller does the waiting.
"""

import heapq
import math
import random
from collections.abc import Sequence

from simulator.common.settings import Capacity, CapacityStep


class Station:
    """The workers of one API. Capacity can change while it works."""

    def __init__(self, capacity: Capacity, *, steps: Sequence[CapacityStep] = (), seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self._steps = sorted(steps, key=lambda step: step.after)
        self._began: float | None = None
        self._free_at: list[float] = []
        self.capacity = capacity
        self.change(capacity)

    def change(self, capacity: Capacity, now: float = -math.inf) -> None:
        """Add or remove workers and change the pace. The workers that are free first are removed first."""
        self.capacity = capacity
        wanted = capacity.workers or 0
        while len(self._free_at) > wanted:
            heapq.heappop(self._free_at)
        while len(self._free_at) < wanted:
            heapq.heappush(self._free_at, now)

    def serve(self, now: float) -> float:
        """Queue a request that arrives now; return the seconds until its response is out."""
        if self._steps:
            self._step(now)
        service = self._sample()
        if not self._free_at:
            return service + self.capacity.delay
        wait = max(0.0, self._free_at[0] - now)
        heapq.heapreplace(self._free_at, now + wait + service)
        return wait + service + self.capacity.delay

    def _step(self, now: float) -> None:
        if self._began is None:
            self._began = now
        while self._steps and now - self._began >= self._steps[0].after:
            self.change(self._steps.pop(0).capacity, now)

    def _sample(self) -> float:
        median, spread = self.capacity.latency, self.capacity.spread
        return median * math.exp(self._chance.gauss(0, spread)) if median and spread else median
