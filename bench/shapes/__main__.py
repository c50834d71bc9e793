"""`make shapes`: harvest shapes of real APIs by hand-written configurations and by `auto`, and compare all rows."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.shapes import parallel
from bench.shapes.case import Case, cases
from bench.shapes.result import MOST_CUT, Result, equal, problems
from bench.shapes.runner import measure
from simulator.config import quiet
from simulator.shapes.catalog import SHAPES
from simulator.testing import running

_SIMULATOR = "http://127.0.0.1:8000"


def main(chosen: Sequence[Case], python_of_dlt: Path | None = None) -> int:
    """Measure each shape and print the table: three minutes for all of them.

    Returns:
        An exit code: 1 if a promise was broken.
    """
    print(
        "Rows stored of the rows there are, and requests, by a configuration written by hand; answers with a body\n"
        "in a second run; rows after kill -9 and a resumed run; rows by `auto`; CPU seconds with the program's start.\n"
    )
    print("| shape | rows | requests | bodies again | resumed | auto | CPU s | dlt rows | dlt requests | dlt CPU s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    broken: list[str] = []
    cut: list[Result] = []
    with running(quiet(apis=[case.name for case in chosen])) as server:
        for case in chosen:
            result = measure(case, server, python_of_dlt=python_of_dlt)
            print(_line(result), flush=True)
            broken += [f"{case.name}: {problem}" for problem in problems(result)]
            cut += [result] if result.is_cut else []
    broken += _parallel() if len(chosen) == len(SHAPES) else []
    print(f"\n`auto` says of {len(cut)} shapes that they are cut (at most {MOST_CUT} may be):")
    for result in cut:
        print(f"- {result.name}: {result.auto.cut[0]['reason']}")
    print(f"\n{len(broken)} promises are broken." if broken else "\nEvery promise is kept.")
    for line in broken:
        print(f"- {line}")
    return 1 if broken or len(cut) > MOST_CUT else 0


def _parallel() -> list[str]:
    serial, many = parallel.measure()
    print(f"\n200 pages at 100 ms: {serial.seconds:.1f} s one after the other ({serial.requests} requests), ", end="")
    print(f"{many.seconds:.1f} s in parallel ({many.requests} requests).")
    broken = [] if serial.whole and many.whole else ["200 pages: not every row was stored"]
    if many.seconds > parallel.SHARE * serial.seconds:
        broken.append("200 pages: in parallel they take more than a third of the serial time")
    return broken


def _line(result: Result) -> str:
    wanted = sum(len(rows) for rows in result.truth.values())
    auto = "cut" if result.is_cut else f"{result.auto.many:,}"
    missed = "" if equal(result.by_hand.rows, result.truth) else " **of**"
    cells = [
        result.name,
        f"{result.by_hand.many:,}{missed}/{wanted:,}",
        f"{result.by_hand.outcome.requests:,}",
        f"{result.again.outcome.bodies:,}",
        f"{result.resumed.many:,}",
        f"{auto} ({result.auto.outcome.requests:,})",
        f"{result.by_hand.outcome.cpu:.2f}",
    ]
    if result.dlt is None:
        cells += ["", "", ""]
    else:
        rows = result.dlt.summary.get("rows")
        shown = "cannot" if rows is None else f"{rows:,}"
        cells += [shown, f"{result.dlt.requests:,}", f"{result.dlt.cpu:.2f}"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.shapes", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(SHAPES)}")
    parser.add_argument("--dlt", type=Path, metavar="PYTHON", help="the Python of an environment with dlt[duckdb]")
    parser.add_argument("--show", action="store_true", help="print the configurations, for `fetchdeck simulator`")
    given = parser.parse_args()
    if unknown := set(given.names) - set(SHAPES):
        parser.error(f"there is no shape {min(unknown)!r}; there are: {', '.join(SHAPES)}")
    if given.show:
        print("\n".join(Case(name).document(_SIMULATOR) for name in given.names or SHAPES))
        sys.exit()
    sys.exit(main([case for case in cases() if not given.names or case.name in given.names], given.dlt))
