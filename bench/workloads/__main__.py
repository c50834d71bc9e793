"""`make workloads`: plain ways and fetchdeck's on the same workloads, in one run, against the built-in simulator."""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.workloads.cases import CASES
from bench.workloads.workload import Outcome, Workload, ours, plain, serving

Way = tuple[str, list[Outcome]]
"""The name of a way, and the outcome of each run."""


def main(workloads: Sequence[Workload]) -> int:
    """Measure each workload and print its table. All of them take about seven minutes.

    Returns:
        An exit code: 1 if the ways did not find the same rows.
    """
    alone = one_at_a_time([workload for workload in workloads if workload.sequential])
    differ = 0
    for workload in workloads:
        ways = [*alone.get(workload.name, []), *measure(workload)]
        _print(workload, ways)
        differ += not same([outcome for _, outcomes in ways for outcome in outcomes])
    return 1 if differ else 0


def one_at_a_time(workloads: Sequence[Workload]) -> Mapping[str, list[Way]]:
    """Fetch workloads with one request in flight each, all in parallel, since each one mostly waits."""

    def fetch(workload: Workload) -> list[Way]:
        with serving(workload.config) as (url, bases):
            return [("plain, one at a time", plain(workload, 1, url, bases))]

    if not workloads:
        return {}
    with ThreadPoolExecutor(len(workloads)) as threads:
        return dict(zip([workload.name for workload in workloads], threads.map(fetch, workloads), strict=True))


def measure(workload: Workload) -> list[Way]:
    """Fetch a workload with many requests at once and as fetchdeck does, each from a new simulator."""
    with serving(workload.config) as (url, bases):
        many = plain(workload, workload.workers, url, bases)
    with serving(workload.config) as (url, bases), tempfile.TemporaryDirectory() as folder:
        mine = ours(workload, Path(folder), url, bases)
    return [(f"plain, {workload.workers} at once", many), ("fetchdeck", mine)]


def same(outcomes: Sequence[Outcome]) -> bool:
    """Return whether all ways found the same rows."""
    return len({outcome.rows for outcome in outcomes}) == 1


def _print(workload: Workload, found: Sequence[Way]) -> None:
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
    sys.exit(main([make() for make in CASES if not given or make.__name__ in given]))
