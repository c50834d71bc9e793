"""How long 200 pages take whose number is known: one after the other, and in parallel."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.shapes.case import Case
from bench.shapes.process import fetchdeck, stored
from bench.shapes.result import equal
from simulator.common.settings import Capacity
from simulator.config import quiet
from simulator.shapes.api import ShapeSizes
from simulator.testing import running

SHAPE: Final = "atlassian"
_SIZES: Final = ShapeSizes(items=4000)
_CAPACITY: Final = Capacity(latency=0.1)
SHARE: Final = 1 / 3
"""The most that parallel pages may take of the serial time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One way of reading the pages."""

    requests: int
    seconds: float
    """From the start of the harvest to its end, as `--json` says: without the start of the program."""
    whole: bool


def measure() -> tuple[Pace, Pace]:
    """Return the serial pace and the parallel one."""
    config = quiet(apis=[SHAPE])
    config = config.with_api(replace(config.api(SHAPE), sizes=_SIZES, capacity=_CAPACITY))
    case = Case(SHAPE, _SIZES)
    paces = []
    for parallel in (False, True):
        with running(config) as server, tempfile.TemporaryDirectory() as folder:
            ran = fetchdeck(case, server, Path(folder), settings={"parallel": parallel})
            whole = ran.code == 0 and equal(stored(case, Path(folder)), case.truth)
            paces.append(Pace(requests=ran.requests, seconds=float(ran.summary.get("duration", 0)), whole=whole))
    return paces[0], paces[1]
