"""`make bench ARGS=sockets`: one law over real sockets and in virtual time, with the same numbers, side by side."""

from statistics import fmean

from bench.laws.catalogue import OURS
from bench.laws.measure import measure
from bench.simulation.bars import Measured
from bench.sockets.cases import CASES, Case
from bench.sockets.live import Driven, drive

LEAST_SEEDS = 5
"""A simulated run takes a moment: the mean of several says more."""


def main(seeds: int = LEAST_SEEDS) -> None:
    """Run each case both ways and print the table. It takes about five minutes, in real time."""
    print("ratio to the oracle / p95 in ms / refused requests / other errors\n")
    print("| case | what | sockets | virtual time |")
    print("|---|---|---|---|")
    for case in CASES:
        print(
            f"| {case.name} | {case.what} | {_driven(drive(case))} | {_simulated(simulate(case, seeds))} |", flush=True
        )


def simulate(case: Case, seeds: int) -> list[Measured]:
    scenario = case.scenario()
    return [measure(OURS, scenario, seed) for seed in range(1, max(LEAST_SEEDS, seeds) + 1)]


def _driven(one: Driven) -> str:
    return f"{one.ratio:.2f} / {1000 * one.p95:.0f} / {one.refused} / {one.failed}"


def _simulated(many: list[Measured]) -> str:
    ratio, p95 = fmean(one.ratio for one in many), fmean(one.p95 for one in many)
    refused, failed = fmean(one.refused for one in many), fmean(one.failed for one in many)
    return f"{ratio:.2f} / {1000 * p95:.0f} / {refused:.0f} / {failed:.0f}"
