"""`fetchdeck config schema`: it takes every configuration that fetchdeck takes, and refuses what a schema can."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.common.errors import UsageError
from engine.config.settings import load_settings
from tests.tui.command import fetchdeck
from tui.cli.subcommands.config import schema
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

ROOT = Path(__file__).parents[4]
SCHEMA = schema(Registry())
VALIDATOR = Draft202012Validator(SCHEMA)
PAGES = [ROOT / "docs" / name for name in ("configuration.md", "rest.md", "rest-howto.md", "sources.md")]
SHOWN = [text for page in PAGES for text in re.findall(r"```toml\n(\[sources\..*?)```", page.read_text(), re.DOTALL)]
ABOUT = {"kind": "rest", "base_url": "https://api.example.org", "endpoints": {"items": {"path": "/items"}}}
REST = """
[sources.shop]
kind = "rest"
base_url = "https://api.example.org"
[sources.shop.endpoints.items]
path = "/items"
"""


def plain(value: Any) -> Any:
    """Return what a TOML document is in JSON: dates are texts."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def problems(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(plain(tomllib.loads(text)))]


def test_the_command_prints_a_valid_schema(tmp_path: Path) -> None:
    ended = fetchdeck(tmp_path, "config", "schema")

    assert (ended.returncode, ended.stderr) == (0, "")
    printed = json.loads(ended.stdout)
    Draft202012Validator.check_schema(printed)
    assert printed == json.loads(json.dumps(SCHEMA))


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_it_takes_every_example(example: Path) -> None:
    assert problems(example.read_text()) == []


@pytest.mark.parametrize("shown", SHOWN, ids=lambda text: text.split("\n")[0])
def test_it_takes_what_the_pages_show_of_a_source(shown: str) -> None:
    document = tomllib.loads(shown)
    for name, table in document["sources"].items():
        if name not in Registry().names():  # the page on rest shows parts of tables
            document["sources"][name] = {**ABOUT, **table}

    assert [error.message for error in VALIDATOR.iter_errors(plain(document))] == []


def test_it_says_what_keys_mean() -> None:
    definitions = SCHEMA["$defs"]

    assert definitions["HttpSettings"]["properties"]["body_limit"]["description"].startswith("Mebibytes")
    assert definitions["sources.github"]["properties"]["cap"]["description"] == "Upper bound of requests in flight."
    assert definitions["sources.rest"]["required"] == ["base_url", "endpoints"]


def test_its_patterns_are_those_of_json_schema() -> None:
    patterns = re.findall(r'"pattern": "(.*?)"[,}]', json.dumps(SCHEMA))

    assert len(patterns) > 5
    assert [one for one in patterns if r"\\Z" in one or r"\\A" in one or "(?P" in one] == []


def prepare(file: Path) -> None:
    """Read a configuration as every command does."""
    wiring = Wiring(settings=load_settings(file), registry=Registry(), environ={}, version="0")
    for name in wiring.settings.sources:
        wiring.prepare(name)


BAD = [
    "theme = 7",
    'themes = "paper"',
    "[http]\ntotal_timeout = 0",
    "[http]\nbody_limit = 1.5",
    "[http]\nbody_limits = 1",
    "[screen]\nhz = 99",
    '[screen]\nbell = "yes"',
    "[keys]\npause = 1",
    "[sources.github]\nworkers = 0",
    "[sources.github]\nworkers = true",
    "[sources.github]\nyaer = 2024",
    '[sources.github]\norgs = "python"',
    '[sources.github]\ntoken = "s3cret"',
    "[sources.github]\ntoken_command = []",
    '[sources.gitlab]\nshared = "deeply"',
    "[sources.shop]\nweight = 2",
    '[sources.shop]\nkind = "soap"',
    REST.replace("https:", "ftp:"),
    REST.replace('path = "/items"', ""),
    REST.replace('path = "/items"', 'path = "items"'),
    REST.replace("endpoints.items", "endpoints.Items"),
    REST + 'paging = { style = "pages" }',
    REST + "paging = { max_pages = 0 }",
    REST + 'since = { param = "since" }',
    REST + "skip = [200]",
    REST.replace('kind = "rest"', 'kind = "rest"\nauth = { type = "digest" }'),
    REST.replace('kind = "rest"', 'kind = "rest"\nauth = { type = "header" }'),
    REST.replace('kind = "rest"', 'kind = "rest"\nauth = { type = "bearer", name = "X" }'),
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: " ".join(text.split())[-48:])
def test_it_refuses_what_fetchdeck_refuses(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)

    with pytest.raises(UsageError) as refused:
        prepare(file)

    assert "\n" not in str(refused.value)
    assert problems(text) != []


def test_the_table_that_the_bad_ones_are_made_of_is_right() -> None:
    assert problems(REST) == []
