"""A round: as many requests as it takes to know the median queueing to a few percent. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

# How long each route takes when nothing queues. Pure.
#
# Endpoints of one API differ by a factor of twenty, but they wait in the same queue. So the tracker looks at residuals:
# latency minus the route's own baseline.

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


MEDIAN: Final = 1.2533
"""The standard error of a median is so many times that of a mean."""
PRECISION: Final = 0.05
FULL: Final = 0.3
"""So large a share of sends at the limit means that the limit was what held the others back."""
FEWEST: Final = 4
FAILED: Final = 0.25
"""A larger share of errors than this, and three at least, is too many."""


@dataclass(slots=True, kw_only=True)
class Round:
    """Requests sent and answered between two decisions. Answers to older requests belong to no round.

    Those answered first are the quick ones. What is still under way and already older than is typical counts as slow,
    or any server would look quicker than it is.
    """

    first: int
    """Tag of its first request; tags count up by one."""
    limit: int
    size: int
    """The round is over after so many good answers."""
    sends: int = 0
    full: int = 0
    failed: int = 0
    in_flight: int = 0
    """Summed over the answers."""
    latencies: list[tuple[str, float]] = field(default_factory=list)
    _pending: dict[int, tuple[str, float, int]] = field(default_factory=dict)
    """Route, send time and number in flight of those that are under way."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Count a request that left; return its tag."""
        tag = self.first + self.sends
        self.full += in_flight >= self.limit
        self._pending[tag] = (route, now, in_flight)
        self.sends += 1
        return tag

    def left(self, tag: int) -> int | None:
        """Take a request off that is over; return how many were in flight with it, None if it is not of this round."""
        pending = self._pending.pop(tag, None)
        return None if pending is None else pending[2]

    def answered(self, route: str, latency: float, in_flight: int) -> bool:
        """Count a good answer of this round; return whether the round is over."""
        self.latencies.append((route, latency))
        self.in_flight += in_flight
        return len(self.latencies) >= self.size

    @property
    def limited(self) -> bool:
        """Whether the limit, and nothing else, kept more from being in flight."""
        return self.full >= FULL * self.sends

    @property
    def failing(self) -> bool:
        """Whether too many of enough answers are errors."""
        answers = self.failed + len(self.latencies)
        return self.failed >= 3 and answers >= max(4, self.limit // 2) and self.failed > FAILED * answers

    def slow(self, now: float, typical: Mapping[str, float]) -> list[tuple[str, float]]:
        """Return route and age of those under way for longer than is typical of their route."""
        aged = [(route, now - sent_at) for route, sent_at, _ in self._pending.values()]
        return [(route, age) for route, age in aged if age > typical.get(route, math.inf)]


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
    support: float
    """How many samples the baselines rest on, on average."""
    limited: bool
    latencies: Mapping[str, Sequence[float]]
    """By route; of those still under way, how long they have been."""
    residuals: Mapping[str, Sequence[float]]
    """By route, of the routes that have a baseline."""


def find(done: Round, baseline: Baseline, now: float) -> Finding:
    """Sum a round up. Routes without a baseline have no residual; without any, the queue counts as 0."""
    by_route: dict[str, list[float]] = {}
    for route, latency in done.latencies:
        by_route.setdefault(route, []).append(latency)
    for route, age in done.slow(now, {route: median(values) for route, values in by_route.items()}):
        by_route[route].append(age)
    residuals: dict[str, list[float]] = {}
    total = support = 0.0
    for route, values in by_route.items():
        base = baseline.get(route)
        if base is not None:
            residuals[route] = [value - base for value in values]
            total += base * len(values)
            support += baseline.support(route) * len(values)
    flat = [value for values in residuals.values() for value in values]
    latencies = [value for values in by_route.values() for value in values]
    mean = sum(latencies) / len(latencies)
    queue = median(flat) if flat else 0.0
    deviation = math.sqrt(sum((value - mean) ** 2 for value in latencies) / len(latencies))
    return Finding(
        queue=queue,
        base=total / len(flat) if flat else mean,
        latency=mean,
        in_flight=done.in_flight / len(done.latencies),
        spread=1.4826 * median(abs(value - queue) for value in flat) if flat else deviation,
        variation=min(2.0, deviation / max(mean, 1e-9)),
        count=len(latencies),
        support=support / len(flat) if flat else 1.0,
        limited=done.limited,
        latencies=by_route,
        residuals=residuals,
    )


def size(limit: float, relative_spread: float, *, starting: bool) -> int:
    """Return how many requests a round needs so that its median is known to 5 %, within what is quick enough."""
    wanted = math.ceil(min(1e6, (MEDIAN * relative_spread / PRECISION) ** 2))
    if starting:
        return int(max(FEWEST, limit / 2, min(limit, wanted)))
    return int(max(FEWEST, min(max(8.0, 3 * limit), max(limit / 2, wanted))))
