"""The documentation and the code check each other."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine.config.settings import load_settings
from engine.config.tables import Common, HttpSettings, ScreenSettings
from tui.cli.arguments import build_parser
from tui.cli.source_flags import SourceKeys
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

ROOT = Path(__file__).parents[1]
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SHIPPED = ("anime", "github", "gitlab", "pr0gramm", "rest", "videos")


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def parsers() -> Iterator[tuple[str, set[str]]]:
    parser = build_parser()
    for name, one in (("", parser), *parser.subparsers().items()):
        visible = [action for action in one.options() if action.help != "==SUPPRESS=="]
        yield name, {flag for action in visible for flag in action.option_strings if flag.startswith("--")}


def sources_options() -> set[str]:
    """Return the options that are keys of sources, switches with both of their words."""
    settings = load_settings(ROOT / "none.toml")
    keys = SourceKeys(registry=declared(), settings=settings)
    plain = {key.replace("_", "-") for name in SHIPPED for key in keys.hints(name)}
    return {f"--{key}" for key in plain} | {f"--no-{key}" for key in plain}


def declared() -> Registry:
    """Return the sources of pyproject.toml, installed or not."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][GROUP]
    return Registry([EntryPoint(name, value, GROUP) for name, value in points.items()])


def keys_in_tables(text: str) -> set[str]:
    first_cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return {key for cell in first_cells for key in re.findall(r"`([\w.]+)`", cell)}


@pytest.mark.parametrize("name", [name for name, _ in parsers() if name])
def test_every_command_is_documented(name: str) -> None:
    assert f"fetchdeck {name}" in COMMAND_LINE


@pytest.mark.parametrize(("name", "flags"), list(parsers()))
def test_every_option_is_documented(name: str, flags: set[str]) -> None:
    assert flags <= options(COMMAND_LINE), name


@pytest.mark.parametrize(
    "path",
    [
        "docs/command-line.md",
        "docs/configuration.md",
        "examples/github.toml",
        "examples/pr0gramm.toml",
        "examples/simulator.toml",
    ],
)
def test_no_option_is_documented_that_does_not_exist(path: str) -> None:
    known = {flag for _, flags in parsers() for flag in flags} | sources_options()

    assert options((ROOT / path).read_text(encoding="utf-8")) <= known


def test_every_exit_code_is_documented() -> None:
    documented = set(re.findall(r"^\| (\d+) \|", COMMAND_LINE, re.MULTILINE))

    assert documented == {str(int(code)) for code in Exit}


@pytest.mark.parametrize("source", SHIPPED)
def test_every_option_of_a_source_is_documented(source: str) -> None:
    section = CONFIGURATION.partition(f"### `[sources.{source}]`")[2].partition("\n#")[0]

    assert keys_in_tables(section) == set(declared().load(source).Options.__struct_encode_fields__)


def test_every_key_of_the_whole_program_is_documented() -> None:
    section = CONFIGURATION.partition("## The whole program")[2].partition("\n## ")[0]

    tables = {"http": HttpSettings, "screen": ScreenSettings}
    assert keys_in_tables(section) == {
        *("database", "theme"),
        *(f"{name}.{key}" for name, table in tables.items() for key in table.__struct_fields__),
    }


def test_every_key_common_to_all_sources_is_documented() -> None:
    section = CONFIGURATION.partition("## Every source")[2].partition("\n### ")[0]

    assert keys_in_tables(section) == set(Common.__struct_fields__)


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_every_example_is_a_configuration_that_could_start(example: Path) -> None:
    settings = load_settings(example, required=True)
    wiring = Wiring(settings=settings, registry=Registry(), environ={}, version="0")

    assert settings.sources
    for name in settings.sources:
        wiring.prepare(name).check(0.0)


def test_the_configuration_shown_could_start(tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", CONFIGURATION, re.DOTALL)
    for text in shown:
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        settings = load_settings(tmp_path / "config.toml", required=True)
        for name in settings.sources:
            Wiring(settings=settings, registry=Registry(), environ={}, version="0").prepare(name).check(0.0)
    assert shown


def test_every_test_that_the_page_on_terminals_names_exists() -> None:
    page = (ROOT / "docs" / "terminals.md").read_text(encoding="utf-8")
    named = {name if "/" in name else f"tests/terminal/{name}" for name in re.findall(r"`([\w/]+\.py)`", page)}

    assert len(named) > 12
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
