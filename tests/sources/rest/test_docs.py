"""Every configuration on the page docs/rest.md is one that could start."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sources.rest.config.options import RestOptions
from sources.rest.source import Rest

PAGE = (Path(__file__).parents[3] / "docs" / "rest.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def configurations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each source with what earlier blocks said of it: a block shows one endpoint of several, or none."""
    known: dict[str, dict[str, Any]] = {}
    for block in BLOCKS:
        for name, table in tomllib.loads(block).get("sources", {}).items():
            before = known.get(name, {"base_url": "https://api.example.com"})
            endpoints = {**before.get("endpoints", {}), **table.get("endpoints", {})} or {"items": {"path": "/items"}}
            known[name] = {**before, **table, "endpoints": endpoints}
            yield name, {key: value for key, value in known[name].items() if key != "kind"}


@pytest.mark.parametrize(("name", "table"), list(configurations()))
def test_a_configuration_on_the_page_could_start(name: str, table: dict[str, Any]) -> None:
    source = Rest(msgspec.convert(table, RestOptions), name=name)

    assert source.tables


def test_the_page_shows_configurations() -> None:
    assert len(BLOCKS) >= 5
