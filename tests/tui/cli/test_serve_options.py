"""Where a deck may be served."""

from pathlib import Path

import pytest

from engine.common.errors import UsageError
from tui.cli.arguments import parse_arguments
from tui.cli.serve_options import Place, place_of

TOKEN = "0123456789abcdef"


def place(*arguments: str, **environ: str) -> Place:
    return place_of(parse_arguments(["--serve", *arguments]), environ)


def file(folder: Path, mode: int) -> str:
    (folder / "token").write_text(TOKEN + "\n")
    (folder / "token").chmod(mode)
    return str(folder / "token")


def test_without_more_it_is_this_machine_alone() -> None:
    found = place()

    assert (found.host, found.port, found.token, found.names) == ("127.0.0.1", 8000, None, ())


def test_the_options_may_stand_before_or_after_the_command() -> None:
    assert place("--port", "0", "run", "github").port == 0
    assert place("run", "github", "--port", "0", "--serve-name", "a", "--serve-name", "b").names == ("a", "b")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"])
def test_loopback_needs_no_token(host: str) -> None:
    assert place("--host", host).token is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "deck.example.org", "127.0.0.1.example.org"])
def test_any_other_address_needs_one(host: str) -> None:
    with pytest.raises(UsageError, match="others could reach this deck"):
        place("--host", host)


def test_a_token_is_read_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    by_name = place("--host", "0.0.0.0", "--serve-token-env", "DECK", DECK=TOKEN)
    by_file = place("--host", "0.0.0.0", "--serve-token-file", file(tmp_path, 0o600))

    assert [one.token.reveal() for one in (by_name, by_file) if one.token] == [TOKEN, TOKEN]
    assert by_name.token_env == "DECK"
    assert TOKEN not in repr(by_name)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--serve-token-env", "NONE"], "--serve-token-env NONE: is empty, want a token"),
        (["--serve-token-env", "SHORT"], "--serve-token-env SHORT: want at least 16 characters"),
        (["--serve-token-file", "/nowhere/token"], "--serve-token-file: /nowhere/token cannot be read"),
        (["--serve-token-file", "x", "--serve-token-env", "SHORT"], "not both"),
        (["--port", "70000"], 'got "70000", want a port from 0 to 65535'),
        (["run", "--headless"], "--serve shows a screen and --headless none"),
        (["sources"], "--serve shows a harvest: use it with `run`, `demo` or alone, not with `sources`"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        place(*arguments, SHORT="abc")

    assert said in str(caught.value)


def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="others can read"):
        place("--serve-token-file", file(tmp_path, 0o644))
