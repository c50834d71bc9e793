"""Runs a law in a scenario and measures the run."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from random import Random

from bench.laws.catalogue import build
from bench.laws.clauses import WatchedLaw, settled, spent
from bench.laws.law import Law
from bench.simulation.bars import Measured, within
from bench.simulation.scenario import Scenario
from bench.simulation.station import Station


def percentile(latencies: Sequence[float], share: float) -> float:
    """Return the latency that a share of requests does not exceed, in seconds; NaN if there are none."""
    if not latencies:
        return math.nan
    return sorted(latencies)[max(0, math.ceil(share * len(latencies)) - 1)]


def burst(sent_at: Sequence[float]) -> int:
    """Return the largest number of requests sent within one second."""
    return max((bisect_right(sent_at, at + 1) - index for index, at in enumerate(sent_at)), default=0)


def measure(law_name: str, scenario: Scenario, seed: int) -> Measured:
    # The law draws from another generator than the server, so that every law meets the same server.
    law = build(law_name, scenario, Random(seed + 1000))
    watched = WatchedLaw(law) if isinstance(law, Law) else None
    rng = Random(seed)
    station = Station(
        server=scenario.server,
        clients=[(0.0, watched or law)],
        seconds=scenario.seconds,
        rng=rng,
        rules=scenario.rules(rng),
        refusal=scenario.refusal,
        foreign=scenario.foreign,
        dated=scenario.dated,
    )
    station.run()
    bar = scenario.bar
    change = bar.change
    return Measured(
        ratio=len(station.latencies[0]) / scenario.oracle,
        refused=station.refused[0],
        events=law.admission.inferred.events if isinstance(law, Law) else 0,
        failed=station.failed[0],
        p95=percentile(station.latencies[0], 0.95),
        burst=burst(station.sent_at[0]),
        within=within(station.answered_at[0], *change) if change else -1.0,
        foreign_refused=station.foreign_refused / max(1, station.foreign_sent),
        settled=settled(station.answered_at[0], station.latencies[0], *bar.settled[1:]) if bar.settled else -1.0,
        early=watched.early if watched else 0,
        spent=spent(station.sent_at[0], *bar.spent[1:]) if bar.spent else -1.0,
        limit_before=law.admission.breaker.limit_before if isinstance(law, Law) else 0.0,
    )
