"""`fetchdeck init --openapi`: a document becomes a source, which is tried against a server that answers by it."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.api_server import Answer, serving
from tests.openapi_server import Described
from tests.sources.driver import FIXTURES, RECORDINGS
from tests.tui.command import complaint, fetchdeck

yaml = pytest.importorskip("yaml", reason="the extra openapi is not installed")
SPECS = RECORDINGS.parent / "specs"
SMALL = {"shop-3.0.json": "/v2", "library-3.1.yaml": "/api", "forge-2.0.yaml": "/api"}


def load(file: Path) -> Mapping[str, Any]:
    if file.suffix == ".json":
        return dict(json.loads(file.read_bytes()))
    document: Mapping[str, Any] = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return document


def configuration(home: Path) -> Path:
    return home / ".config" / "fetchdeck" / "config.toml"


def harvested(home: Path, file: Path, prefix: str, params: list[str]) -> tuple[set[str], set[str]]:
    """Propose all lists, check, and harvest; return the document's lists and those of them that gave rows."""
    described = Described(load(file), prefix)
    with serving(described.answer) as api:
        given = [word for each in params for word in ("--param", each)]
        address = f"{api.url}{prefix}"
        made = fetchdeck(home, "init", "--openapi", str(file), "--all", "--name", "x", "--base-url", address, *given)
        assert made.returncode == 0, made.stderr
        _without_pace_and_secret(configuration(home))
        checked = fetchdeck(home, "check")
        ended = fetchdeck(home, "run", "x", "--headless", "--json")
    assert checked.returncode == 0, checked.stdout
    outcome = json.loads(ended.stdout)["sources"]["x"]
    assert (outcome["state"], outcome["failed"], outcome["cut"]) == ("done", 0, []), ended.stderr
    empty = [name for name in _endpoints(home) if not outcome["rows"].get(f"x_{name}")]
    assert empty == []
    return set(described.lists()), {described.path_of(asked) for asked in api.asked}


def _endpoints(home: Path) -> list[str]:
    return list(tomllib.loads(configuration(home).read_text())["sources"]["x"]["endpoints"])


def _without_pace_and_secret(file: Path) -> None:
    """Take out the limits, which would make the test slow, and the credential, which a loopback server does not ask."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith(("requests_per_", "auth = "))]
    file.write_text("\n".join(lines))


@pytest.mark.parametrize("name", SMALL)
def test_every_list_of_a_small_document_is_harvested(tmp_path: Path, name: str) -> None:
    lists, asked = harvested(tmp_path, FIXTURES / "openapi" / name, SMALL[name], ["q=x", "org=psf"])

    assert lists - asked == set()


@pytest.mark.parametrize(
    "name", ["github-openapi.json", "jikan-openapi.json", pytest.param("gitlab-openapi.yaml", marks=pytest.mark.slow)]
)
def test_nine_of_ten_lists_of_a_real_document_are_harvested_without_a_value_from_anybody(
    tmp_path: Path, name: str
) -> None:
    file = SPECS / name
    if not file.exists():
        pytest.skip(f"{name} lies outside of the repository, and is not here")

    lists, asked = harvested(tmp_path, file, "", [])

    assert len(lists & asked) >= 0.9 * len(lists), sorted(lists - asked)


def test_a_document_of_100_mb_is_refused_and_no_more_of_it_is_read_than_shows_that(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("wb") as file:
        file.truncate(100 << 20)

    line = complaint(fetchdeck(tmp_path, "init", "--openapi", str(tmp_path / "big.json"), "--all"))

    assert line.endswith("big.json: has more than 64 MiB: is it an OpenAPI document?")


def test_no_text_of_a_document_acts_on_a_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2J\x1b]0;x\x07[red]\n[http]\u202e"
    get = {
        "summary": evil,
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {}}}}}},
        "parameters": [{"name": evil, "in": "query", "required": True, "schema": {"type": "string"}}],
    }
    plain = {**get, "parameters": [], "description": evil}
    document = {"openapi": "3.0.0", "info": {"title": evil}, "paths": {"/a": {"get": get}, "/b": {"get": plain}}}
    (tmp_path / "evil.json").write_text(json.dumps(document))

    made = fetchdeck(
        tmp_path, "init", "--openapi", str(tmp_path / "evil.json"), "--all", "--base-url", "https://x.example"
    )

    written = configuration(tmp_path).read_text()
    assert made.returncode == 0, made.stderr
    assert list(tomllib.loads(written)["sources"]) == ["x"]
    assert not {"\x1b", "\x07", "\u202e"} & set(made.stdout + made.stderr + written)


SHOP = str(FIXTURES / "openapi" / "shop-3.0.json")


def test_lists_are_chosen_by_name_path_or_pattern_and_their_parents_come_along(tmp_path: Path) -> None:
    fetchdeck(tmp_path, "init", "--openapi", SHOP, "--endpoints", "lin*", "--name", "x")

    assert _endpoints(tmp_path) == ["customers", "orders", "lines"]


def test_a_dry_run_prints_the_table_alone(tmp_path: Path) -> None:
    made = fetchdeck(tmp_path, "init", "--openapi", SHOP, "--endpoints", "/customers", "--dry-run")

    assert list(tomllib.loads(made.stdout)["sources"]) == ["shop"]
    assert not configuration(tmp_path).exists()


def test_a_document_may_be_at_an_address(tmp_path: Path) -> None:
    content = Path(SHOP).read_bytes()
    with serving(lambda _: Answer(body=content)) as api:
        made = fetchdeck(tmp_path, "init", "--openapi", f"{api.url}/openapi.json", "--all", "--param", "q=1")

    assert made.returncode == 0, made.stderr
    assert "✗ shop: no token" in made.stdout or "FETCHDECK_SHOP_TOKEN" in made.stdout
    assert (
        tomllib.loads(configuration(tmp_path).read_text())["sources"]["shop"]["base_url"]
        == "https://api.shop.example/v2"
    )


def test_without_a_choice_there_is_one_line_with_the_lists(tmp_path: Path) -> None:
    line = complaint(fetchdeck(tmp_path, "init", "--openapi", SHOP))

    assert line == "choose with --all or --endpoints NAME,NAME; the lists are customers, orders, lines, search"


def test_a_question_mark_lists_every_list_with_its_path_and_writes_nothing(tmp_path: Path) -> None:
    ended = fetchdeck(tmp_path, "init", "--openapi", SHOP, "--endpoints", "?")

    *lists, last = ended.stderr.splitlines()
    assert [line.split()[0] for line in lists] == ["customers", "orders", "lines", "search"]
    assert last.endswith("choose with --all or --endpoints NAME,NAME; nothing was written")
    assert ended.returncode == 2
    assert not configuration(tmp_path).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--openapi", SHOP, "--endpoints", "costumers"], 'no list "costumers": did you mean "customers"?'),
        (["--openapi", SHOP, "--endpoints", "search"], "search needs a value: add --param q=VALUE"),
        (["--openapi", SHOP, "--all", "--param", "q"], "--param q: want NAME=VALUE, as in --param org=psf"),
        (["--openapi", "nowhere.json", "--all"], "nowhere.json: cannot be read: No such file or directory"),
        (["--openapi", SHOP, "--all", "--base-url", "ftp://x"], "add --base-url https://HOST"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(tmp_path: Path, arguments: list[str], said: str) -> None:
    assert said in complaint(fetchdeck(tmp_path, "init", *arguments))
    assert not configuration(tmp_path).exists()
