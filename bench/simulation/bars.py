"""The bars: what the mean of several runs of each scenario must reach."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final


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
    """The most requests sent within one second."""
    within: float
    """Seconds after the change until 90 % of the rate, over two seconds; -1 if the scenario has no change."""
    foreign_refused: float
    """Share of another client's requests that were refused."""
    settled: float = -1.0
    """Seconds after the change until latency is near the idle one again; -1 if the bar does not ask for it."""
    early: int = 0
    """Requests sent before the moment that a refusal had named."""
    spent: float = -1.0
    """Seconds until a bucket's burst was used; -1 if there is no bucket."""
    limit_before: float = 0.0
    """The concurrency limit when an outage began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The bar of one scenario."""

    ratio: float
    ratio_most: float = 9.0
    refused: float | None = None
    events: float | None = None
    p95: float | None = None
    """In seconds: a factor times the idle 95th percentile."""
    burst: float | None = None
    within: float | None = None
    change: tuple[float, float] | None = None
    """The time of a change, and the right rate after it."""
    settled: tuple[float, float, float] | None = None
    """The most seconds, the time of the change, and the idle latency."""
    spent: tuple[float, float, float] | None = None
    """The least seconds, the burst of the bucket and its refill a second."""
    wasted: int | None = None
    """The most errors beyond the concurrency limit at the start of an outage."""


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
"""The bars by the number of the scenario. Another client must have at most 1 % of its requests refused."""


def verdict(bar: Bar, runs: Sequence[Measured]) -> list[str]:
    """Return in words what misses the bar on the mean of the runs."""
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


def within(answered_at: Sequence[float], change: float, rate: float) -> float:
    """Return the seconds from the change to the first two seconds at 90 % of the rate."""
    for index, at in enumerate(answered_at):
        if at > change and bisect_right(answered_at, at + 2.0) - index >= 2 * 0.9 * rate:
            return at - change
    return float("inf")
