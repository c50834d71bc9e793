"""Scenario 21: two groups at one host, in virtual time: whether they use all of its capacity, and share it fairly."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bench.laws.law import Law, law, law_with
from bench.simulation.servers import Server
from bench.simulation.station import Asking, Station
from engine.pacing.concurrency.knee import Knee
from engine.pacing.concurrency.shared_host import HostController

SETTLED = 10.0
"""Seconds after the start of the second group from which on the shares are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The result of a run."""

    total: float
    """Responses divided by those that the server could have given."""
    fairness: float
    """Jain's index (https://en.wikipedia.org/wiki/Fairness_measure): 1 if both get the same."""
    p95: float
    """Of both groups together, in seconds."""


def together(laws: Sequence[Asking], server: Server, *, seconds: float, second_at: float, rng: Random) -> Shared:
    """Run two laws on one server; the second starts at `second_at`."""
    first, second = laws
    station = Station(server=server, clients=[(0.0, first), (second_at, second)], seconds=seconds, rng=rng)
    station.run()
    got = [len(times) - bisect_left(times, second_at + SETTLED) for times in station.answered_at]
    rate = server.workers[0][1] / server.median
    latencies = sorted(latency for mine in station.latencies for latency in mine)
    return Shared(
        total=len(latencies) / (rate * (seconds - server.median - server.network)),
        fairness=sum(got) ** 2 / (2 * sum(one**2 for one in got)),
        p95=latencies[int(0.95 * len(latencies))],
    )


def sharing_laws(rng: Random, cap: int) -> list[Law]:
    """Build the engine's admission for two groups of equal weight that share a host's controller."""
    host = HostController(Knee(cap))
    return [law_with(host.join(), rng=rng, cap=cap) for _ in range(2)]


def share(server: Server, *, seconds: float, second_at: float, seed: int, cap: int = 128) -> tuple[float, float]:
    """Run two groups of one engine; return the use of the host and Jain's index."""
    rng = Random(seed)
    shared = together(sharing_laws(rng, cap), server, seconds=seconds, second_at=second_at, rng=rng)
    return shared.total, shared.fairness


def alone(server: Server, *, seconds: float, second_at: float, seed: int, cap: int = 128) -> tuple[float, float]:
    """Run two groups that do not know of each other, as in two processes; return what `share` does."""
    rng = Random(seed)
    laws = [law(rng, cap=cap) for _ in range(2)]
    apart = together(laws, server, seconds=seconds, second_at=second_at, rng=rng)
    return apart.total, apart.fairness
