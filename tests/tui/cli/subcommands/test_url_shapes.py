"""Shapes of real APIs, harvested by nothing but the address of their list."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bench.shapes.case import Case
from simulator.config import quiet
from simulator.shapes.api import ShapeSizes
from simulator.testing import Running, running
from tests.tui.command import fetchdeck

SIZES = ShapeSizes(items=87)
WHOLE = (
    "wordpress", "wordpress-pages", "spring", "github-links", "x-total-count", "exact-multiple", "total-too-low",
    "total-too-high", "pokeapi", "atlassian", "atlassian-capped", "capped", "filtered", "confluence", "filtered-total",
    "stripe", "slack", "odata", "json-api", "airtable", "azure", "cosmos", "rates", "csv", "jsonl",
)  # fmt: skip
CUT = "caseless"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    config = quiet(apis=[*WHOLE, CUT])
    with running(replace(config, apis=tuple(replace(api, sizes=SIZES) for api in config.apis))) as server:
        yield server


def harvested(name: str, simulator: Running, home: Path) -> tuple[int, dict[str, Any], int]:
    """Run the address of a shape's list; return the exit code, the outcome and the number of rows there are."""
    case = Case(name, SIZES)
    options = case.options(simulator.url, auto=True)
    (endpoint,) = options["endpoints"].values()
    query = urlencode({**options.get("params", {}), **endpoint.get("params", {})})
    ended = fetchdeck(
        home, "run", f"{options['base_url']}{endpoint['path']}{f'?{query}' if query else ''}", "--headless", "--json"
    )
    (outcome,) = json.loads(ended.stdout)["sources"].values()
    (truth,) = case.truth.values()
    return ended.returncode, outcome, len(truth)


@pytest.mark.parametrize("name", WHOLE)
def test_the_address_of_a_list_brings_all_its_rows(name: str, simulator: Running, tmp_path: Path) -> None:
    code, outcome, there_are = harvested(name, simulator, tmp_path)

    assert list(outcome["rows"].values()) == [there_are]
    assert (code, outcome["cut"]) == (0, [])


def test_a_list_that_cannot_be_followed_is_never_called_whole(simulator: Running, tmp_path: Path) -> None:
    code, outcome, there_are = harvested(CUT, simulator, tmp_path)

    assert sum(outcome["rows"].values()) < there_are
    assert code == 1
    assert "configure paging" in outcome["cut"][0]["reason"]
