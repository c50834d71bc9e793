"""In tmux, with a shell around it: suspension, and what is left behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.terminal import PATIENCE
from tests.tui.command import environment

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Tmux:
    """One server of its own, with one window that runs a shell."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._socket = str(home / "tmux.sock")
        environ = environment(home, TERM="xterm-256color", LANG="C.UTF-8", PS1="$ ")
        self._environ = environ
        self.run("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "bash --norc --noprofile")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._environ,
            cwd=self._home,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    def type(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def text(self) -> str:
        return self.run("capture-pane", "-p")

    def flag(self, name: str) -> str:
        return self.run("display-message", "-p", f"#{{{name}}}").strip()

    def until(self, fact: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not fact():
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)  # noqa: TID251 -- tmux tells nobody

    def shows(self, words: str) -> None:
        self.until(lambda: words in self.text())

    def child(self) -> int:
        """Return the process that the shell has started."""
        shell = self.flag("pane_pid")
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], env=self._environ, capture_output=True, check=False)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    found = Tmux(tmp_path)
    found.shows("bash-")
    found.type(f"{sys.executable} -m tests.terminal.pretended busy; echo code=$?", "Enter")
    found.shows("q quit")
    yield found
    found.close()


@pytest.mark.long
@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("HUP", 129), ("INT", 130)])
def test_a_signal_leaves_no_mode_behind(tmux: Tmux, name: str, code: int) -> None:
    os.kill(tmux.child(), signal.Signals[f"SIG{name}"])

    tmux.shows(f"code={code}")
    assert [tmux.flag(name) for name in ("alternate_on", "mouse_any_flag", "cursor_flag")] == ["0", "0", "1"]


def test_ctrl_z_gives_the_shell_and_fg_the_screen_at_the_new_size(tmux: Tmux) -> None:
    tmux.type("C-z")
    tmux.shows("fetchdeck is suspended")
    tmux.type("echo it is $((40 + 2))", "Enter")
    tmux.shows("it is 42")
    assert [tmux.flag(name) for name in ("alternate_on", "mouse_any_flag", "cursor_flag")] == ["0", "0", "1"]

    tmux.run("resize-window", "-x", "120", "-y", "40")
    tmux.type("fg", "Enter")

    tmux.shows("was suspended for")
    tmux.shows("q quit")
    assert tmux.flag("alternate_on") == "1"
    tmux.until(lambda: max(len(line) for line in tmux.text().splitlines()) > 100)


@pytest.mark.long
def test_a_stop_nobody_can_catch_is_survived_as_well(tmux: Tmux) -> None:
    os.kill(tmux.child(), signal.SIGSTOP)
    tmux.shows("Stopped")
    tmux.type("fg", "Enter")

    tmux.type("?")

    tmux.shows("esc closes")
