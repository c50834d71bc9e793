"""How long each route takes when nothing queues. Pure.

Endpoints of one API differ by a factor of twenty, but they wait in the same queue. So the tracker looks at residuals:
latency minus the route's own baseline.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

ENOUGH: Final = 4
"""A route with so many samples has a baseline one may subtract."""
GROWN: Final = 30
"""After so many samples a baseline moves by small steps only."""
WELL_KNOWN: Final = 400
"""Nothing rests on more samples than this."""
STEP: Final = 0.3
"""The largest share of itself by which a baseline moves at once."""
ROUTES: Final = 512
"""More routes than this are lumped together: a route is a template, and nobody has so many."""


class Baseline:
    """The no-load latency of each route, in seconds."""

    def __init__(self) -> None:
        self._base: dict[str, float] = {}
        self._young: dict[str, list[float]] = {}
        self._support: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._base)

    def get(self, route: str) -> float | None:
        """Return a route's baseline; None while too little is known of it."""
        young = self._young.get(route)
        return None if young is not None and len(young) < ENOUGH else self._base.get(route)

    def support(self, route: str) -> int:
        """Return how many samples a route's baseline rests on."""
        return self._support.get(route, 1)

    def meet(self, route: str, latencies: Sequence[float], queue: float, *, extend: bool) -> None:
        """Learn a young route from its first latencies, less the queue the others saw.

        Args:
            route: of the answers.
            latencies: of its answers in this round.
            queue: seconds of queueing that are in them.
            extend: whether a route that has enough samples may take these too.
        """
        if route not in self._base and len(self._base) < ROUTES:
            self._young[route] = []
        young = self._young.get(route)
        if young is None or (len(young) >= ENOUGH and not extend):
            return
        young.extend(max(latency - queue, 0.05 * latency) for latency in latencies)
        self._base[route] = median(young)
        self._support[route] = len(young)
        if len(young) >= GROWN:
            del self._young[route]

    def move(self, residuals: Mapping[str, Sequence[float]], *, most: float) -> None:
        """Move each baseline towards a round's residuals: the further, the more samples there are, at most by `most`.

        Call this for rounds that cannot hold a queue of ours only.
        """
        for route, values in residuals.items():
            base = self._base[route]
            step = max(-STEP * base, min(STEP * base, median(values)))
            self._base[route] = base + min(most, 0.05 * len(values)) * step
            self._support[route] = min(WELL_KNOWN, self._support[route] + len(values))

    def shift(self, residuals: Mapping[str, Sequence[float]], queue: float) -> None:
        """Accept a round's latency as the baseline: all of it where a route was seen often, else the common part."""
        for route, values in residuals.items():
            by = median(values) if len(values) >= ENOUGH else queue
            self._base[route] = max(1e-6, self._base[route] + by)
        for route in self._base.keys() - residuals.keys():
            self._base[route] = max(1e-6, self._base[route] + queue)
        self._young.clear()
