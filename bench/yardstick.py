"""`make yardstick`: runs the engine's admission in the scenarios of the yardstick, and compares the runs with the bars.

The yardstick is a simulator outside this repository, beside the checkout; without it there is nothing to measure.
"""

import importlib
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Final

from bench.laws.clauses import WatchedLaw, settled, spent
from bench.laws.law import Law, law
from bench.laws.shared_host import alone, share
from bench.simulation.bars import BARS, Bar, Measured, verdict, within
from bench.simulation.rules import EPOCH
from bench.simulation.servers import Server

__all__ = ["law"]

SHARED: Final = Path(__file__).resolve().parents[2] / "shared" / "yardstick"
SEEDS: Final = range(1, 6)


def main() -> None:
    """Run all scenarios, or those whose numbers are given, and print them with their bars."""
    if not SHARED.is_dir():
        print("the yardstick is not here (shared/yardstick beside the checkout): nothing to measure")
        return
    sys.path.insert(0, str(SHARED))
    wanted = sys.argv[1:]
    names = [name for name in importlib.import_module("scenarios").SC if not wanted or name[:2] in wanted]
    missed = 0
    print(f"{'scenario':24}{'ratio':>7}{'p95 ms':>8}{'429s':>6}{'events':>7}{'errors':>7}{'90 % in':>8}  bars")
    with ProcessPoolExecutor(2) as pool:
        for name in names:
            runs = list(pool.map(run, [name] * len(SEEDS), SEEDS))
            missed += _row(name, runs, verdict(BARS[name[:2]], runs))
    if not wanted or "21" in wanted:
        missed += _two_groups()
    if not wanted or "22" in wanted:
        missed += _header_variants()
    print("all bars met" if not missed else f"{missed} scenarios miss a bar")


def run(name: str, seed: int, changes: Mapping[str, Any] | None = None) -> Measured:
    """Run one scenario of the yardstick, with some of its settings replaced."""
    sys.path.insert(0, str(SHARED))
    sim, scenarios = importlib.import_module("sim"), importlib.import_module("scenarios")
    scenario = {**scenarios.SC[name], **(changes or {})}
    skew: float = scenario.get("skew", 0.0)
    mine = law(Random(seed + 1000), cap=scenario["cap"], wall=lambda now: EPOCH + now + skew, **scenario["law"])
    watched = WatchedLaw(mine)
    done = sim.Sim(scenario, watched, seed).run()
    bar = BARS[name[:2]]
    change = bar.change
    foreign = [policy for policy in done.policies if getattr(policy, "foreign", 0)]
    return Measured(
        ratio=done.ok / scenario["oracle"](),
        refused=done.rej,
        events=_events(mine),
        failed=done.err,
        p95=sim.pct(done.lat, 0.95),
        burst=max(bisect_right(done.sendt, at + 1) - index for index, at in enumerate(done.sendt)),
        within=within(done.okt, *change) if change else -1.0,
        foreign_refused=sum(policy.f_denied / (policy.foreign * done.T) for policy in foreign),
        settled=settled(done.okt, done.lat, *bar.settled[1:]) if bar.settled else -1.0,
        early=watched.early,
        spent=spent(done.sendt, *bar.spent[1:]) if bar.spent else -1.0,
        limit_before=mine.admission.breaker.limit_before,
    )


def _row(name: str, runs: Sequence[Measured], missing: Sequence[str]) -> bool:
    cells: list[tuple[int, int, Callable[[Measured], float]]] = [
        (7, 3, lambda one: one.ratio),
        (8, 0, lambda one: 1000 * one.p95),
        (6, 0, lambda one: one.refused),
        (7, 1, lambda one: one.events),
        (7, 0, lambda one: one.failed),
        (8, 1, lambda one: one.within),
    ]
    text = "".join(f"{fmean(map(value, runs)):{width}.{digits}f}" for width, digits, value in cells)
    print(f"{name:24}{text}  {'met' if not missing else 'MISSED: ' + ', '.join(missing)}", flush=True)
    return bool(missing)


def _two_groups() -> bool:
    server = Server(workers=((0.0, 12),), median=0.1, sigma=0.0, network=0.15)
    missed = False
    for words, least, groups in (("one process", 0.95, share), ("two processes", 0.88, alone)):
        totals, fairs = zip(*(groups(server, seconds=120.0, second_at=40.0, seed=seed) for seed in SEEDS), strict=True)
        met = fmean(totals) >= 0.98 and fmean(fairs) >= least
        missed |= not met
        print(
            f"{'21-' + words:24}{fmean(totals):7.3f}  Jain {fmean(fairs):.3f}  {'met' if met else 'MISSED'}", flush=True
        )
    return missed


def _header_variants() -> bool:
    sys.path.insert(0, str(SHARED))
    windows = importlib.import_module("sim").FixedWindow
    missed = False
    variants: Mapping[str, Mapping[str, Any]] = {
        "47 s behind": {"skew": -47.0},
        "an hour ahead": {"skew": 3600.0},
        "no skew": {"skew": 0.0},
        "ietf": {"policies": lambda _: [windows(500, 60, headers="ietf")]},
    }
    for words, changes in variants.items():
        runs = [run("06-window-headers", seed, changes) for seed in SEEDS]
        missed |= _row(f"22-{words}", runs, verdict(Bar(ratio=0.98, refused=3), runs))
    return missed


def _events(mine: Law) -> int:
    return mine.admission.inferred.events


if __name__ == "__main__":
    main()
