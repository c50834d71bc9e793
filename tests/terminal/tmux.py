"""tmux as a person uses it, with a shell in its one window."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.terminal.terminal import PATIENCE
from tests.tui.command import environment


class Tmux:
    """One server of its own, with one window of 80x24 that runs a shell."""

    def __init__(self, home: Path, **environ: str) -> None:
        self._home = home
        self._socket = str(home / "tmux.sock")
        self._environ = environment(home, **{"TERM": "xterm-256color", "LANG": "C.UTF-8", "PS1": "$ ", **environ})
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

    def shows(self, *words: str) -> None:
        """Wait until all of these are seen together."""
        self.until(lambda: all(one in self.text() for one in words))

    def child(self) -> int:
        """Return the process that the shell has started."""
        shell = self.flag("pane_pid")
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], env=self._environ, capture_output=True, check=False)


@contextmanager
def shell(home: Path, **environ: str) -> Iterator[Tmux]:
    """Open a shell in tmux; whatever runs in it in the end is ended."""
    found = Tmux(home, **environ)
    try:
        found.shows("bash-")
        yield found
    finally:
        found.close()
