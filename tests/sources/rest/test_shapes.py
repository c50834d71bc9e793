"""Shapes of real APIs over real sockets, by hand and by `auto`: all rows, or an end that is told as cut."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bench.shapes.case import Case, cases
from engine.model.snapshot import GroupState
from simulator.config import SimulatorConfig, quiet
from simulator.shapes.api import ShapeSizes
from simulator.shapes.shape import Truth
from simulator.testing import Running, running
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.harvesting import harvest, rows

SIZES = ShapeSizes(items=87)
"""Five pages, the last of which is not full."""
CASES = {case.name: case for case in cases(SIZES)}
AUTO_IS_CUT = {
    "caseless": "has_more is true",  # which value of the last item is the cursor cannot be seen
}
"""Shapes whose paging `auto` cannot find, and the sign of a next page that it names instead."""


def served() -> SimulatorConfig:
    config = quiet(apis=list(CASES))
    return replace(config, apis=tuple(replace(api, sizes=SIZES) for api in config.apis))


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running(served()) as server:
        yield server


def play(case: Case, simulator: Running, database: Path, *, auto: bool = False, full: bool = False) -> GroupState:
    """Harvest a shape; return how it ended."""
    given = {key: value for key, value in case.options(simulator.url, auto=auto).items() if key != "kind"}
    source = Rest(msgspec.convert(given, RestOptions), name=case.name)
    return harvest(source, database, token=None, full=full).groups[0]


def stored(case: Case, database: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(rows(database, case.query(table)), key=repr) for table in case.truth}


def in_order(truth: Truth) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(each, key=repr) for table, each in truth.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_configuration_by_hand_brings_every_row_and_a_second_run_changes_none(
    name: str, simulator: Running, tmp_path: Path
) -> None:
    case, database = CASES[name], tmp_path / "h.db"

    simulator.reset(name)
    first = play(case, simulator, database)
    asked = simulator.stats(name)["requests"]

    assert stored(case, database) == in_order(case.truth)
    assert (first.walks.cut, first.failed) == (0, 0)

    simulator.reset(name)
    second = play(case, simulator, database)
    again = simulator.stats(name)

    assert stored(case, database) == in_order(case.truth)
    assert (second.walks.cut, second.failed) == (0, 0)
    if case.remembers:
        assert again["requests"] - again["unchanged"] <= max(1, asked // 10)


@pytest.mark.parametrize("name", CASES)
def test_a_list_that_has_grown_since_brings_every_new_row(name: str, simulator: Running, tmp_path: Path) -> None:
    case, database = CASES[name], tmp_path / "h.db"
    play(case, simulator, database)

    simulator.within(name, lambda api: api.grow())
    try:
        ended = play(case, simulator, database, full=case.has_windows)
    finally:
        simulator.within(name, lambda api: api.grow(grown=False))

    assert stored(case, database) == in_order(case.grown)
    assert (ended.walks.cut, ended.failed) == (0, 0)


@pytest.mark.parametrize("name", CASES)
def test_auto_brings_every_row_or_says_what_is_missing(name: str, simulator: Running, tmp_path: Path) -> None:
    case, database = CASES[name], tmp_path / "h.db"

    ended = play(case, simulator, database, auto=True)

    if name in AUTO_IS_CUT:
        assert ended.walks.cut == 1
        assert AUTO_IS_CUT[name] in ended.walks.named[0].reason
    else:
        assert stored(case, database) == in_order(case.truth)
        assert (ended.walks.cut, ended.failed) == (0, 0)
