"""Sources that the configuration makes: several REST APIs, each under a name of its own, and a second host."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.config.settings import load_settings
from engine.transport.wrappers import HeaderRenamingTransport, RoutingTransport
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

SHIPPED = [
    EntryPoint("anime", "sources.anime.source:Anime", GROUP),
    EntryPoint("github", "sources.github.source:GitHub", GROUP),
    EntryPoint("rest", "sources.rest.source:Rest", GROUP),
]
EXAMPLE = """
[sources.fleet]
kind = "rest"
base_url = "http://127.0.0.1:1"
[sources.fleet.endpoints.ships]
path = "/ships"
"""


def wiring(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Wiring:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    settings = load_settings(folder / "config.toml")
    return Wiring(settings=settings, registry=Registry(SHIPPED), environ=environ or {}, version="1")


def test_a_table_with_a_kind_is_a_source_of_its_own_name(tmp_path: Path) -> None:
    built = wiring(tmp_path, EXAMPLE + EXAMPLE.replace("fleet", "reef"))

    built.check(["fleet", "reef", "github"])
    assert {"fleet", "reef", "github", "rest"} <= set(built.names())
    assert [built.prepare(name).source.name for name in ("fleet", "reef")] == ["fleet", "reef"]
    assert [table.name for table in built.prepare("fleet").source.tables] == ["ships"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (EXAMPLE.replace('"rest"', '"rset"'), 'sources.fleet: there is no source "rset": did you mean "rest"'),
        (EXAMPLE.replace('"rest"', '"github"'), 'sources.fleet.kind: there is one "github" only'),
        (EXAMPLE.replace("fleet", "github"), 'sources.github.kind: "github" is a source of its own'),
        (EXAMPLE.replace("fleet", "Fleet"), "sources.Fleet: want lower-case letters, digits and hyphens"),
    ],
)
def test_a_table_no_source_can_be_made_of_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        wiring(tmp_path, text)

    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ("paging = { style = 'pages' }", 'fleet.endpoints.ships.paging.style: got "pages", want one of'),
        ("paging = { style = 'offset' }", 'endpoints.ships.paging.size: is missing; style = "offset" needs it'),
        ("colums = {}", 'fleet.endpoints.ships.colums: unknown key, did you mean "columns"'),
        ("columns = { id = 'a b' }", 'fleet.endpoints.ships.columns.id: got "a b", want text (a JSON path'),
        ("columns = { raw = 'x' }", 'endpoints.ships.columns.raw: every table has a column "raw" of its own'),
        ("parent = 'shoals'", 'endpoints.ships.parent: there is no endpoint "shoals"; there are ships'),
        ("parent = 'ships'", "endpoints.ships.parent:"),
        ("params = { a = '{id}' }", "endpoints.ships.params.a: {id} means nothing here; want {parent.PATH}"),
        ("params = { a = '{parent.id}' }", "endpoints.ships.params.a: {parent.id} wants 1 parents, and there are 0"),
        ("key = ['Id']", 'fleet.endpoints.ships.key[0]: got "Id"'),
    ],
)
def test_a_wrong_key_is_named_with_its_file_and_what_would_be_right(tmp_path: Path, extra: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        wiring(tmp_path, EXAMPLE + extra).prepare("fleet")

    assert "config.toml" in str(refused.value)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("auth", "header", "query"),
    [
        ('type = "bearer"', ("Authorization", "Bearer s3:t"), None),
        ('type = "header", name = "X-Key", prefix = "Key "', ("X-Key", "Key s3:t"), None),
        ('type = "basic"', ("Authorization", "Basic czM6dA=="), None),
        ('type = "query", name = "api_key"', None, ("api_key", "s3:t")),
    ],
)
def test_a_secret_travels_as_the_configuration_says(
    tmp_path: Path, auth: str, header: tuple[str, str] | None, query: tuple[str, str] | None
) -> None:
    text = EXAMPLE.replace('kind = "rest"', f'kind = "rest"\nauth = {{ {auth} }}')
    configured = wiring(tmp_path, text, {"FETCHDECK_FLEET_TOKEN": "s3:t"}).prepare("fleet")

    credentials = configured.read_credentials()

    assert credentials is not None
    found = [(name, one.reveal()) for name, one in {**credentials.headers, **credentials.query}.items()]
    assert found == [header or query]
    assert bool(credentials.query) == bool(query)


def test_a_required_secret_that_is_missing_is_named(tmp_path: Path) -> None:
    text = EXAMPLE.replace('kind = "rest"', 'kind = "rest"\nauth = { type = "bearer", env = "FLEET_KEY" }')

    with pytest.raises(UsageError, match="fleet: needs a token and found none; set FLEET_KEY"):
        wiring(tmp_path, text).prepare("fleet").check(0.0)


async def test_a_second_host_has_a_transport_of_its_own(tmp_path: Path) -> None:
    built = wiring(tmp_path, "[sources.anime]\nids = [1]\n")

    transport = built.transport(built.prepare("anime"))

    assert isinstance(transport, RoutingTransport)
    await transport.close()


async def test_headers_of_other_names_are_read(tmp_path: Path) -> None:
    text = EXAMPLE.replace('kind = "rest"', 'kind = "rest"\nlimit_headers = { remaining = "X-Left" }')
    built = wiring(tmp_path, text)

    transport = built.transport(built.prepare("fleet"))

    assert isinstance(transport, HeaderRenamingTransport)
    await transport.close()
