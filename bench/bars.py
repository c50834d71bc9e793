"""The bars of the controller's guide, and the table that holds measured runs against them."""

import importlib
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Final

from bench.clauses import Watched, settled, spent
from bench.law import Law, law
from bench.servers import Server
from bench.shared_host import alone, share

SHARED: Final = Path(__file__).resolve().parents[2] / "shared" / "yardstick"
SEEDS: Final = range(1, 6)
EPOCH: Final = 1_700_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run of one scenario."""

    ratio: float
    refused: int
    events: int
    failed: int
    p95: float
    """In seconds."""
    burst: int
    """The most that left within one second."""
    within: float
    """Seconds after the change until 90 % of the rate, over two seconds; -1 where that is no question."""
    foreign_refused: float
    """Share of another client's requests that were refused."""
    settled: float = -1.0
    """Seconds after the change until latency is near the idle one again; -1 where that is no question."""
    early: int = 0
    """Sends before the moment a refusal had named."""
    spent: float = -1.0
    """Seconds until a bucket's burst was used; -1 where there is none."""
    limit_before: float = 0.0
    """How many might be in flight when an outage began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the mean of five seeds must reach."""

    ratio: float
    ratio_most: float = 9.0
    refused: float | None = None
    events: float | None = None
    p95: float | None = None
    """In seconds: the guide's factor times the idle 95th percentile."""
    burst: float | None = None
    within: float | None = None
    change: tuple[float, float] | None = None
    """When something changed, and the rate that is right from then on."""
    settled: tuple[float, float, float] | None = None
    """The most seconds, when something changed, and the idle latency."""
    spent: tuple[float, float, float] | None = None
    """The least seconds, the burst of the bucket and what it gains a second."""
    wasted: int | None = None
    """The most errors beyond the limit that held when an outage began."""


BARS: Final[Mapping[str, Bar]] = {
    "01": Bar(ratio=0.97, p95=1.25 * 0.256, within=3, change=(0, 120)),
    "02": Bar(ratio=0.96, p95=1.25 * 0.256, within=4, change=(60, 200)),
    "03": Bar(ratio=0.96, p95=1.3 * 0.256, settled=(5.0, 60.0, 0.25)),
    "04": Bar(ratio=0.96, p95=1.05 * 0.306),
    "05": Bar(ratio=0.95, p95=1.2 * 0.672, within=10, change=(60, 120)),
    "06": Bar(ratio=0.99, refused=0, burst=12.5),
    "07": Bar(ratio=0.97, refused=0, spent=(30.0, 90.0, 1.5)),
    "08": Bar(ratio=0.98, refused=0),
    "09": Bar(ratio=0.88, refused=0),
    "10": Bar(ratio=0.94, p95=1.15 * 0.724),
    "11": Bar(ratio=0.90, p95=1.2 * 0.946),
    "12": Bar(ratio=0.95, p95=1.25 * 0.256),
    "13": Bar(ratio=0.96, refused=20, events=5),
    "14": Bar(ratio=0.95, refused=25, events=1),
    "15": Bar(ratio=0.95, ratio_most=1.02, refused=0),
    "16": Bar(ratio=0.96, wasted=12, within=5, change=(90, 120)),
    "17": Bar(ratio=0.95, refused=1, events=1),
    "18": Bar(ratio=0.96, p95=1.2 * 0.456),
    "19": Bar(ratio=0.83, refused=20),
    "20": Bar(ratio=0.65, events=1),
}
"""By the number of the scenario. Another client's refusals must stay within 1 % wherever there is one."""


def run(name: str, seed: int, changes: Mapping[str, Any] | None = None) -> Measured:
    """Run one scenario of the yardstick, with some of its settings changed."""
    sys.path.insert(0, str(SHARED))
    sim, scenarios = importlib.import_module("sim"), importlib.import_module("scenarios")
    scenario = {**scenarios.SC[name], **(changes or {})}
    skew: float = scenario.get("skew", 0.0)
    mine = law(Random(seed + 1000), cap=scenario["cap"], wall=lambda now: EPOCH + now + skew, **scenario["law"])
    watched = Watched(mine)
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


def verdict(bar: Bar, runs: Sequence[Measured]) -> list[str]:
    """Return what misses the bar on the mean of the runs."""
    found: list[tuple[str, float, float | None]] = [
        ("refused", fmean(one.refused for one in runs), bar.refused),
        ("events", fmean(one.events for one in runs), bar.events),
        ("wasted", fmean(one.failed - one.limit_before for one in runs), bar.wasted),
        ("settled", fmean(one.settled for one in runs), bar.settled[0] if bar.settled else None),
        ("early", max(one.early for one in runs), 0),
        ("spent in", -min(one.spent for one in runs), -bar.spent[0] if bar.spent and runs[0].spent >= 0 else None),
        ("p95", fmean(one.p95 for one in runs), bar.p95),
        ("burst", max(one.burst for one in runs), bar.burst),
        ("within", fmean(one.within for one in runs), bar.within),
        ("foreign refused", max(one.foreign_refused for one in runs), 0.01),
    ]
    missed = [f"{name} {value:.3g} > {most:.3g}" for name, value, most in found if most is not None and value > most]
    ratio = fmean(one.ratio for one in runs)
    if not bar.ratio <= ratio <= bar.ratio_most:
        missed.append(f"ratio {ratio:.3f}, bar {bar.ratio}")
    return missed


def main() -> None:
    """Run all scenarios, or those whose numbers are given, and print them against the bars."""
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
    return mine.admission.lessons.events


def within(answered_at: Sequence[float], change: float, rate: float) -> float:
    """Return the seconds from the change to the first two seconds at 90 % of the rate."""
    for index, at in enumerate(answered_at):
        if at > change and bisect_right(answered_at, at + 2.0) - index >= 2 * 0.9 * rate:
            return at - change
    return float("inf")
