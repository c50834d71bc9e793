"""Where secrets are found, and that they are never shown."""

import sys
from pathlib import Path

import pytest

from engine.common.errors import ConfigError
from engine.config.credentials import Credential, find_credential, missing_credential
from engine.config.settings import Origin, SourceSettings
from engine.config.tables import Common
from engine.model.credentials import SessionLogin
from engine.model.source import Auth

LOGIN = SessionLogin(url="https://a.example/login", body={"password": "{secret}"}, token=("token",))
AUTH = Auth(env=("FIRST_TOKEN", "SECOND_TOKEN"), hint="Get one at example.org.")


def settings(folder: Path, **common: object) -> SourceSettings:
    origin = Origin(file=folder / "config.toml")
    return SourceSettings(name="github", origin=origin, common=Common(**common))  # type: ignore[arg-type]  # any key


def private(folder: Path, text: str = "s3cret\n", mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_text(text)
    file.chmod(mode)
    return file


def found(credential: Credential | None) -> tuple[str, str]:
    assert credential is not None
    return credential.place, credential.read().reveal()


def refusal(credential: Credential | None) -> str:
    assert credential is not None
    with pytest.raises(ConfigError) as caught:
        credential.read()
    return str(caught.value)


def test_the_first_variable_that_is_set_wins(tmp_path: Path) -> None:
    environ = {"FIRST_TOKEN": "", "SECOND_TOKEN": "b"}

    assert found(find_credential(settings(tmp_path), AUTH, environ)) == ("SECOND_TOKEN", "b")


def test_a_configured_variable_replaces_the_usual_ones(tmp_path: Path) -> None:
    environ = {"FIRST_TOKEN": "a", "MINE": "m"}

    assert found(find_credential(settings(tmp_path, token_env="MINE"), AUTH, environ)) == ("MINE", "m")


def test_the_environment_goes_before_a_file(tmp_path: Path) -> None:
    credential = find_credential(settings(tmp_path, token_file=str(private(tmp_path))), AUTH, {"FIRST_TOKEN": "a"})

    assert found(credential) == ("FIRST_TOKEN", "a")


def test_a_file_is_read_below_the_configurations_folder(tmp_path: Path) -> None:
    file = private(tmp_path)

    assert found(find_credential(settings(tmp_path, token_file="token"), AUTH, {})) == (str(file), "s3cret")


def test_a_file_that_others_can_read_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    file = private(tmp_path, mode=0o644)

    message = refusal(find_credential(settings(tmp_path, token_file="token"), AUTH, {}))

    assert message.endswith(f"others can read {file} (mode 0644); run: chmod 600 {file}")
    assert "s3cret" not in message


def test_a_missing_file_is_named_with_its_key(tmp_path: Path) -> None:
    message = refusal(find_credential(settings(tmp_path, token_file="none"), AUTH, {}))

    assert "sources.github.token_file: " in message
    assert message.endswith("cannot be read: No such file or directory")


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "bell\x07", "ключ", ""])
def test_what_no_header_may_carry_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    private(tmp_path, text)

    message = refusal(find_credential(settings(tmp_path, token_file="token"), AUTH, {}))

    assert not text or text not in message


def test_a_command_gives_its_output(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "print('from-a-command')"]

    place, value = found(find_credential(settings(tmp_path, token_command=argv), AUTH, {}))

    assert place.startswith("the command ")
    assert value == "from-a-command"


def test_finding_a_command_does_not_run_it(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')"]

    find_credential(settings(tmp_path, token_command=argv), AUTH, {})

    assert not (tmp_path / "ran").exists()


def test_a_command_meets_no_shell(tmp_path: Path) -> None:
    message = refusal(find_credential(settings(tmp_path, token_command=["echo a; echo b"]), AUTH, {}))

    assert message.endswith("echo a; echo b cannot be run: No such file or directory")


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit('locked: \\x1b[31m run unlock')"]

    message = refusal(find_credential(settings(tmp_path, token_command=argv), AUTH, {}))

    assert "ended with 1: locked: " in message
    assert "\x1b" not in message


def test_a_systemd_credential_is_the_last_resort(tmp_path: Path) -> None:
    (tmp_path / "fetchdeck-github").write_text("from-systemd")

    credential = find_credential(settings(tmp_path), AUTH, {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert found(credential) == ("systemd credential fetchdeck-github", "from-systemd")


def test_nothing_found_is_none(tmp_path: Path) -> None:
    assert find_credential(settings(tmp_path), AUTH, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None
    assert find_credential(settings(tmp_path), None, {"FIRST_TOKEN": "a"}) is None


def test_a_missing_secret_says_where_to_put_one_and_how_to_get_it(tmp_path: Path) -> None:
    message = missing_credential(settings(tmp_path), AUTH)

    assert message == (
        "github: needs a token and found none; set FIRST_TOKEN or SECOND_TOKEN, or token_file or token_command,"
        " or run `fetchdeck token set github`."
        " Get one at example.org."
    )


def test_a_secret_is_in_no_repr(tmp_path: Path) -> None:
    credential = find_credential(settings(tmp_path), AUTH, {"FIRST_TOKEN": "s3cret"})

    assert credential is not None
    assert "s3cret" not in repr(credential.read())


@pytest.mark.parametrize("auth", [Auth(env=("A",), basic=True), Auth(env=("A",), grant=LOGIN)])
def test_a_password_may_hold_spaces_and_other_letters(tmp_path: Path, auth: Auth) -> None:
    private(tmp_path, " me:pass w\u00f6rd \n")

    by_variable = find_credential(settings(tmp_path), auth, {"A": " me:pass w\u00f6rd "})
    by_file = find_credential(settings(tmp_path, token_file="token"), auth, {})

    assert [found(one)[1] for one in (by_variable, by_file)] == ["me:pass w\u00f6rd"] * 2


@pytest.mark.parametrize("text", ["", "\n", "two\nlines", "nul\0"])
def test_what_is_no_password_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    private(tmp_path, text)

    message = refusal(find_credential(settings(tmp_path, token_file="token"), Auth(env=(), basic=True), {}))

    assert "password" in message
    assert "lines" not in message


def test_a_private_key_has_lines(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvg+/=\nAAAA\n-----END PRIVATE KEY-----"
    private(tmp_path, key + "\n")

    assert found(find_credential(settings(tmp_path, token_file="token"), AUTH, {}))[1] == key
