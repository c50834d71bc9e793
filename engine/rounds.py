"""A round: as many answers as it takes to know the median queueing to a few percent. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from engine.baseline import Baseline

MEDIAN: Final = 1.2533
"""The standard error of a median is so many times that of a mean."""
PRECISION: Final = 0.05
FULL: Final = 0.3
"""So large a share of sends at the limit means that the limit was what held the others back."""


@dataclass(slots=True, kw_only=True)
class Round:
    """Requests sent and answered between two decisions. Answers to older requests belong to no round."""

    number: int
    limit: int
    size: int
    """The round is over after so many good answers."""
    sends: int = 0
    full: int = 0
    failed: int = 0
    in_flight: int = 0
    """Summed over the answers."""
    latencies: list[tuple[str, float]] = field(default_factory=list)

    def sent(self, in_flight: int) -> None:
        """Count a request that left."""
        self.sends += 1
        self.full += in_flight >= self.limit

    def answered(self, route: str, latency: float, in_flight: int) -> bool:
        """Count a good answer; return whether the round is over."""
        self.latencies.append((route, latency))
        self.in_flight += in_flight
        return len(self.latencies) >= self.size

    @property
    def limited(self) -> bool:
        """Whether the limit, and nothing else, kept more from being in flight."""
        return self.full >= FULL * self.sends


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a round says of the server."""

    queue: float
    """Q: median seconds an answer took longer than its route's baseline."""
    base: float
    """b: mean baseline of the routes in the round, in seconds."""
    latency: float
    """R: mean seconds an answer took."""
    in_flight: float
    """n: mean number in flight at sending."""
    spread: float
    """Robust standard deviation of the residuals, in seconds."""
    variation: float
    """Standard deviation of the latencies over their mean, at most 2."""
    count: int
    limited: bool
    residuals: Mapping[str, Sequence[float]]
    """By route, of the routes that have a baseline."""


def find(done: Round, baseline: Baseline) -> Finding:
    """Sum a round up. Routes without a baseline have no residual; without any, the queue counts as 0."""
    residuals: dict[str, list[float]] = {}
    total = 0.0
    for route, latency in done.latencies:
        base = baseline.get(route)
        if base is not None:
            residuals.setdefault(route, []).append(latency - base)
            total += base
    flat = [value for values in residuals.values() for value in values]
    latencies = [latency for _, latency in done.latencies]
    mean = sum(latencies) / len(latencies)
    queue = median(flat) if flat else 0.0
    variance = sum((latency - mean) ** 2 for latency in latencies) / len(latencies)
    return Finding(
        queue=queue,
        base=total / len(flat) if flat else mean,
        latency=mean,
        in_flight=done.in_flight / len(latencies),
        spread=1.4826 * median(abs(value - queue) for value in flat) if flat else math.sqrt(variance),
        variation=min(2.0, math.sqrt(variance) / max(mean, 1e-9)),
        count=len(latencies),
        limited=done.limited,
        residuals=residuals,
    )


def size(limit: float, relative_spread: float, *, starting: bool) -> int:
    """Return how many answers a round needs so that its median is known to 5 %, within what is quick enough."""
    wanted = math.ceil(min(1e6, (MEDIAN * relative_spread / PRECISION) ** 2))
    most = max(limit, 6 if limit < 4 else 4) if starting else max(8.0, 3 * limit)
    return int(max(4, min(most, max(limit / 2, wanted))))
