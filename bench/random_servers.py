"""Judges the law on servers nobody tuned it for: `python -m bench.random_servers [first seed] [how many]`.

Workers 1 to 50, service 30 ms to 1 s with a spread of 0 to 1.1, a network of 20 to 300 ms, and capacity that changes
to .3 to 3 times at half time; 120 seconds each.
"""

import math
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import fmean, median, quantiles

from bench.servers import Server
from bench.station import Station
from bench.yardstick import law

SECONDS = 120.0
CAP = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one server was used."""

    seed: int
    efficiency: float
    """Answers over what the server could have given."""
    p95: float
    """95th percentile of latency over the same on an idle server."""
    power: float
    """Efficiency times the idle server's mean latency over the mean latency."""


def server(seed: int) -> Server:
    """Draw a server."""
    rng = random.Random(seed)
    workers = round(math.exp(rng.uniform(0.0, math.log(50))))
    changed = min(200, max(1, round(workers * math.exp(rng.uniform(math.log(0.3), math.log(3))))))
    return Server(
        workers=((0.0, workers), (SECONDS / 2, changed)),
        median=math.exp(rng.uniform(math.log(0.03), 0.0)),
        sigma=rng.uniform(0.0, 1.1),
        network=rng.uniform(0.02, 0.3),
    )


def judge(seed: int) -> Score:
    """Run the law on one server."""
    drawn, rng = server(seed), random.Random(seed + 1_000_000)
    station = Station(server=drawn, clients=[(0.0, law(rng, cap=CAP))], seconds=SECONDS, rng=rng)
    station.run()
    latencies = sorted(station.latencies[0])
    mean = drawn.median * math.exp(drawn.sigma**2 / 2)
    idle, network = mean + 1.025 * drawn.network, 1.025 * drawn.network
    could = sum(min(workers / mean, CAP / idle) * SECONDS / 2 for _, workers in drawn.workers)
    efficiency = len(latencies) / could
    return Score(
        seed=seed,
        efficiency=efficiency,
        p95=latencies[int(0.95 * len(latencies))] / (drawn.median * math.exp(1.645 * drawn.sigma) + network),
        power=efficiency * idle / fmean(latencies),
    )


def main() -> None:
    """Judge and print."""
    first, many = (
        (int(text) for text in (*sys.argv[1:], "5000", "120")[:2]) if len(sys.argv) != 2 else (int(sys.argv[1]), 120)
    )
    with ProcessPoolExecutor(2) as pool:
        scores = list(pool.map(judge, range(first, first + many), chunksize=4))
    effs = [score.efficiency for score in scores]
    print(f"{many} servers, seeds from {first}")
    print(f"efficiency  mean {fmean(effs):.3f}  p10 {quantiles(effs, n=10)[0]:.3f}  least {min(effs):.3f}  (bar .94)")
    p95s = [score.p95 for score in scores]
    print(f"p95 / idle  median {median(p95s):.2f}  p90 {quantiles(p95s, n=10)[8]:.2f}  (bar 1.35)")
    print(f"power       mean {fmean(score.power for score in scores):.3f}  (bar .72)")
    for score in sorted(scores, key=lambda score: score.efficiency)[:5]:
        print(f"  least used: seed {score.seed}: {score.efficiency:.3f}, p95 {score.p95:.2f}, {server(score.seed)}")


if __name__ == "__main__":
    main()
