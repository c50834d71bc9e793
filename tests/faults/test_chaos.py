"""Whole harvests in chaos: what is stored in the end is what a calm harvest stores, and no limit was broken."""

import os
from pathlib import Path

import pytest

from tests.faults.chaos import run

NIGHT = range(1, 21)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_harvest_in_chaos_stores_what_a_calm_one_does(disk_path: Path, seed: int) -> None:
    said = list[str]()

    assert run(seed, 20.0, disk_path, said.append) == [], "\n".join(said)


@pytest.mark.night
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", NIGHT)
def test_two_minutes_of_chaos(disk_path: Path, seed: int) -> None:
    said = list[str]()

    assert run(seed, float(os.environ.get("FETCHDECK_CHAOS", "120")), disk_path, said.append) == [], "\n".join(said)
