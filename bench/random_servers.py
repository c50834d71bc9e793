"""Tests a law on servers it was not tuned for: `python -m bench.random_servers [--first N] [--many N] [--law NAME]`.

A server has 1 to 50 workers, a service time of 30 ms to 1 s with a sigma of 0 to 1.1, and a network of 20 to 300 ms. At
half of its 120 seconds its capacity changes by a factor of 0.3 to 3.

`--near` is a second reading of the same description: a network of 10 to 100 ms, the service time as a mean instead of a
median, and never more than 50 workers.

`--law told` is a static limit that knows both knees.
"""

import argparse
import math
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median, quantiles

from bench.laws.catalogue import LAWS, OURS, PEERS
from bench.laws.law import law
from bench.laws.peers.peer import PeerSettings
from bench.simulation.rules import EPOCH
from bench.simulation.servers import Server
from bench.simulation.station import Asking, Station

SECONDS = 120.0
CAP = 128
TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well one server was used."""

    seed: int
    efficiency: float
    """Responses divided by those that the server could have given."""
    p95: float
    """95th percentile of latency divided by that of an idle server."""
    power: float
    """Efficiency times the mean latency of an idle server, divided by the mean latency."""


class Static:
    """Knows both knees: the limit is the knee, rounded up."""

    def __init__(self, limits: Sequence[int]) -> None:
        self._limits = limits

    def gate(self, now: float, in_flight: int) -> float | None:
        return 0.0 if in_flight < self._limits[now >= SECONDS / 2] else None

    def on_send(self, now: float, request: object) -> None:
        """Note nothing."""

    def on_resp(self, now: float, request: object, status: int, latency: float, headers: object) -> None:
        """Learn nothing."""


def server(seed: int, *, near: bool = False) -> Server:
    """Draw a server at random."""
    rng = random.Random(seed)
    workers = round(math.exp(rng.uniform(0.0, math.log(50))))
    most = 50 if near else 200
    changed = min(most, max(1, round(workers * math.exp(rng.uniform(math.log(0.3), math.log(3))))))
    service, sigma = math.exp(rng.uniform(math.log(0.03), 0.0)), rng.uniform(0.0, 1.1)
    return Server(
        workers=((0.0, workers), (SECONDS / 2, changed)),
        median=service / math.exp(sigma**2 / 2) if near else service,
        sigma=sigma,
        network=rng.uniform(0.01, 0.1) if near else rng.uniform(0.02, 0.3),
    )


def build(name: str, knees: Sequence[float], rng: random.Random) -> Asking:
    if name == TOLD:
        return Static([min(CAP, math.ceil(knee)) for knee in knees])
    if name == OURS:
        return law(rng, cap=CAP)
    return PEERS[name](PeerSettings(rng=rng, cap=CAP, wall=lambda now: EPOCH + now))


def judge(seed: int, name: str = OURS, near: bool = False) -> Score:
    """Run a law on one server."""
    drawn, rng = server(seed, near=near), random.Random(seed + 1_000_000)
    mean = drawn.median * math.exp(drawn.sigma**2 / 2)
    idle, network = mean + 1.025 * drawn.network, 1.025 * drawn.network
    asking = build(name, [workers * idle / mean for _, workers in drawn.workers], rng)
    station = Station(server=drawn, clients=[(0.0, asking)], seconds=SECONDS, rng=rng)
    station.run()
    latencies = sorted(station.latencies[0])
    could = sum(min(workers / mean, CAP / idle) * SECONDS / 2 for _, workers in drawn.workers)
    efficiency = len(latencies) / could
    return Score(
        seed=seed,
        efficiency=efficiency,
        p95=latencies[int(0.95 * len(latencies))] / (drawn.median * math.exp(1.645 * drawn.sigma) + network),
        power=efficiency * idle / fmean(latencies),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Judge a law on random servers.")
    parser.add_argument("--first", type=int, default=5000, help="the first seed")
    parser.add_argument("--many", type=int, default=120, help="how many servers")
    parser.add_argument("--law", choices=(TOLD, *LAWS), default=OURS)
    parser.add_argument("--near", action="store_true", help="with a near network")
    args = parser.parse_args()
    first, many = args.first, args.many
    with ProcessPoolExecutor(2) as pool:
        one = partial(judge, name=args.law, near=args.near)
        scores = list(pool.map(one, range(first, first + many), chunksize=4))
    effs = [score.efficiency for score in scores]
    print(f"{args.law}, {many} servers, seeds from {first}")
    print(f"efficiency  mean {fmean(effs):.3f}  p10 {quantiles(effs, n=10)[0]:.3f}  least {min(effs):.3f}  (bar .94)")
    p95s = [score.p95 for score in scores]
    print(f"p95 / idle  median {median(p95s):.2f}  p90 {quantiles(p95s, n=10)[8]:.2f}  (bar 1.35)")
    print(f"power       mean {fmean(score.power for score in scores):.3f}  (bar .72)")
    for score in sorted(scores, key=lambda score: score.efficiency)[:5]:
        drawn = server(score.seed, near=args.near)
        print(f"  least used: seed {score.seed}: {score.efficiency:.3f}, p95 {score.p95:.2f}, {drawn}")


if __name__ == "__main__":
    main()
