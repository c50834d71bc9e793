"""`make bench ARGS=demo`: measures what `fetchdeck demo` shows: knees, capacity changes, budgets and refusals.

It runs the demo itself, with its simulator and the whole engine, without a screen, in real time.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench.demo.lane_samples import LaneSample, Phase, phases, spending
from engine.model.lane_state import Bound
from engine.model.snapshot import DeckState
from simulator.config import demo
from simulator.process import start
from tui.cli.arguments import parse_arguments
from tui.cli.subcommands.demo import YEAR, addresses, offered, stats, wiring_to
from tui.wiring.registry import Registry

SECONDS: Final = 120.0
EVERY: Final = 0.1
"""Seconds between two samples."""

MOSTLY: Final = 0.5
"""The share of time for which a bound must hold a lane back, for the lane to be in its table."""

Samples = dict[tuple[str, str], list[LaneSample]]


def main(only: str | None = None) -> None:
    """Run the demo, or one of its sources, and print the tables. It takes two minutes."""
    samples, last, served = watch(SECONDS, only)
    print("| lane | capacity | in flight, once settled | settled after s |")
    print("| --- | --- | --- | --- |")
    for (source, lane), seen in samples.items():
        if steps := _steps(source):
            for phase in phases(seen, [0.0, *steps]):
                print(f"| {source} {lane} | {_capacity(source, phase)} | {phase.limit:.0f} | {_after(phase)} |")
    print("\n| lane | window | farthest from the even line | left at the reset |")
    print("| --- | --- | --- | --- |")
    for (source, lane), seen in samples.items():
        if _held_by(seen, Bound.BUDGET):
            for number, window in enumerate(spending(seen), start=1):
                print(
                    f"| {source} {lane} | {number} | {window.farthest:.1%} | {window.left:.0f} of {window.limit:.0f} |"
                )
    print("\n| source | refused answers | pauses | arrived while told to wait | arrived beyond a told limit |")
    print("| --- | --- | --- | --- | --- |")
    for group in last.groups:
        if group.throttled:
            pauses = sum(_pauses(seen) for (source, _), seen in samples.items() if source == group.name)
            early, beyond = _violations(served.get(group.name, {}).get("violations", {}))
            print(f"| {group.name} | {group.throttled} | {pauses} | {early} | {beyond} |")


def watch(
    seconds: float, only: str | None = None
) -> tuple[Samples, DeckState, Mapping[str, Mapping[str, Mapping[str, int]]]]:
    """Run the demo; return the samples of each lane, the last snapshot, and the simulator's counters."""
    samples: Samples = {}
    with tempfile.TemporaryDirectory() as folder, start(["--demo", "--year", str(YEAR)]) as simulator:
        registry = Registry()
        options = ["demo", "--headless", "--for", f"{seconds:.0f}s", "--db", str(Path(folder) / "demo.db")]
        wiring = wiring_to(simulator.base_urls, parse_arguments(options), registry, Path(folder))
        names = sorted(addresses(simulator.base_urls, registry).keys() & offered(registry))
        engine = wiring.engine([only] if only else names, lambda _: None)
        engine.start()
        while not engine.wait(EVERY):
            note(samples, engine.snapshot(), time.monotonic())
        return samples, engine.snapshot(), stats(simulator.url)


def note(samples: Samples, deck: DeckState, now: float) -> None:
    """Add a sample of every lane that has started."""
    for group in deck.groups:
        for lane in group.lanes:
            known = samples.get((group.name, lane.resource))
            if known is None and not lane.in_flight:
                continue
            budget = next((quota for quota in lane.quotas if quota.origin == "headers" and quota.resets_in), None)
            sample = LaneSample(
                at=now,
                limit=lane.limit,
                bound=lane.bound,
                allowed=budget.limit if budget else None,
                remaining=budget.remaining if budget else None,
                resets_in=budget.resets_in if budget else None,
            )
            samples.setdefault((group.name, lane.resource), []).append(sample)


def _steps(source: str) -> list[float]:
    """Return when a source's server changes. The demo's other servers are never loaded to their capacity."""
    return [step.after for api in demo().apis if api.name == source for step in api.steps]


def _held_by(seen: Sequence[LaneSample], bound: Bound) -> bool:
    busy = [sample for sample in seen if sample.bound is not Bound.WORK]
    return len(busy) >= 10 / EVERY and sum(sample.bound is bound for sample in busy) >= MOSTLY * len(busy)


def _pauses(seen: Sequence[LaneSample]) -> int:
    return sum(now.bound is Bound.PENALTY and before.bound is not Bound.PENALTY for before, now in pairwise(seen))


def _violations(counted: Mapping[str, int]) -> tuple[int, int]:
    early = counted.get("retry-after", 0)
    return early, sum(counted.values()) - early


def _capacity(source: str, phase: Phase) -> str:
    config = demo().api(source)
    capacity = next((step.capacity for step in config.steps if step.after == phase.begins), config.capacity)
    return f"{capacity.workers} workers of {1000 * capacity.latency:.0f} ms from {phase.begins:.0f} s on"


def _after(phase: Phase) -> str:
    return "never" if phase.after is None else f"{phase.after:.1f}"
