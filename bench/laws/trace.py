"""The course of a law in one scenario: its limit, and the latency of the responses."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from bench.laws.catalogue import build
from bench.laws.law import Law
from bench.simulation.scenario import Scenario
from bench.simulation.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One point for each second."""

    limit: Sequence[float]
    latency: Sequence[float]
    """The mean of the good responses of each second, in seconds; a second without any repeats the last mean."""


def trace(law_name: str, scenario: Scenario, seed: int = 1) -> Trace:
    """Run once and sample every second."""
    law, rng, limits = build(law_name, scenario, Random(seed + 1000)), Random(seed), list[float]()
    station = Station(
        server=scenario.server,
        clients=[(0.0, law)],
        seconds=scenario.seconds,
        rng=rng,
        rules=scenario.rules(rng),
        refusal=scenario.refusal,
        watch=lambda _: limits.append(law.admission.limit if isinstance(law, Law) else law.limit),
        every=1.0,
    )
    station.run()
    latency = per_second(station.answered_at[0], station.latencies[0], int(scenario.seconds))
    return Trace(limit=limits[: int(scenario.seconds)], latency=latency)


def per_second(at: Sequence[float], values: Sequence[float], seconds: int) -> list[float]:
    """Return the mean of each second's values; a second without values repeats the last mean."""
    means: list[float] = []
    for second in range(seconds):
        these = values[bisect_left(at, second) : bisect_left(at, second + 1)]
        means.append(fmean(these) if these else means[-1] if means else 0.0)
    return means
