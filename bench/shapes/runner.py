"""Runs the real program against one shape: by hand, again, after growth, killed and resumed, and by `auto`."""

import tempfile
from pathlib import Path

from bench.shapes.case import Case
from bench.shapes.process import dlt, fetchdeck, stored
from bench.shapes.result import Result, Run
from simulator.testing import Running


def measure(case: Case, server: Running, *, python_of_dlt: Path | None = None) -> Result:
    """Harvest a shape in every way, each way in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        by_hand = _run(case, server, Path(folder))
        again = _run(case, server, Path(folder))
        server.within(case.name, lambda api: api.grow())
        later = _run(case, server, Path(folder), full=case.has_windows)
        server.within(case.name, lambda api: api.grow(grown=False))
    with tempfile.TemporaryDirectory() as folder:
        killed = fetchdeck(case, server, Path(folder), kill_after=max(1, by_hand.outcome.requests // 2))
        resumed = _run(case, server, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        auto = _run(case, server, Path(folder), auto=True)
    with tempfile.TemporaryDirectory() as folder:
        other = dlt(case, server, Path(folder), python_of_dlt) if python_of_dlt else None
    return Result(
        name=case.name,
        truth=case.truth,
        grown=case.grown,
        remembers=case.remembers,
        by_hand=by_hand,
        again=again,
        later=later,
        killed=killed,
        resumed=resumed,
        auto=auto,
        dlt=other,
    )


def _run(case: Case, server: Running, folder: Path, *, auto: bool = False, full: bool = False) -> Run:
    outcome = fetchdeck(case, server, folder, auto=auto, full=full)
    return Run(outcome=outcome, rows=stored(case, folder))
