"""`make bench ARGS=neighbours`: what other clients of a token lose because of ours, and how several of ours share.

The budget is 500 requests a minute, reported in headers, as in scenario 22i. A neighbour sends at a constant rate,
evenly or as a Poisson process, and never backs off.
"""

from bisect import bisect_right
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import fmean
from typing import Final

from bench.laws.catalogue import ours
from bench.simulation.header_scenarios import WINDOW
from bench.simulation.station import Station

PROCESSES: Final = 2
LIMIT: Final = 500
MINUTES: Final = 5
RATES: Final = (2.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0, 8.2, 9.0, 12.0, 20.0)
SHARING_MINUTES: Final = 10
LATE: Final = 40.0
"""Seconds between the starts of several of our clients."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One run beside a neighbour, and the neighbour's run without us."""

    ours: int
    refused: int
    """Refused requests of ours."""
    theirs: float
    """Share of the neighbour's requests that were refused."""
    alone: float
    """The same share without us."""


def beside(rate: float, irregular: bool, seed: int) -> Beside:
    """Run next to a neighbour of a given rate, and run the neighbour alone."""
    shared, lonely = (_station(clients, rate, irregular, seed) for clients in (1, 0))
    return Beside(
        ours=len(shared.latencies[0]),
        refused=shared.refused[0],
        theirs=shared.foreign_refused / shared.foreign_sent,
        alone=lonely.foreign_refused / lonely.foreign_sent,
    )


def sharing(many: int, seed: int) -> tuple[list[int], int]:
    """Run several of our clients that do not know of each other.

    Returns the responses of each in the last minute, and the number of refusals.
    """
    rng = Random(seed)
    clients = [(LATE * number, ours(WINDOW, Random(seed + 1000 * number))) for number in range(many)]
    seconds = 60.0 * SHARING_MINUTES
    station = Station(server=WINDOW.server, clients=clients, seconds=seconds, rng=rng, rules=WINDOW.rules(rng))
    station.run()
    last = [len(at) - bisect_right(at, seconds - 60) for at in station.answered_at]
    return last, sum(station.refused)


def main(seeds: int = 1) -> None:
    with ProcessPoolExecutor(PROCESSES) as pool:
        print("| asks a second | gaps | ours, of what is left | we are refused | it is refused | without us |")
        print("| --- | --- | --- | --- | --- | --- |")
        for irregular, rate in product((False, True), RATES):
            runs = pool.map(beside, *zip(*((rate, irregular, seed) for seed in range(1, seeds + 1)), strict=True))
            print(_row(rate, irregular, list(runs)), flush=True)
        print("\n| of ours | answers in the last minute | refused |")
        print("| --- | --- | --- |")
        for many, seed in product((2, 3), range(1, seeds + 1)):
            last, refused = pool.submit(sharing, many, seed).result()
            print(f"| {many} | {' / '.join(map(str, last))} | {refused} |", flush=True)


def _station(clients: int, rate: float, irregular: bool, seed: int) -> Station:
    rng = Random(seed)
    station = Station(
        server=WINDOW.server,
        clients=[(0.0, ours(WINDOW, Random(seed + 1000)))] * clients,
        seconds=60.0 * MINUTES,
        rng=rng,
        rules=WINDOW.rules(rng),
        foreign=rate,
        chance=Random(seed + 2000) if irregular else None,
    )
    station.run()
    return station


def _row(rate: float, irregular: bool, runs: Sequence[Beside]) -> str:
    got, left = fmean(run.ours for run in runs), (LIMIT - 60 * rate) * MINUTES
    share = f"{got:.0f}, {got / left:.2f}" if left > 0 else f"{got:.0f}, nothing is left"
    theirs, alone = fmean(run.theirs for run in runs), fmean(run.alone for run in runs)
    refused = fmean(run.refused for run in runs)
    gaps = "by chance" if irregular else "even"
    return f"| {rate:g} | {gaps} | {share} | {refused:.1f} | {theirs:.1%} | {alone:.1%} |"
