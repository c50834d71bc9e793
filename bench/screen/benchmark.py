"""What the screen costs in a real pseudo-terminal, compared with the same dashboard built from stock widgets."""

import itertools
import os
import random
import sys
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.laws.measure import percentile
from bench.screen.memory import print_memory
from bench.screen.pseudo_terminal import PseudoTerminal, marked
from bench.screen.start import print_start

WARM_UP: Final = 4.0
SECONDS: Final = 8.0
BLUR: Final = b"\x1b[O"
PROBES: Final = 200
PROBING: Final = 30.0
"""Seconds of waiting after which no more keys are pressed."""
PATIENCE: Final = 4.0
"""The most seconds to wait for the effect of a key; a later effect counts as this long."""
PLAIN: Final = "stock widgets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the first table."""

    what: str
    options: tuple[str, ...] = ("--rate", "500")
    size: tuple[int, int] = (80, 24)
    typed: bytes = b""


CASES: Final = (
    Case(what="nothing changes", options=("--rate", "0", "--still")),
    Case(what="only the clock", options=("--rate", "0")),
    Case(what="500 events/s"),
    Case(what="500 events/s", size=(120, 40)),
    Case(what="500 events/s", size=(200, 60)),
    Case(what="500 events/s, `--hz 1`", options=("--rate", "500", "--hz", "1")),
    Case(what="500 events/s, `--slow`", options=("--rate", "500", "--slow")),
    Case(what="500 events/s, `--slow`", options=("--rate", "500", "--slow"), size=(200, 60)),
    Case(what="500 events/s, not looked at", typed=BLUR),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of a screen, for each second."""

    octets: float
    compressed: float
    """The bytes that `ssh -C` would send."""
    cpu: float
    """The share of a CPU core, including the feed."""
    events: float
    seen: Sequence[float] = ()
    """For every pressed key, the seconds until its effect reached the terminal."""


def measure(screen: str, case: Case, *, probes: int = 0) -> Cost:
    """Run a screen in a pseudo-terminal, read what it sends, and press `probes` keys."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        command = [sys.executable, "-m", "bench.screen.child", screen, *case.options, "--report", str(report)]
        with PseudoTerminal(command, case.size) as terminal:
            terminal.listen(WARM_UP)
            terminal.press(case.typed)
            terminal.listen(0.5)
            before, events = terminal.cpu(), _events(report)
            data = terminal.listen(SECONDS)
            cpu, events = terminal.cpu() - before, _events(report) - events
            seen = probe(terminal, probes)
    return Cost(
        octets=len(data) / SECONDS,
        compressed=len(zlib.compress(data)) / SECONDS if data else 0,
        cpu=cpu / SECONDS,
        events=events / SECONDS,
        seen=seen,
    )


def probe(terminal: PseudoTerminal, many: int) -> Sequence[float]:
    """Select one source after the other, and measure how long the mark takes to move there."""
    seen, rng = [], random.Random(1)
    for source in itertools.islice(itertools.cycle((2, 3, 4, 5, 1)), many):
        terminal.listen(rng.uniform(0.03, 0.12))
        terminal.press(str(source).encode())
        seen.append(terminal.answers(marked(f"▸{source}"), within=PATIENCE) or PATIENCE)
        if sum(seen) > PROBING:
            break
    return seen


def main(*, memory: bool = False, start: bool = False) -> None:
    """Print the tables. `memory` prints only that of the memory, which takes minutes; `start` only the starts."""
    print(f"Load average at the start: {os.getloadavg()[0]:.1f}\n")
    if memory:
        print_memory()
        return
    if start:
        print_start()
        return
    print_costs()
    print()
    print_against()
    print()
    print_start()


def print_costs() -> None:
    """Print what our screen sends, in several sizes and modes."""
    feed = {rate: measure("none", Case(what="", options=("--rate", rate))).cpu for rate in ("0", "500")}
    print("| what happens | size | kB/s | kB/s compressed | CPU of a core |")
    print("|---|---|---|---|---|")
    for case in CASES:
        cost = measure("ours", case)
        cpu = max(0.0, cost.cpu - feed[case.options[1]])
        print(f"| {case.what} | {_size(case)} | {cost.octets / 1000:.1f} | {cost.compressed / 1000:.2f} | {cpu:.1%} |")


def print_against() -> None:
    """Print our screen beside that of stock widgets, measured in one run."""
    print("| screen | events/s asked | made | CPU | CPU against stock | kB/s | key to screen p50 | p95 | p99 |")
    print("|---|---|---|---|---|---|---|---|---|")
    for rate in ("500", "5000"):
        case = Case(what="", options=("--rate", rate), size=(120, 40))
        feed = measure("none", case)
        plain, ours = measure("plain", case, probes=PROBES), measure("ours", case, probes=PROBES)
        for name, cost in ((PLAIN, plain), ("fetchdeck", ours)):
            cpu, ratio = cost.cpu - feed.cpu, (cost.cpu - feed.cpu) / (plain.cpu - feed.cpu)
            keys = " | ".join(f"{percentile(cost.seen, share) * 1000:.0f} ms" for share in (0.5, 0.95, 0.99))
            numbers = f"{cost.events:,.0f} | {cpu:.1%} | {ratio:.2f} | {cost.octets / 1000:.1f}"
            print(f"| {name} | {rate} | {numbers} | {keys} |")
        print(f"| no screen, the feed alone | {rate} | {feed.events:,.0f} | {feed.cpu:.1%} | | | | | |")


def _size(case: Case) -> str:
    return f"{case.size[0]}x{case.size[1]}"


def _events(report: Path) -> int:
    lines = report.read_text(encoding="ascii").splitlines() if report.exists() else []
    return int(lines[-1].split()[1]) if lines else 0
