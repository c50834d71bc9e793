"""One measurement of a server: a round of as many requests as it takes to know the median queue to 5 %. Pure.

Endpoints of one API differ in latency by a factor of twenty, but their requests wait in the same queue. So a round
looks at residuals: each latency minus the baseline of its own route.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

ENOUGH: Final = 4
"""From so many samples on, a route has a baseline that may be subtracted."""
GROWN: Final = 30
"""From so many samples on, the baseline is no longer the median of all but moves in small steps."""
WELL_KNOWN: Final = 400
"""Upper bound of the support of a baseline. It keeps the standard error from becoming too small to be true."""
STEP: Final = 0.3
"""Largest step of a baseline, as a share of itself."""
ROUTES: Final = 512
"""Upper bound of the number of routes kept apart, so that no source can fill the memory."""
MEDIAN: Final = 1.2533
"""Standard error of a median over that of a mean, for normally distributed values: sqrt(pi / 2)."""
PRECISION: Final = 0.05
"""Standard error that a round aims for, as a share of the baseline."""
FULL: Final = 0.3
"""From this share of sends at the limit on, the limit is what held requests back."""
FEWEST: Final = 4
"""Least answers in a round."""
FAILED: Final = 0.25
"""A larger share of errors in a round is too many, if there are at least three."""


class Baseline:
    """The idle latency of each route, in seconds."""

    def __init__(self) -> None:
        self._base: dict[str, float] = {}
        self._young: dict[str, list[float]] = {}
        """The samples of routes that have fewer than `GROWN`."""
        self._support: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._base)

    def get(self, route: str) -> float | None:
        """Return a route's baseline; None while it rests on too few samples."""
        young = self._young.get(route)
        return None if young is not None and len(young) < ENOUGH else self._base.get(route)

    def support(self, route: str) -> int:
        """Return the number of samples behind a route's baseline."""
        return self._support.get(route, 1)

    def meet(self, route: str, latencies: Sequence[float], queue: float, *, extend: bool) -> None:
        """Learn a new route from its first latencies, less the queue that the known routes saw.

        Args:
            route: the route of these answers.
            latencies: their latencies in this round.
            queue: seconds of queueing to subtract.
            extend: whether a route that already has `ENOUGH` samples may take these too.
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
        """Move each baseline towards the residuals of a round: further with more samples, by a gain of at most `most`.

        Call this only for rounds that cannot contain a queue of our own.
        """
        for route, values in residuals.items():
            base = self._base[route]
            step = max(-STEP * base, min(STEP * base, median(values)))
            self._base[route] = base + min(most, 0.05 * len(values)) * step
            self._support[route] = min(WELL_KNOWN, self._support[route] + len(values))

    def shift(self, residuals: Mapping[str, Sequence[float]], queue: float) -> None:
        """Accept a round's latency as baseline. A route moves by its own median or, with few samples, by `queue`."""
        for route, values in residuals.items():
            by = median(values) if len(values) >= ENOUGH else queue
            self._base[route] = max(1e-6, self._base[route] + by)
        for route in self._base.keys() - residuals.keys():
            self._base[route] = max(1e-6, self._base[route] + queue)
        # Samples from before the shift would pull the median back.
        self._young.clear()


@dataclass(slots=True, kw_only=True)
class Round:
    """The requests sent and answered between two decisions. Answers to older requests belong to no round.

    Without that rule, answers to requests sent at the old limit would judge the new one
    (https://github.com/envoyproxy/envoy/pull/11579). The quick answers of a round come first, so requests still in
    flight count as slow once they are older than is typical. Otherwise every server would look faster than it is.
    """

    first: int
    """Tag of the first request. Tags count up by one and are never used twice."""
    limit: int
    size: int
    """Good answers after which the round is over."""
    sends: int = 0
    full: int = 0
    """Sends that found the limit used up."""
    failed: int = 0
    in_flight: int = 0
    """Sum over the answers of how many requests were in flight when they were sent."""
    latencies: list[tuple[str, float]] = field(default_factory=list)
    _pending: dict[int, tuple[str, float, int]] = field(default_factory=dict)
    """Route, send time and number in flight of each request that is not answered yet."""

    def sent(self, now: float, in_flight: int, route: str) -> int:
        """Count a send and return its tag."""
        tag = self.first + self.sends
        self.full += in_flight >= self.limit
        self._pending[tag] = (route, now, in_flight)
        self.sends += 1
        return tag

    def left(self, tag: int) -> int | None:
        """Remove a finished request. Return how many were in flight at its send; None if it is of an earlier round."""
        pending = self._pending.pop(tag, None)
        return None if pending is None else pending[2]

    def answered(self, route: str, latency: float, in_flight: int) -> bool:
        """Count a good answer. Return whether the round is over."""
        self.latencies.append((route, latency))
        self.in_flight += in_flight
        return len(self.latencies) >= self.size

    @property
    def limited(self) -> bool:
        """Whether the limit held requests back. If not, something else did: a budget, a pause, or too little work."""
        return self.full >= FULL * self.sends

    @property
    def failing(self) -> bool:
        """Whether too many answers are errors. It needs a few answers first: one early error must not cut the limit."""
        answers = self.failed + len(self.latencies)
        return self.failed >= 3 and answers >= max(4, self.limit // 2) and self.failed > FAILED * answers

    def slow(self, now: float, typical: Mapping[str, float]) -> list[tuple[str, float]]:
        """Return route and age of the requests that have been in flight for longer than is typical of their route."""
        aged = [(route, now - sent_at) for route, sent_at, _ in self._pending.values()]
        return [(route, age) for route, age in aged if age > typical.get(route, math.inf)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a round says about the server. The letters are the usual ones of queueing theory."""

    queue: float
    """Q: median of the residuals, in seconds."""
    base: float
    """b: mean baseline of the round's mix of routes, in seconds."""
    latency: float
    """R: mean latency in seconds."""
    in_flight: float
    """n: mean number in flight at the time of sending."""
    spread: float
    """Standard deviation of the residuals in seconds, estimated from their median absolute deviation."""
    variation: float
    """Coefficient of variation of the latencies, at most 2."""
    count: int
    support: float
    """Mean number of samples behind the baselines."""
    limited: bool
    """See `Round.limited`."""
    latencies: Mapping[str, Sequence[float]]
    """By route. Requests still in flight count with their age."""
    residuals: Mapping[str, Sequence[float]]
    """By route, for the routes that have a baseline."""


def find(done: Round, baseline: Baseline, now: float) -> Finding:
    """Sum up a round. A route without a baseline has no residuals; if no route has one, the queue counts as 0."""
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
        # 1.4826 * MAD estimates the standard deviation of normal values, and one outlier does not move it
        # (https://en.wikipedia.org/wiki/Median_absolute_deviation).
        spread=1.4826 * median(abs(value - queue) for value in flat) if flat else deviation,
        variation=min(2.0, deviation / max(mean, 1e-9)),
        count=len(latencies),
        support=support / len(flat) if flat else 1.0,
        limited=done.limited,
        latencies=by_route,
        residuals=residuals,
    )


def size(limit: float, relative_spread: float, *, starting: bool) -> int:
    """Return how many answers a round needs to know its median to `PRECISION`, within bounds that keep it short."""
    # From se = MEDIAN * spread / sqrt(n), solved for n.
    wanted = math.ceil(min(1e6, (MEDIAN * relative_spread / PRECISION) ** 2))
    if starting:
        return int(max(FEWEST, limit / 2, min(limit, wanted)))
    return int(max(FEWEST, min(max(8.0, 3 * limit), max(limit / 2, wanted))))
