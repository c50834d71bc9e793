"""`make workloads`: plain ways and fetchdeck's on the same workloads, in one run, against the built-in simulator."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.workload import Outcome, Workload, ours, plain, serving
from bench.workload_cases import CASES


def main(names: Sequence[str] = ()) -> int:
    """Measure each workload and print its table; all together they take about eight minutes."""
    for make in CASES:
        if not names or make.__name__ in names:
            _print(workload := make(), measure(workload))
    return 0


def measure(workload: Workload) -> list[tuple[str, list[Outcome]]]:
    """Fetch a workload in each way, every time from a simulator of its own."""
    found = []
    for words, places in _plain_ways(workload):
        with serving(workload.config) as (url, bases):
            found.append((words, plain(workload, places, url, bases)))
    with serving(workload.config) as (url, bases), tempfile.TemporaryDirectory() as folder:
        found.append(("fetchdeck", ours(workload, Path(folder), url, bases)))
    return found


def same(outcomes: Sequence[Outcome]) -> bool:
    """Say whether all ways have found the same rows."""
    return len({outcome.rows for outcome in outcomes}) == 1


def _plain_ways(workload: Workload) -> list[tuple[str, int]]:
    ways = [("plain, one at a time", 1)] if workload.sequential else []
    return [*ways, (f"plain, {workload.workers} at once", workload.workers)]


def _print(workload: Workload, found: Sequence[tuple[str, list[Outcome]]]) -> None:
    print(f"\n### {workload.name}\n\n{workload.what}.\n")
    print("| way | requests | refused | seconds | rows |")
    print("|---|---|---|---|---|")
    for run in range(workload.runs):
        for words, outcomes in found:
            again = ", second run" if run else ""
            one = outcomes[run]
            print(f"| {words}{again} | {one.requests:,} | {one.refused:,} | {one.seconds:.1f} | {len(one.rows):,} |")
    together = same([outcome for _, outcomes in found for outcome in outcomes])
    print(f"\nThe rows are {'the same' if together else 'NOT the same'} in every way.", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.workloads", description=__doc__)
    known = [make.__name__ for make in CASES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(known)}")
    given = parser.parse_args().names
    if unknown := set(given) - set(known):
        parser.error(f"there is no workload {min(unknown)!r}; there are: {', '.join(known)}")
    sys.exit(main(given))
