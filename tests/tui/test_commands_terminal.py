"""fetchdeck in a real pseudo-terminal of 80x24."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from simulator.process import Process, start
from tests.tui.command import environment

PATIENCE = 60.0
"""Seconds a screen may take on a busy machine; nobody waits for them when all is well."""


@pytest.fixture(scope="module")
def simulator() -> Iterator[Process]:
    with start(["--quiet", "--items", "5000"]) as process:
        yield process


class Terminal:
    """A person's terminal with fetchdeck in it."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.raw = b""
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            cwd=home,
            env=environment(home, TERM="xterm-256color"),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def shows(self, text: str) -> None:
        self._until(lambda: any(text in line for line in self._screen.display), text)

    def ends(self) -> int:
        self._until(lambda: self.process.poll() is not None, "the end")
        while self._read(0.1):
            pass
        return self.process.wait()

    def current_modes(self) -> list[object]:
        return list(termios.tcgetattr(self._slave))

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    def _until(self, fact: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not fact():
            assert time.monotonic() < deadline, f"no {what}:\n" + "\n".join(self._screen.display)
            self._read(0.1)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        data = os.read(self._master, 65536)
        self.raw += data
        self._stream.feed(data)
        return True


@pytest.fixture
def terminal(tmp_path: Path, simulator: Process) -> Iterator[Callable[..., Terminal]]:
    """Open terminals whose pr0gramm source is the simulator's, so slow that nothing ends by itself."""
    opened: list[Terminal] = []
    text = f'[sources.pr0gramm]\nbase_url = "{simulator.base_urls["pr0gramm"]}"\nrate = "2/1h"\n'
    (tmp_path / "c.toml").write_text(text)

    def make(*arguments: str) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, "--config", "c.toml", "--db", "rows.db"))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_a_run_is_drawn_and_q_leaves_with_code_130_and_the_summary(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("run", "pr0gramm", "--json")
    screen.shows("q quit")

    screen.press(b"q")

    assert screen.ends() == 130
    last = screen.raw.decode().rstrip().rpartition("\n")[2]
    assert json.loads(last)["exit_code"] == 130
    assert b"Database" in screen.raw


def test_a_limit_leaves_code_3_when_the_person_leaves(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("run", "pr0gramm", "--limit", "1")
    screen.shows("stopped after")

    screen.press(b"q")

    assert screen.ends() == 3


def test_without_a_command_sources_are_chosen_first(terminal: Callable[..., Terminal]) -> None:
    screen = terminal()
    screen.shows("choose sources")

    screen.press(b"q")

    assert screen.ends() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(terminal: Callable[..., Terminal], number: signal.Signals) -> None:
    screen = terminal("run", "pr0gramm")
    screen.shows("q quit")

    screen.process.send_signal(number)

    assert screen.ends() == 130
    assert screen.current_modes() == screen.modes
    assert screen.raw.rfind(b"\x1b[?1049l") > screen.raw.rfind(b"\x1b[?1049h")


def test_an_error_before_the_screen_is_a_line(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("run", "pr0gramm", "--set", "pr0gramm.flags=x")

    assert screen.ends() == 2
    assert b"\x1b[?1049h" not in screen.raw
    assert screen.raw.startswith(b"fetchdeck: error: --set pr0gramm.flags: got ")


def test_headless_on_a_terminal_redraws_its_status(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("run", "pr0gramm", "--headless")
    screen.shows("Fetched pr0gramm")

    screen.process.send_signal(signal.SIGINT)

    assert screen.ends() == 130
    assert b"\x1b[1A\x1b[J" in screen.raw
    assert b"\x1b[1;32m" in screen.raw
