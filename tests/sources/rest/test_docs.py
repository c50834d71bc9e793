"""Configurations in the docs of `rest` could start, and those of the how-to page bring every row of their API."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from bench.shapes.case import PAGE as HOW_TO
from bench.shapes.case import Case, configurations, served_by
from simulator.config import quiet
from simulator.shapes.catalog import SHAPES
from simulator.testing import Running, running
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.limits import Resource
from sources.rest.config.options import RestOptions
from sources.rest.config.paging import Paging
from sources.rest.config.refresh import Refresh
from sources.rest.config.since import Since
from sources.rest.config.windows import Windows
from sources.rest.source import Rest
from tests.harvesting import harvest, rows
from tui.cli.subcommands.config import schema
from tui.wiring.registry import Registry

SCHEMA = schema(Registry())
NO_KEYS = {"id", "raw", "exports"}
"""What else stands in those places: a value of an item, a column of every table, the name of a resource."""
PAGE = (Path(__file__).parents[3] / "docs" / "rest.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SHOWN = [
    (name, language, answer)
    for language, answer, name in re.findall(
        r"```(json|http|csv|jsonl)\n(.*?)```\n\n```toml\n\[sources\.([\w-]+)\]", HOW_TO.read_text("utf-8"), re.DOTALL
    )
]


def blocks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each source with what earlier blocks said of it: a block shows one endpoint of several, or none."""
    known: dict[str, dict[str, Any]] = {}
    for block in BLOCKS:
        for name, table in tomllib.loads(block).get("sources", {}).items():
            before = known.get(name, {"base_url": "https://api.example.com"})
            endpoints = {**before.get("endpoints", {}), **table.get("endpoints", {})} or {"items": {"path": "/items"}}
            known[name] = {**before, **table, "endpoints": endpoints}
            yield name, known[name]


def source(name: str, table: dict[str, Any]) -> Rest:
    return Rest(msgspec.convert({key: value for key, value in table.items() if key != "kind"}, RestOptions), name=name)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running(quiet(apis=list(SHAPES))) as server:
        yield server


def first_page(name: str, simulator: Running) -> httpx2.Response:
    """Ask a shape as its configuration does."""
    table = served_by(simulator.url, name, configurations()[name])
    endpoint = next(iter(table["endpoints"].values()))
    window = endpoint.get("windows", {})
    ends = {window["start_param"]: "2025-01-01", window["end_param"]: "2025-02-01"} if window else {}
    return httpx2.request(
        "POST" if "json" in endpoint else "GET",
        table["base_url"] + endpoint["path"],
        params={key: str(value) for key, value in {**endpoint.get("params", {}), **ends}.items()},
        json=endpoint.get("json"),
        headers=endpoint.get("headers"),
    )


def is_part(shown: object, served: object) -> bool:
    """Say whether what is shown has members and kinds of values of what is served."""
    if isinstance(shown, dict):
        return isinstance(served, dict) and all(
            key in served and is_part(value, served[key]) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(served, list) and all(is_part(value, served[0]) for value in shown)
    return shown is None or isinstance(served, type(shown))


@pytest.mark.parametrize(("name", "table"), list(blocks()))
def test_a_configuration_on_the_page_could_start(name: str, table: dict[str, Any]) -> None:
    assert source(name, table).tables


def test_the_page_shows_configurations() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("The keys of an endpoint", Endpoint),
        ("Paging", Paging),
        ("A second run", Since),
        ("Windows of time", Windows),
        ("Details that did not change", Refresh),
        ("Limits by path", Resource),
    ],
)
def test_the_page_has_a_row_for_every_key(heading: str, table: type[msgspec.Struct]) -> None:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)

    assert set(table.__struct_encode_fields__) <= {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_the_how_to_page_leads_to_each_of_its_sections() -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert len(sections) > 20
    assert [
        name for name in sections if f"](#{re.sub('[^a-z0-9 ]', '', name.lower()).replace(' ', '-')})" not in text
    ] == []


def test_the_how_to_page_has_every_shape_of_the_simulator_and_an_answer_of_each() -> None:
    assert set(configurations()) == set(SHAPES)
    assert [name for name, _, _ in SHOWN] == list(configurations())


@pytest.mark.parametrize("name", list(configurations()))
def test_a_configuration_of_the_how_to_page_brings_every_row_as_it_stands_there(
    name: str, simulator: Running, tmp_path: Path
) -> None:
    case = Case(name)
    table = served_by(simulator.url, name, configurations()[name])

    ended = harvest(source(name, table), tmp_path / "h.db").groups[0]

    assert sorted(rows(tmp_path / "h.db", case.query(case.table))) == sorted(case.truth[case.table])
    assert (ended.walks.cut, ended.failed) == (0, 0)


@pytest.mark.parametrize(("name", "language", "answer"), SHOWN, ids=[name for name, _, _ in SHOWN])
def test_an_answer_on_the_how_to_page_is_one_that_the_api_gives(
    name: str, language: str, answer: str, simulator: Running
) -> None:
    served = first_page(name, simulator)
    headers, _, body = answer.partition("\n\n") if language == "http" else ("", "", answer)

    assert [line for line in headers.splitlines() if line.partition(":")[0] not in served.headers] == []
    if language == "csv":
        assert served.text.splitlines()[0] == body.splitlines()[0]
    elif language == "jsonl":
        assert all(is_part(json.loads(line), json.loads(served.text.splitlines()[0])) for line in body.splitlines())
    else:
        assert is_part(json.loads(body), served.json())


def names(schema: Any) -> Iterator[str]:
    """Yield every key of a configuration, and every value that a key may have, of a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema["properties"] if isinstance(schema.get("properties"), dict) else ()
        yield from (str(value) for value in [*schema.get("enum", ()), schema.get("const", "")])
        schema = list(schema.values())
    for each in schema if isinstance(schema, list) else ():
        yield from names(each)


KNOWN = {*names(SCHEMA)}


def keys_named(page: str) -> Iterator[str]:
    """Yield the keys that a page names as such: in tables of keys, in `key = value`, beside those of other tools."""
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        head, _, *lines = table.splitlines()
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        if head.startswith("| key"):
            yield from (key for row in cells for key in re.findall(r"`([\w.]+)`", row[0]))
        if "dlt" in head and head.endswith("here |"):
            yield from (key for row in cells for key in re.findall(r"`([^`]+)`", row[-1]))
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    yield from re.findall(r"`(?:[^`]*[{,(] ?)?([a-z][\w.]*) = [^`]*`", prose)


@pytest.mark.parametrize("page", [PAGE, HOW_TO.read_text("utf-8")], ids=["rest.md", "rest-howto.md"])
def test_every_key_that_a_page_names_is_one_of_the_schema(page: str) -> None:
    named = {word for key in keys_named(page) for word in re.split(r"[.{}]", key) if word and not word.isupper()}

    assert named - KNOWN - NO_KEYS == set()
    assert "next" in named
