"""The first minutes with fetchdeck: 80x24, no colour, an empty home."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import terminals

pytestmark = pytest.mark.slow

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
NO_KEYRING = "keyring.backends.fail.Keyring"
KEYRING = "tests.keyrings.FileKeyring"


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Open]:
    """Open terminals in a home without anything."""
    with terminals(tmp_path) as make:
        yield lambda *arguments, **environ: make("tui", *arguments, **{"NO_COLOR": "1", **environ})


def test_the_picker_leads_to_a_configuration_and_back(newcomer: Open, tmp_path: Path) -> None:
    screen = newcomer(PYTHON_KEYRING_BACKEND=NO_KEYRING)
    screen.shows("nothing configured yet: i sets it up")

    screen.press(b"i")
    screen.shows("▸[ ] anime")
    screen.press(b"j")
    screen.press(b" ")
    screen.shows("nothing to fetch: set orgs")
    screen.press(b"j")
    screen.press(b"\r")
    screen.shows("organisations: ")
    screen.press(b"psf, python")
    screen.shows("psf, python")
    screen.press(b"\r")
    screen.until(lambda: not any("nothing to fetch: set orgs" in line for line in screen.lines), "no problem")
    screen.press(b"w")
    screen.shows('+ orgs = ["psf", "python"]')
    screen.press(b"y")
    screen.shows("[ ] github         ● ready")
    screen.press(b"q")

    assert screen.ends() == 0
    assert screen.restored()
    assert 'orgs = ["psf", "python"]' in (tmp_path / ".config" / "fetchdeck" / "config.toml").read_text()
    assert b"next: `fetchdeck check` asks every API once" in screen.raw
    assert not COLOUR.search(screen.raw)


def test_the_form_passes_a_token_on_to_the_keyring(newcomer: Open, tmp_path: Path) -> None:
    config = tmp_path / ".config" / "fetchdeck" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[sources.github]\norgs = ["psf"]\n')
    screen = newcomer("init", PYTHON_KEYRING_BACKEND=KEYRING)
    screen.shows("set up")

    screen.press(b"jjjjjj")
    screen.shows("enter types one for the keyring (File)")
    screen.press(b"\r")
    screen.shows("token (not shown)")
    screen.press(b"s3cret")
    screen.shows("******")
    screen.press(b"\r")
    screen.shows("typed just now; it goes into the keyring")
    screen.press(b"w")
    screen.shows("y write this")
    screen.press(b"y")

    assert screen.ends() == 0
    assert b"github token: stored in the keyring" in screen.raw
    assert b"github: token from keyring" in screen.raw
    assert b"s3cret" not in screen.raw
    assert "s3cret" in (tmp_path / "keyring.json").read_text()


def test_a_signal_leaves_the_form_without_writing(newcomer: Open, tmp_path: Path) -> None:
    screen = newcomer("init", PYTHON_KEYRING_BACKEND=NO_KEYRING)
    screen.shows("set up")

    screen.process.terminate()

    assert screen.ends() == 143
    assert screen.restored()
    assert not (tmp_path / ".config").exists()


def test_a_token_is_asked_for_without_an_echo(newcomer: Open) -> None:
    screen = newcomer("token", "set", "github", PYTHON_KEYRING_BACKEND=KEYRING)
    screen.shows("token for github (it is not shown): ")

    screen.press(b"s3cret\n")

    assert screen.ends() == 0
    assert b"github: stored in the keyring (File)" in screen.raw
    assert b"s3cret" not in screen.raw


def test_a_change_of_a_file_asks_first(newcomer: Open, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[sources.github]\norgs = ["psf"]\n')
    wanted = ("init", "--config", "c.toml", "--set", "github.year=2024")

    no = newcomer(*wanted)
    no.shows("Write? y/N")
    no.press(b"\n")
    code = no.ends()
    yes = newcomer(*wanted)
    yes.shows("Write? y/N")
    yes.press(b"y\n")

    assert (code, yes.ends()) == (2, 0)
    assert b"nothing was written" in no.raw
    assert "year = 2024" in (tmp_path / "c.toml").read_text()
