"""The person's configuration file."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from engine.common.errors import ConfigError
from engine.config.overrides import parse_override
from engine.config.settings import load_settings


class Options(msgspec.Struct, kw_only=True):
    orgs: list[str] = []
    year: Annotated[int, msgspec.Meta(ge=2008, le=2100)] | None = None


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(file: Path, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, required=True, overrides=map(parse_override, overrides)).source("github").options(Options)
    return str(caught.value)


def test_a_missing_file_is_an_empty_configuration(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "none.toml")

    assert not settings.exists
    assert settings.database is None
    assert settings.http.total_timeout == 60.0
    assert settings.source("github").options(Options).orgs == []


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "none.toml")


def test_everything_in_the_file_is_read(tmp_path: Path) -> None:
    text = """
        database = "rows.db"
        theme = "ember"
        [http]
        total_timeout = 30
        body_limit = 8
        [sources.github]
        orgs = ["python"]
        workers = 4
        limit = 100
        token_env = "MY_TOKEN"
    """

    settings = load_settings(written(tmp_path, text))

    github = settings.source("github")
    assert settings.database == tmp_path / "rows.db"
    assert (settings.theme, settings.http.total_timeout, settings.http.body_limit) == ("ember", 30.0, 8)
    assert github.options(Options).orgs == ["python"]
    assert (github.common.workers, github.common.limit, github.common.token_env) == (4, 100, "MY_TOKEN")


def test_a_wrong_value_names_file_key_value_and_what_would_be_right(tmp_path: Path) -> None:
    file = written(tmp_path, '[sources.github]\nyear = "x"\n')

    assert refusal(file) == f'{file}: sources.github.year: got "x", want a whole number from 2008 to 2100'


def test_a_wrong_common_value_names_its_key(tmp_path: Path) -> None:
    file = written(tmp_path, "[sources.github]\nworkers = 0\n")

    assert refusal(file) == f"{file}: sources.github.workers: got 0, want a whole number from 1 to 1000"


def test_a_wrong_value_of_the_command_line_names_the_option(tmp_path: Path) -> None:
    file = written(tmp_path, "[sources.github]\nyear = 2024\n")

    assert refusal(file, "github.year=1").startswith("--set github.year: got 1, want")
    assert refusal(file, "github.orgs=[1]").startswith("--set github.orgs[0]: got 1, want")


def test_an_unknown_key_leads_to_the_nearest_one(tmp_path: Path) -> None:
    assert 'http.total_timout: unknown key, did you mean "total_timeout"?' in refusal(
        written(tmp_path, "[http]\ntotal_timout = 3\n")
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = 1\nb = [1,,]\n", "line 2, column 8, at b"),
        ("database = 'abc", "line 1, column 16, at database"),
        ("[http]\n\n[sources.x", "line 3, column 11"),
    ],
)
def test_a_syntax_error_names_line_and_column(tmp_path: Path, text: str, where: str) -> None:
    file = written(tmp_path, text)

    assert refusal(file).startswith(f"{file}: {where}: ")


def test_a_file_that_is_no_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'theme = "a"\n# caf\xe9\n')

    assert "line 2: is not UTF-8" in refusal(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in refusal(tmp_path)


def test_a_token_in_the_file_is_refused_and_not_shown(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, '[sources.github]\ntoken = "hunter2"\n'))

    assert "name its place with token_env, token_file or token_command" in message
    assert "hunter2" not in message


def test_the_file_is_never_written(tmp_path: Path) -> None:
    file = written(tmp_path, "# mine\ntheme = 'ember'  # a comment\n")
    file.chmod(0o400)
    before = (file.read_bytes(), file.stat().st_mtime_ns)

    load_settings(file, overrides=[parse_override("theme=paper")])

    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
