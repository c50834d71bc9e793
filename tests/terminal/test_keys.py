"""Every key reaches the screen through tmux and GNU screen with the prefixes they have by themselves."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from textual.keys import key_to_character

from tests.terminal.terminal import Terminal, terminals
from tests.tui.app.test_app import bindings
from tests.tui.command import environment

pytestmark = pytest.mark.slow

SENT: Final = {
    "up": b"\x1b[A", "down": b"\x1b[B", "home": b"\x1b[H", "end": b"\x1b[F", "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~", "enter": b"\r", "tab": b"\t", "escape": b"\x1b", "space": b" ", "plus": b"+", "minus": b"-",
    "slash": b"/",
}  # fmt: skip
"""What a terminal sends for keys that are no letters."""
SCREEN: Final = [sys.executable, "-m", "tests.terminal.pretended", "keys"]


def sent(key: str) -> bytes:
    if key in SENT:
        return SENT[key]
    if key.startswith("ctrl+"):
        return bytes([ord(key[-1]) - ord("a") + 1])
    return (key_to_character(key) or key).encode()


@contextmanager
def in_tmux(home: Path) -> Iterator[Terminal]:
    socket = str(home / "tmux.sock")
    try:
        with terminals(home) as make:
            yield make(program=["tmux", "-S", socket, "-f", "/dev/null", "new-session", *SCREEN])
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], env=environment(home), capture_output=True, check=False)


@contextmanager
def in_screen(home: Path) -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket may have 107 bytes, and pytest's are longer
        try:
            with terminals(home) as make:
                yield make(program=["screen", "-U", "-c", "/dev/null", "-S", "keys", *SCREEN], SCREENDIR=folder)
        finally:
            environ = environment(home, SCREENDIR=folder)
            subprocess.run(["screen", "-S", "keys", "-X", "quit"], env=environ, capture_output=True, check=False)


@pytest.mark.parametrize("name", ["tmux", "screen"])
def test_every_key_comes_through(tmp_path: Path, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    wanted = sorted({binding.key for _owner, binding in bindings()})

    with (in_tmux if name == "tmux" else in_screen)(tmp_path) as terminal:
        terminal.shows("q quit")
        came = [hears(terminal, tmp_path / "keys.txt", key) for key in wanted]

    assert came == wanted


def hears(terminal: Terminal, file: Path, key: str) -> str:
    """Press a key, and return what the screen took it for."""
    before = len(heard(file))
    terminal.press(sent(key))
    terminal.until(lambda: len(heard(file)) > before, f"key {key}")
    return heard(file)[before]


def heard(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
