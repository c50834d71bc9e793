"""Two groups that ask one host, in virtual time: whether they use all of it, and share it fairly."""

from bisect import bisect_left
from random import Random

from bench.station import Server, Station
from bench.yardstick import seated
from engine.host import HostController
from engine.knee import Knee


def share(server: Server, *, seconds: float, second_at: float, seed: int, cap: int = 128) -> tuple[float, float]:
    """Run two groups of equal weight, the second from `second_at` on; return the use of the host and Jain's index.

    Jain's index (https://en.wikipedia.org/wiki/Fairness_measure) is 1 when both get the same; it is taken from ten
    seconds after the second has begun.
    """
    rng, host = Random(seed), HostController(Knee(cap))
    laws = [seated(host.join(), rng=rng, cap=cap) for _ in range(2)]
    station = Station(server=server, clients=[(0.0, laws[0]), (second_at, laws[1])], seconds=seconds, rng=rng)
    station.run()
    got = [len(times) - bisect_left(times, second_at + 10.0) for times in station.answered_at]
    rate = server.workers[0][1] / server.median
    total = sum(len(times) for times in station.answered_at) / (rate * (seconds - server.median - server.network))
    return total, sum(got) ** 2 / (2 * sum(one**2 for one in got))
