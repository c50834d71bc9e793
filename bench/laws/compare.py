"""`make bench ARGS=laws`: every law in every scenario, as the tables of docs/benchmarks.md.

One seed takes one or two minutes on two cores; `--seeds N` takes the mean of seeds 1 to N, which is what the bars are
meant for.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from random import Random
from statistics import fmean
from typing import Final

from bench.laws.catalogue import LAWS, OURS, PEERS, peer
from bench.laws.measure import measure
from bench.laws.shared_host import Shared, sharing_laws, together
from bench.simulation.bars import Measured, verdict
from bench.simulation.capacity_scenarios import CAPACITY, KNEE
from bench.simulation.header_scenarios import HEADERS, WINDOW
from bench.simulation.limit_scenarios import LIMITS
from bench.simulation.scenario import Scenario
from bench.simulation.scenarios import SCENARIOS

PROCESSES: Final = 2
JAIN: Final = 0.95
TOTAL: Final = 0.98
Runs = Callable[[str, Scenario], Sequence[Measured]]


def main(seeds: int = 1) -> None:
    with ProcessPoolExecutor(PROCESSES) as pool:
        jobs = [*product(LAWS, (*CAPACITY, *LIMITS)), *product([OURS], HEADERS)]
        futures = {
            (law, scenario.name): [pool.submit(measure_named, law, scenario.name, seed) for seed in _seeds(seeds)]
            for law, scenario in jobs
        }
        hosts = {law: [pool.submit(two_groups, law, seed) for seed in _seeds(seeds)] for law in LAWS}
        done = {pair: [future.result() for future in running] for pair, running in futures.items()}
        shared = {law: [future.result() for future in running] for law, running in hosts.items()}
    _print(lambda law, scenario: done[law, scenario.name], shared)


def measure_named(law: str, name: str, seed: int) -> Measured:
    """Run a law in the scenario of a name.

    A scenario contains functions, which cannot be sent to another process; its name can.
    """
    return measure(law, SCENARIOS[name], seed)


def two_groups(law: str, seed: int) -> Shared:
    """Run two groups of a law at one host. Ours share the host's controller; the others do not know of each other."""
    rng = Random(seed)
    clients = sharing_laws(rng, WINDOW.cap) if law == OURS else [peer(law, WINDOW, rng) for _ in range(2)]
    return together(clients, KNEE, seconds=120.0, second_at=40.0, rng=rng)


def _seeds(seeds: int) -> range:
    return range(1, seeds + 1)


def _print(runs: Runs, shared: dict[str, list[Shared]]) -> None:
    print("Servers with a knee: ratio to the oracle / p95 in ms.\n")
    _table(CAPACITY, runs, lambda many: f"{_ratio(many)} / {1000 * fmean(one.p95 for one in many):.0f}")
    print("\nServers with a limit: ratio to the oracle / refused requests / p95 in ms.\n")
    _table(LIMITS, runs, _limit_cell)
    print("\nSeconds until 90 % of the capacity is used, from the start or from the change.\n")
    _by_law([scenario for scenario in CAPACITY if scenario.bar.change], runs, _reaction)
    print("\n15, the share of the other client's requests that were refused.\n")
    _by_law([scenario for scenario in LIMITS if scenario.foreign], runs, _foreign)
    print("\n21, two groups at one host: use of the host / Jain's index / p95 in ms.\n")
    _groups(shared)
    print("\n22, the window of 06 in other words, fetchdeck's law only.\n")
    _headers(runs)


def _table(scenarios: Iterable[Scenario], runs: Runs, cell: Callable[[Sequence[Measured]], str]) -> None:
    _row("scenario", f"**{OURS}**", *PEERS, "bars")
    _row(*["---"] * (len(LAWS) + 2))
    for scenario in scenarios:
        mine = runs(OURS, scenario)
        others = [cell(runs(name, scenario)) for name in PEERS]
        _row(scenario.name, f"**{cell(mine)}**", *others, _missed(scenario, mine))


def _by_law(scenarios: Iterable[Scenario], runs: Runs, cell: Callable[[Sequence[Measured]], str]) -> None:
    _row("scenario", f"**{OURS}**", *PEERS)
    _row(*["---"] * (len(LAWS) + 1))
    for scenario in scenarios:
        mine, *others = (cell(runs(name, scenario)) for name in LAWS)
        _row(scenario.name, f"**{mine}**", *others)


def _reaction(many: Sequence[Measured]) -> str:
    """Return the mean, and how many runs never reached the rate."""
    reached = [one.within for one in many if math.isfinite(one.within)]
    never = len(many) - len(reached)
    if not reached:
        return "never"
    return f"{fmean(reached):.1f}" + (f", never in {never} of {len(many)}" if never else "")


def _foreign(many: Sequence[Measured]) -> str:
    return f"{fmean(one.foreign_refused for one in many):.0%}"


def _groups(shared: dict[str, list[Shared]]) -> None:
    _row(f"**{OURS}**", *PEERS, "bars")
    _row(*["---"] * (len(LAWS) + 1))
    mine = shared[OURS]
    met = fmean(one.total for one in mine) >= TOTAL and fmean(one.fairness for one in mine) >= JAIN
    _row(f"**{_shared(mine)}**", *(_shared(shared[name]) for name in PEERS), "met" if met else "missed")


def _headers(runs: Runs) -> None:
    _row("", "what differs", "ratio", "refused", "the other client refused", "bars")
    _row(*["---"] * 6)
    for scenario in HEADERS:
        many = runs(OURS, scenario)
        foreign = f"{fmean(one.foreign_refused for one in many):.1%}" if scenario.foreign else ""
        refused = f"{fmean(one.refused for one in many):.0f}"
        _row(scenario.name, scenario.what, _ratio(many), refused, foreign, _missed(scenario, many))


def _limit_cell(many: Sequence[Measured]) -> str:
    refused = fmean(one.refused for one in many)
    return f"{_ratio(many)} / {refused:.0f} / {1000 * fmean(one.p95 for one in many):.0f}"


def _shared(many: Sequence[Shared]) -> str:
    total, fairness = fmean(one.total for one in many), fmean(one.fairness for one in many)
    return f"{total:.2f} / {fairness:.2f} / {1000 * fmean(one.p95 for one in many):.0f}"


def _ratio(many: Sequence[Measured]) -> str:
    return f"{fmean(one.ratio for one in many):.2f}"


def _missed(scenario: Scenario, many: Sequence[Measured]) -> str:
    return "; ".join(verdict(scenario.bar, many)) or "met"


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)
