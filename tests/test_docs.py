"""The documentation and the code check each other."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine.common import errors
from engine.config.settings import load_settings
from engine.config.tables import Common, HttpSettings, ScreenSettings
from engine.model.coverage import REFILLED, PartState
from engine.model.source import Response
from engine.pacing.response.headers import read
from engine.pacing.response.verdict import Verdict, judge
from engine.pacing.retry import (
    DEFAULT_RETRIES,
    FATAL_MESSAGES,
    TRANSIENT,
    Backoff,
    Outcome,
    penalty_wait,
    secondary_wait,
)
from engine.transport.git.errors import classify
from tui.cli.arguments import build_parser
from tui.cli.source_flags import SourceKeys
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

ROOT = Path(__file__).parents[1]
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
RETRIES = (ROOT / "docs" / "retries.md").read_text(encoding="utf-8")
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
        *("database", "theme", "patience"),
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


PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])


def headings(page: Path) -> list[str]:
    """Return the headings of a page, without comments in its blocks of code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [heading.strip() for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)]


def anchors(page: Path) -> set[str]:
    """Return what may follow `#` in a link to a page, as GitHub makes it of headings."""
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)]
    return {*plain, *re.findall(r'<a id="([^"]+)">', page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_the_same_heading_twice(page: Path) -> None:
    found = headings(page)

    assert {heading for heading in found if found.count(heading) > 1} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_to_a_file_and_a_heading_of_it(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#:]*)(?:#([^)\s]+))?\)", page.read_text(encoding="utf-8"))
    found = [(page.parent / name if name else page, name, anchor) for name, anchor in links]

    assert [name for file, name, _ in found if not file.exists()] == []
    assert [(name, at) for file, name, at in found if at and file.suffix == ".md" and at not in anchors(file)] == []


def test_every_test_that_the_page_on_terminals_names_exists() -> None:
    page = (ROOT / "docs" / "terminals.md").read_text(encoding="utf-8")
    named = {name if "/" in name else f"tests/terminal/{name}" for name in re.findall(r"`([\w/]+\.py)`", page)}

    assert len(named) > 12
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


# docs/retries.md against the rule: every status and every error it names is judged, and the outcome must be the row's.


def rows_of(section: str) -> Iterator[list[str]]:
    text = RETRIES.partition(f"## {section}\n")[2].partition("\n## ")[0]
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and not set(line) <= set("|-") and not cells[0].startswith("what "):
            yield cells


def verdict_of(result: Response | errors.FetchdeckError, attempt: int = 1) -> Verdict:
    limits = read(result.headers, server_now=0.0) if isinstance(result, Response) else None
    backoff = Backoff(chance=lambda: 0.0)
    return judge(result, attempt=attempt, retries=DEFAULT_RETRIES, limits=limits, accepted=False, backoff=backoff)


def answer_of(status: int, message: str = "", **headers: str) -> Response:
    return Response(status=status, headers=headers, body=message.encode(), url="http://x/", elapsed=0.1)


def error_of(name: str) -> errors.FetchdeckError:
    error = getattr(errors, name)("broke")
    assert isinstance(error, errors.FetchdeckError)
    return error


def named(cell: str) -> list[Response | errors.FetchdeckError]:
    """Return an attempt for each plain status and each error that a cell names."""
    plain = re.sub(r"\"[^\"]*\"|\d+ (?:with|whose|of an) [^;]*|but 202", "", cell)
    statuses = [answer_of(int(number)) for number in re.findall(r"\b\d{3}\b", plain)]
    statuses += [answer_of(number) for number in range(200, 300) if "2xx" in cell and number != 202]
    statuses = [replace(one, renewed="has a new one" in cell) for one in statuses]
    return [*statuses, *(error_of(name) for name in re.findall(r"`([A-Z]\w+)`", plain) if hasattr(errors, name))]


ANSWERS = [*rows_of("Answers"), *rows_of("Errors")]
GIT = list(rows_of("git and yt-dlp"))[:10]
TRANSLATED = [row for row in rows_of("git and yt-dlp") if row[2] in {f"`{one}`" for one in Outcome}]


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row[0][:40])
def test_the_page_on_retries_says_what_becomes_of_an_outcome(row: list[str]) -> None:
    came, outcome, again, after, counts, _ = row

    assert named(came)
    for result in named(came):
        first, last = verdict_of(result), verdict_of(result, DEFAULT_RETRIES + 1)
        assert f"`{first.outcome}`" == outcome
        assert first.retry == again.startswith(("always", "up to `retries` times", "once"))
        assert last.retry == (again == "always")
        assert (first.wait is not None) == ("backoff" in after)
        assert counts.startswith("yes") == (first.outcome.counts and first.outcome is not Outcome.SUCCESS)


@pytest.mark.parametrize("row", TRANSLATED, ids=lambda row: row[0][:40])
def test_the_page_on_retries_says_what_git_and_yt_dlp_become(row: list[str]) -> None:
    said, becomes, outcome = row

    results = named(becomes)
    assert results
    assert {f"`{verdict_of(result).outcome}`" for result in results} == {outcome}
    for words in re.findall(r'"([^"]+)"', said) if row in GIT else ():
        found = classify(f"fatal: {words}", "x")
        status = found[0] if isinstance(found, tuple) else None
        assert any(
            type(found) is type(one) if isinstance(one, errors.FetchdeckError) else one.status == status
            for one in results
        ), words


def test_the_page_on_retries_names_every_outcome_every_status_and_every_error() -> None:
    assert {row[1] for row in ANSWERS} == {f"`{outcome}`" for outcome in Outcome}
    assert set(map(int, re.findall(r"\d{3}", next(row[0] for row in ANSWERS if row[0].startswith("408"))))) == TRANSIENT
    assert all(f'"{words}"' in RETRIES for words in FATAL_MESSAGES)
    kinds = {type(one).__name__ for row in ANSWERS for one in named(row[0]) if isinstance(one, errors.FetchdeckError)}
    assert {each.__name__ for each in errors.TransportError.__subclasses__()} <= kinds


@pytest.mark.parametrize(
    "result",
    [
        answer_of(403, **{"retry-after": "9"}),
        answer_of(403, **{"x-ratelimit-remaining": "0"}),
        answer_of(403, "rate limit exceeded"),
        answer_of(403, "secondary rate limit"),
        answer_of(503, **{"retry-after": "9"}),
        answer_of(200, '{"errors": [{"type": "RATE_LIMITED"}]}'),
    ],
)
def test_the_refusals_that_the_page_on_retries_names_are_some(result: Response) -> None:
    assert verdict_of(result).outcome is Outcome.THROTTLED


@pytest.mark.parametrize("words", FATAL_MESSAGES)
def test_the_messages_that_the_page_on_retries_names_stop_the_source(words: str) -> None:
    assert verdict_of(answer_of(403, words)).outcome is Outcome.FATAL


def test_the_waits_on_the_page_on_retries_are_those_of_the_code() -> None:
    least, most = Backoff(chance=lambda: 0.0), Backoff(chance=lambda: 1.0)
    spans = [f"{least(number):g} to {most(number):g}" for number in (1, 2, 3, 99)]
    guesses = [f"{penalty_wait(None, strikes):g} s" for strikes in (1, 2, 3, 99)]

    assert [one for one in spans if one not in RETRIES.partition("## Backoff")[2]] == []
    assert [one for one in guesses if one not in RETRIES.partition("## Penalties")[2]] == []
    assert f"{penalty_wait(secondary_wait(1), 1):g} s" in RETRIES
    assert f"again: {DEFAULT_RETRIES} times without them" in RETRIES


def test_every_state_that_can_be_filled_is_named() -> None:
    states = {state.value for state in (PartState.FAILED, *REFILLED)}
    (row,) = re.findall(r"^\| `--fill PART` \|(.*)$", COMMAND_LINE, re.MULTILINE)
    run = build_parser().subparsers()["run"]
    (told,) = [action.help or "" for action in run.options() if "--fill" in action.option_strings]

    assert set(re.findall(r"`(\w+)`", row)) == states
    assert states <= set(re.findall(r"\w+", told))
