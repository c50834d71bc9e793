"""What acts in a configuration: programs, files, and secrets that go where no source sends them by itself."""

from pathlib import Path

import pytest

from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from tui.wiring.acts import Sent, acts_of

GITHUB = "[sources.github]\norgs = ['python']\n"
REST = '[sources.shop]\nkind = "rest"\nbase_url = "https://api.example.org"\n'
ENDPOINT = '[sources.shop.endpoints.items]\npath = "/items"\n'
DEFAULT = "https://api.github.com"


def found(folder: Path, text: str, *overrides: str, sent: Sent | None = None, **environ: str) -> list[tuple[str, str]]:
    file = folder / "c.toml"
    file.write_text(text)
    settings = load_settings(file, environ=environ, overrides=map(parse_override, overrides))
    return [(act.key, act.does) for act in acts_of(settings, lambda _: sent)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        'theme = "ember"\ndatabase = "rows.db"\n',
        GITHUB + 'token_env = "GH"\nworkers = 3\n',
        REST + ENDPOINT,
        REST + ENDPOINT + 'columns = ["command", "file", "target"]\nitems = "file"\n',
        "[sources.gitlab]\ngroups = ['a']\nclone = true\ntarget = \"clones\"\n",
    ],
)
def test_most_files_do_nothing_but_ask_apis(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "act"),
    [
        (
            GITHUB + "token_command = ['gh', 'auth', 'token']\n",
            ("sources.github.token_command", "runs gh auth token"),
        ),
        (GITHUB + "token_file = '/etc/token'\n", ("sources.github.token_file", "reads /etc/token")),
        (
            REST + "[sources.shop.auth]\ntype = 'bearer'\ncommand = ['x']\n" + ENDPOINT,
            ("sources.shop.auth.command", "runs x"),
        ),
        (
            REST + "[[sources.shop.auth.also]]\nname = 'k'\nfile = '/k'\n" + ENDPOINT,
            ("sources.shop.auth.also.file", "reads /k"),
        ),
        (
            "[sources.gitlab]\ngroups = ['a']\ngit_options = ['core.sshCommand=sh -c x']\n",
            ("sources.gitlab.git_options", "passes core.sshCommand=sh -c x to git"),
        ),
        ("[sources.videos]\ncookies_file = '/c'\n", ("sources.videos.cookies_file", "reads /c")),
        ("[sources.videos]\nlink_queue_dir = '/queue'\n", ("sources.videos.link_queue_dir", "writes /queue")),
        ("database = '/var/x.db'\n", ("database", "writes /var/x.db")),
    ],
)
def test_a_value_that_acts_is_named_with_what_it_does(tmp_path: Path, text: str, act: tuple[str, str]) -> None:
    assert found(tmp_path, text) == [act]


def test_a_folder_that_a_link_leads_out_of_is_outside(tmp_path: Path) -> None:
    (tmp_path / "clones").symlink_to("/etc")

    acts = found(tmp_path, "[sources.gitlab]\ngroups = ['a']\ntarget = 'clones/x'\n")

    assert acts == [("sources.gitlab.target", "writes /etc/x")]


def test_what_the_person_says_on_the_command_line_or_in_the_environment_is_theirs(tmp_path: Path) -> None:
    assert found(tmp_path, GITHUB, 'github.token_command=["x"]') == []
    assert found(tmp_path, GITHUB, FETCHDECK_SOURCES__GITHUB__TOKEN_FILE="/x") == []
    assert found(tmp_path, GITHUB + "token_file = '/y'", 'github.token_file="/x"') == []


@pytest.mark.parametrize(
    ("address", "acts"),
    [
        ("https://evil.example", True),
        ("https://api.github.com.evil.example", True),
        ("http://api.github.com", True),
        ("https://api.github.com:8443", True),
        ("//evil.example", True),
        ("https://api.github.com/", False),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
    ],
)
def test_a_secret_acts_where_it_goes_to_another_origin(tmp_path: Path, address: str, acts: bool) -> None:
    text = GITHUB + f"base_url = '{address}'\n"

    said = found(tmp_path, text, sent=Sent(place="GITHUB_TOKEN", default=DEFAULT))

    assert [key for key, _ in said] == (["sources.github.base_url"] if acts else [])
    assert found(tmp_path, text) == []  # without a secret


def test_a_secret_for_an_api_of_the_file_and_for_its_token_server_acts(tmp_path: Path) -> None:
    auth = "[sources.shop.auth]\ntype = 'oauth2'\nclient_id = 'me'\ntoken_url = 'https://login.example.net/token'\n"

    said = found(tmp_path, REST + auth + ENDPOINT, sent=Sent(place="SHOP", default=""))

    assert said == [
        ("sources.shop.base_url", "sends the secret of SHOP to api.example.org"),
        ("sources.shop.auth.token_url", "sends the secret of SHOP to login.example.net"),
    ]
