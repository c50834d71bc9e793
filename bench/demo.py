"""`make bench ARGS=demo`: what can be watched in `fetchdeck demo`, measured: knees, capacity steps, budgets, refusals.

It runs the demo itself, its simulator and the whole engine, without a screen, in real time.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench.sights import Look, Phase, phases, spending
from engine.model.lane_state import Bound
from engine.model.snapshot import DeckState
from simulator.config import demo
from simulator.process import start
from tui.cli.arguments import parse_arguments
from tui.cli.subcommands.demo import YEAR, addresses, offered, stats, wiring_to
from tui.wiring.registry import Registry

SECONDS: Final = 120.0
EVERY: Final = 0.1
"""Seconds between two looks."""
MOSTLY: Final = 0.5
"""A lane that is held by one bound for so much of the time is shown for it."""

Looks = dict[tuple[str, str], list[Look]]


def main(only: str | None = None) -> None:
    """Run the demo, or one source of it, and print the tables; it takes two minutes."""
    looks, last, served = watch(SECONDS, only)
    print("| lane | capacity | in flight, once settled | settled after s |")
    print("| --- | --- | --- | --- |")
    for (source, lane), seen in looks.items():
        if steps := _steps(source):
            for phase in phases(seen, [0.0, *steps]):
                print(f"| {source} {lane} | {_capacity(source, phase)} | {phase.limit:.0f} | {_after(phase)} |")
    print("\n| lane | window | farthest from the even line | left at the reset |")
    print("| --- | --- | --- | --- |")
    for (source, lane), seen in looks.items():
        if _held_by(seen, Bound.BUDGET):
            for number, window in enumerate(spending(seen), start=1):
                print(
                    f"| {source} {lane} | {number} | {window.farthest:.1%} | {window.left:.0f} of {window.limit:.0f} |"
                )
    print("\n| source | refused answers | pauses | arrived while told to wait | arrived beyond a told limit |")
    print("| --- | --- | --- | --- | --- |")
    for group in last.groups:
        if group.throttled:
            pauses = sum(_pauses(seen) for (source, _), seen in looks.items() if source == group.name)
            early, beyond = _violations(served.get(group.name, {}).get("violations", {}))
            print(f"| {group.name} | {group.throttled} | {pauses} | {early} | {beyond} |")


def watch(
    seconds: float, only: str | None = None
) -> tuple[Looks, DeckState, Mapping[str, Mapping[str, Mapping[str, int]]]]:
    """Run the demo for so long; return what was seen of each lane, the end, and what the simulator counted."""
    looks: Looks = {}
    with tempfile.TemporaryDirectory() as folder, start(["--demo", "--year", str(YEAR)]) as simulator:
        registry = Registry()
        options = ["demo", "--headless", "--for", f"{seconds:.0f}s", "--db", str(Path(folder) / "demo.db")]
        wiring = wiring_to(simulator.base_urls, parse_arguments(options), registry, Path(folder))
        names = sorted(addresses(simulator.base_urls, registry).keys() & offered(registry))
        engine = wiring.engine([only] if only else names, lambda _: None)
        engine.start()
        while not engine.wait(EVERY):
            note(looks, engine.snapshot(), time.monotonic())
        return looks, engine.snapshot(), stats(simulator.url)


def note(looks: Looks, deck: DeckState, now: float) -> None:
    """Look at every lane that has something to do."""
    for group in deck.groups:
        for lane in group.lanes:
            known = looks.get((group.name, lane.resource))
            if known is None and not lane.in_flight:
                continue
            told = next((quota for quota in lane.quotas if quota.origin == "headers" and quota.resets_in), None)
            look = Look(
                at=now,
                limit=lane.limit,
                bound=lane.bound,
                allowed=told.limit if told else None,
                remaining=told.remaining if told else None,
                resets_in=told.resets_in if told else None,
            )
            looks.setdefault((group.name, lane.resource), []).append(look)


def _steps(source: str) -> list[float]:
    """Return when a source's server changes; the demo's other servers are never asked for all they can do."""
    return [step.after for api in demo().apis if api.name == source for step in api.steps]


def _held_by(seen: Sequence[Look], bound: Bound) -> bool:
    busy = [look for look in seen if look.bound is not Bound.WORK]
    return len(busy) >= 10 / EVERY and sum(look.bound is bound for look in busy) >= MOSTLY * len(busy)


def _pauses(seen: Sequence[Look]) -> int:
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
