"""`fetchdeck token` as a person runs it, with a keyring in a file."""

import json
import subprocess
import sys
from pathlib import Path

from tests.tui.command import complaint, environment, launch

KEYRING = {"PYTHON_KEYRING_BACKEND": "tests.keyrings.FileKeyring"}


def set_token(home: Path, token: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", "token", "set", *arguments],
        cwd=home, env=environment(home, **(environ or KEYRING)), input=token,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_token_is_stored_shown_as_found_and_removed(tmp_path: Path) -> None:
    stored = set_token(tmp_path, "s3cret\n", "github")
    status = launch(tmp_path, "token", "status", "github", **KEYRING)
    listed = launch(tmp_path, "sources", "--json", **KEYRING)
    removed = launch(tmp_path, "token", "remove", "github", **KEYRING)
    after = launch(tmp_path, "token", "status", "github", **KEYRING)

    assert (stored.returncode, stored.stdout) == (0, "github: stored in the keyring (File)\n")
    assert status.stdout == "✓ github: token from keyring\n"
    assert json.loads(listed.stdout)["github"]["access"] == "token from keyring"
    assert removed.stdout == "github: the keyring has no token any more\n"
    assert "no token" in after.stdout
    assert "s3cret" not in f"{stored.stdout}{stored.stderr}{status.stdout}{listed.stdout}"


def test_a_variable_that_comes_first_is_named(tmp_path: Path) -> None:
    stored = set_token(tmp_path, "s3cret", "github", **KEYRING, GITHUB_TOKEN="other")

    assert stored.stdout == "github: stored in the keyring (File), but GITHUB_TOKEN is set and comes first\n"


def test_without_a_keyring_the_other_ways_are_named(tmp_path: Path) -> None:
    ended = set_token(tmp_path, "s3cret", "github", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")

    assert complaint(ended) == (
        "there is no keyring on this system; set FETCHDECK_GITHUB_TOKEN instead,"
        " or put the token into a file (chmod 600) and name it as token_file"
    )


def test_an_empty_token_is_refused(tmp_path: Path) -> None:
    assert complaint(set_token(tmp_path, "\n", "github")) == "standard input: is empty, want a token"


def test_a_source_without_a_token_takes_none(tmp_path: Path) -> None:
    assert complaint(set_token(tmp_path, "s3cret", "anime")) == "anime: needs no token"


def test_one_source_is_named(tmp_path: Path) -> None:
    assert "name one source" in complaint(set_token(tmp_path, "s3cret"))
    assert 'there is no source "gitub"' in complaint(set_token(tmp_path, "s3cret", "gitub"))


def test_status_says_of_every_source_where_its_token_is(tmp_path: Path) -> None:
    ended = launch(tmp_path, "token", "status", **KEYRING, GITLAB_TOKEN="g")

    assert ended.returncode == 0
    assert "✓ gitlab: token from GITLAB_TOKEN" in ended.stdout
    assert "rest" not in ended.stdout


def test_status_of_a_token_that_cannot_be_fetched_fails(tmp_path: Path) -> None:
    set_token(tmp_path, "s3cret", "github")
    (tmp_path / "keyring.json").unlink()

    ended = launch(tmp_path, "token", "status", "github", **KEYRING)

    assert ended.returncode == 2
    assert ended.stdout == (
        "✗ github: the keyring has no token for github any more: run `fetchdeck token set github`\n"
    )
