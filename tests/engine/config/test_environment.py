"""Settings by variables of the environment: file < environment < --set < flags."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

from engine.common.errors import ConfigError
from engine.config.overrides import parse_override
from engine.config.settings import Settings, load_settings

FILE = """
theme = "paper"
[sources.github]
orgs = ["python"]
workers = 2
[sources.my-api]
kind = "rest"
token_env = "FETCHDECK_MY__KEY"
headers = { X-Team = "a" }
"""


class Options(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    orgs: list[str] = []
    year: Annotated[int, msgspec.Meta(ge=2008, le=2100)] | None = None
    forks: bool = False


def load(folder: Path, environ: dict[str, str], *overrides: str, text: str = FILE, **flags: Any) -> Settings:
    file = folder / "config.toml"
    file.write_text(text)
    given = [(("sources", "github", name), value) for name, value in flags.items()]
    return load_settings(file, environ=environ, overrides=map(parse_override, overrides), flags=given)


def test_a_variable_wins_over_the_file_and_set_over_both_and_a_flag_over_all(tmp_path: Path) -> None:
    variable = {"FETCHDECK_SOURCES__GITHUB__WORKERS": "5"}

    found = [
        load(tmp_path, {}).source("github").common.workers,
        load(tmp_path, variable).source("github").common.workers,
        load(tmp_path, variable, "github.workers=6").source("github").common.workers,
        load(tmp_path, variable, "github.workers=6", workers=7).source("github").common.workers,
    ]

    assert found == [2, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024", {"year": 2024}),
        ('"x"', None),
    ],
)
def test_a_value_is_toml(tmp_path: Path, text: str, wanted: dict[str, Any] | None) -> None:
    settings = load(tmp_path, {"FETCHDECK_SOURCES__GITHUB__YEAR": text}).source("github")

    if wanted is None:
        with pytest.raises(
            ConfigError, match=r"FETCHDECK_SOURCES__GITHUB__YEAR \(sources\.github\.year\): got \"x\", want"
        ):
            settings.options(Options)
    else:
        assert settings.options(Options).year == wanted["year"]


def test_values_may_be_written_as_other_programs_want_them(tmp_path: Path) -> None:
    environ = {
        "FETCHDECK_SOURCES__GITHUB__ORGS": '["a", "b"]',
        "FETCHDECK_SOURCES__GITHUB__FORKS": "True",
        "FETCHDECK_SOURCES__GITHUB__RATE": '{"core": "5/1s"}',
        "FETCHDECK_HTTP__TOTAL_TIMEOUT": "90",
        "FETCHDECK_THEME": "midnight",
        "FETCHDECK_DATABASE": "",
    }

    settings = load(tmp_path, environ)

    options = settings.source("github").options(Options)
    assert (options.orgs, options.forks) == (["a", "b"], True)
    assert settings.source("github").common.rate == {"core": "5/1s"}
    assert (settings.http.total_timeout, settings.theme, settings.database) == (90, "midnight", None)


def test_case_does_not_count_and_an_underscore_stands_for_a_hyphen(tmp_path: Path) -> None:
    environ = {"fetchdeck_sources__my_api__spacing": "2", "FETCHDECK_SOURCES__MY_API__HEADERS__X_TEAM": "b"}

    source = load(tmp_path, environ).source("my-api")

    assert source.common.spacing == 2
    assert source.own["headers"] == {"X-Team": "b"}


def test_a_source_can_come_from_the_environment_alone(tmp_path: Path) -> None:
    settings = load(tmp_path, {"FETCHDECK_SOURCES__GITHUB__ORGS": '["a"]'}, text="")

    assert settings.source("github").options(Options).orgs == ["a"]


def test_variables_that_hold_a_secret_are_no_settings(tmp_path: Path) -> None:
    environ = {
        "FETCHDECK_GITHUB_TOKEN": "s3cret",
        "FETCHDECK_MY_API_TOKEN": "s3cret",
        "FETCHDECK_MY__KEY": "s3cret",
        "FETCHDECK_PR0GRAMM_ME": "s3cret",
        "FETCHDECK_CONFIG": "x",
        "FETCHDECK_VERSION": "1",
    }

    assert load(tmp_path, environ).origin.variables == {}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "FETCHDECK_SOURCE__GITHUB__YEAR",
            "1",
            "FETCHDECK_SOURCE__GITHUB__YEAR: unknown table 'source', did you mean \"sour",
        ),
        ("FETCHDECK_DATABSE", "x", "FETCHDECK_DATABSE: there is no such setting, did you mean FETCHDECK_DATABASE?"),
        (
            "FETCHDECK_SOURCES_GITHUB_PULL_DETAILS",
            "1",
            "want two underscores between keys, as in FETCHDECK_SOURCES__GITHUB__PULL_DETAILS",
        ),
        ("FETCHDECK_HTTP_TOTAL_TIMEOUT", "1", "want two underscores between keys, as in FETCHDECK_HTTP__TOTAL_TIMEOUT"),
        (
            "FETCHDECK_SOURCES____YEAR",
            "1",
            "want two underscores between keys, as in FETCHDECK_SOURCES__GITHUB__WORKERS",
        ),
        (
            "FETCHDECK_SOURCES__GITHUB__ORGS",
            "[1, ",
            "FETCHDECK_SOURCES__GITHUB__ORGS: the value is neither TOML nor JSON",
        ),
        (
            "FETCHDECK_SOURCES__GITHUB__WORKERS__X",
            "1",
            "FETCHDECK_SOURCES__GITHUB__WORKERS__X: sources.github.workers is a",
        ),
        (
            "FETCHDECK_SOURCES__GITHUB__WORKERS",
            "0",
            "FETCHDECK_SOURCES__GITHUB__WORKERS (sources.github.workers): got 0, want",
        ),
        (
            "FETCHDECK_HTTP__TOTAL_TIMOUT",
            "9",
            'FETCHDECK_HTTP__TOTAL_TIMOUT (http.total_timout): unknown key, did you mean "tot',
        ),
        (
            "FETCHDECK_SOURCES__GITHUB__TOKEN",
            "s3cret",
            "FETCHDECK_SOURCES__GITHUB__TOKEN (sources.github.token): a token never",
        ),
        (
            "FETCHDECK_SOURCES__GITHUB__YAER",
            "9",
            "FETCHDECK_SOURCES__GITHUB__YAER (sources.github.yaer): unknown key, did you mean",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_variable(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, {name: value}).source("github").options(Options)

    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_what_is_missing_below_a_table_of_the_environment_is_named_as_a_variable(tmp_path: Path) -> None:
    class Needy(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
        kind: str = ""
        base_url: str

    source = load(tmp_path, {"FETCHDECK_SOURCES__SHOP__WEIGHT": "2"}, text="").source("shop")

    with pytest.raises(ConfigError, match=r"FETCHDECK_SOURCES__SHOP__BASE_URL \(sources\.shop\.base_url\): is missing"):
        source.options(Needy)


def test_set_is_named_where_it_won(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--set github\.workers: got 0"):
        load(tmp_path, {"FETCHDECK_SOURCES__GITHUB__WORKERS": "5"}, "github.workers=0")
