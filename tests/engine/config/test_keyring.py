"""Tokens in the system's keyring, and keyrings that are locked, silent or none."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from engine.common.errors import ConfigError, UsageError
from engine.common.secret import Secret
from engine.config.credentials import find_credential
from engine.config.keyring import SERVICE, TokenKeyring
from engine.config.settings import Origin, SourceSettings
from engine.config.tables import Common
from engine.model.source import Auth
from tests.keyrings import ForgetfulKeyring, LockedKeyring, MemoryKeyring, SilentKeyring

AUTH = Auth(env=("FIRST_TOKEN",))


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def silent() -> Iterator[SilentKeyring]:
    """A keyring that answers nobody until the test is over, and then lets the thread that asked go."""
    SilentKeyring.release.clear()
    yield SilentKeyring()
    SilentKeyring.release.set()


def vault(folder: Path, keyring: KeyringBackend, deadline: float = 30.0) -> TokenKeyring:
    return TokenKeyring(index=folder / "keyring.toml", backend=lambda: keyring, deadline=deadline)


def settings(folder: Path, **common: object) -> SourceSettings:
    origin = Origin(file=folder / "config.toml")
    return SourceSettings(name="github", origin=origin, common=Common(**common))  # type: ignore[arg-type]  # any key


def test_a_stored_token_is_found_and_read(tmp_path: Path, keyring: MemoryKeyring) -> None:
    vault(tmp_path, keyring).store("github", Secret("s3cret"))

    credential = find_credential(settings(tmp_path), AUTH, {}, vault(tmp_path, keyring))

    assert credential is not None
    assert credential.place == "keyring"
    assert credential.read().reveal() == "s3cret"
    assert keyring.kept == {(SERVICE, "github"): "s3cret"}


def test_only_names_are_written_to_disk(tmp_path: Path, keyring: MemoryKeyring) -> None:
    vault(tmp_path, keyring).store("github", Secret("s3cret"))

    file = tmp_path / "keyring.toml"
    assert "s3cret" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_keyring_is_not_asked_whether_it_has_a_token(tmp_path: Path, silent: SilentKeyring) -> None:
    assert find_credential(settings(tmp_path), AUTH, {}, vault(tmp_path, silent)) is None


def test_every_other_place_comes_first(tmp_path: Path, keyring: MemoryKeyring) -> None:
    mine = vault(tmp_path, keyring)
    mine.store("github", Secret("s3cret"))
    (tmp_path / "fetchdeck-github").write_text("from systemd")

    places = [
        find_credential(settings(tmp_path), AUTH, {"FIRST_TOKEN": "a"}, mine),
        find_credential(settings(tmp_path, token_file="token"), AUTH, {}, mine),
        find_credential(settings(tmp_path, token_command=["pass"]), AUTH, {}, mine),
        find_credential(settings(tmp_path), AUTH, {"CREDENTIALS_DIRECTORY": str(tmp_path)}, mine),
    ]

    assert [one.place for one in places if one] == [
        "FIRST_TOKEN",
        str(tmp_path / "token"),
        "the command pass",
        "systemd credential fetchdeck-github",
    ]


def test_a_table_that_names_a_variable_gets_no_other_token(tmp_path: Path, keyring: MemoryKeyring) -> None:
    mine = vault(tmp_path, keyring)
    mine.store("github", Secret("s3cret"))

    assert find_credential(settings(tmp_path, token_env="SIMULATOR_TOKEN"), AUTH, {}, mine) is None


def test_a_removed_token_is_found_no_more(tmp_path: Path, keyring: MemoryKeyring) -> None:
    mine = vault(tmp_path, keyring)
    mine.store("github", Secret("s3cret"))

    mine.remove("github")
    mine.remove("github")

    assert mine.names() == frozenset()
    assert keyring.kept == {}


def test_a_token_that_somebody_else_removed_is_said_to_be_gone(tmp_path: Path, keyring: MemoryKeyring) -> None:
    vault(tmp_path, keyring).store("github", Secret("s3cret"))
    keyring.kept.clear()
    credential = find_credential(settings(tmp_path), AUTH, {}, vault(tmp_path, keyring))
    assert credential is not None

    with pytest.raises(ConfigError, match=r"^github: the keyring has no token for github any more: run `"):
        credential.read()


def test_a_silent_keyring_has_a_deadline(tmp_path: Path, silent: SilentKeyring) -> None:
    with pytest.raises(ConfigError, match=r"^the keyring gave no answer in 0.05 s: unlock it and try again$"):
        vault(tmp_path, silent, deadline=0.05).read("github")


def test_a_locked_keyring_says_so_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^the keyring cannot be used: the collection is locked$"):
        vault(tmp_path, LockedKeyring()).read("github")


def test_what_a_backend_says_never_shows_the_token(tmp_path: Path) -> None:
    mine = vault(tmp_path, LockedKeyring())

    with pytest.raises(ConfigError) as caught:
        mine.store("github", Secret("s3cret"))

    assert str(caught.value) == "the keyring cannot be used: cannot keep ***"
    assert caught.value.__cause__ is None
    assert mine.names() == frozenset()


def test_a_keyring_that_keeps_nothing_is_noticed(tmp_path: Path) -> None:
    mine = vault(tmp_path, ForgetfulKeyring())

    with pytest.raises(ConfigError, match="took the token and does not give it back"):
        mine.store("github", Secret("s3cret"))

    assert mine.names() == frozenset()


def test_without_a_keyring_it_says_so(tmp_path: Path) -> None:
    def none() -> MemoryKeyring:
        raise UsageError("keyring is not installed")

    with pytest.raises(UsageError, match=r"^keyring is not installed$"):
        TokenKeyring(index=tmp_path / "keyring.toml", backend=none).find()


def test_a_damaged_note_counts_as_none(tmp_path: Path, keyring: MemoryKeyring) -> None:
    (tmp_path / "keyring.toml").write_text("sources = 3\n")

    assert vault(tmp_path, keyring).names() == frozenset()
