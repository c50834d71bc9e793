"""A person's terminal: a pseudo-terminal with pyte behind it, which can stall, shrink and vanish."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyte

from tests.tui.command import environment

PATIENCE: Final = 60.0
"""Seconds a screen may take on a busy machine; nobody waits for them when all is well."""
AT_ONCE: Final = 5.0
"""Seconds in which a signal, or the loss of its terminal, ends the process."""


class Terminal:
    """Runs a Python module in a terminal of a size. `raw` is every byte that came out."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        size: tuple[int, int] = (80, 24),
        ignore: str = "",
        owned: bool = False,
        program: Sequence[str] = (),
        **environ: str,
    ) -> None:
        """Start it. `ignore` names a signal that is ignored from outside; `owned` makes it the controlling terminal.

        A `program` is run instead of a Python module.
        """
        self.raw = b""
        width, height = size
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self._master, self._slave = pty.openpty()
        self.resize(width, height)
        self.modes = self.current_modes()
        command = list(program) or [sys.executable, "-m", *arguments]
        if ignore:
            command = ["/bin/sh", "-c", f"trap '' {ignore}; exec \"$@\"", "sh", *command]
        if owned:
            command = [sys.executable, "-c", _OWN, *command]
        self.process = subprocess.Popen(
            command,
            cwd=home,
            env=environment(home, **{"TERM": "xterm-256color", "LANG": "C.UTF-8", **environ}),
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
        )

    @property
    def lines(self) -> list[str]:
        """What a person sees."""
        return list(self._screen.display)

    @property
    def inverted(self) -> list[str]:
        """The lines that are drawn in reverse, which needs no colour."""
        middle = self._screen.columns // 4
        return [line for row, line in enumerate(self.lines) if self._screen.buffer[row][middle].reverse]

    def widest(self) -> int:
        """Return the columns that all that was sent would fill in a terminal of any width."""
        screen = pyte.Screen(1000, len(self.lines))
        pyte.ByteStream(screen).feed(self.raw)
        return max(len(line.rstrip()) for line in screen.display)

    def press(self, keys: bytes) -> None:
        """Type, all at once: what a paste is to a terminal without bracketed paste."""
        os.write(self._master, keys)

    def resize(self, width: int, height: int) -> None:
        """Change the size; the program hears of it by SIGWINCH."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._screen.resize(height, width)
        if hasattr(self, "process") and self.process.poll() is None:
            self.process.send_signal(28)

    def shows(self, text: str) -> None:
        """Wait until a text is seen."""
        self.until(lambda: any(text in line for line in self.lines), text)

    def ends(self, within: float = PATIENCE) -> int:
        """Wait for the end of the program, read what it said, and return its code."""
        self.until(lambda: self.process.poll() is not None, f"end within {within:g} s", within)
        self.drain()
        return self.process.wait()

    def ends_unread(self, within: float) -> int:
        """Wait for the end without reading a byte: a stalled terminal."""
        return self.process.wait(within)

    def vanish(self) -> None:
        """Close the window: nobody is at the other end any more."""
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    def current_modes(self) -> list[object]:
        """Return the modes of the line discipline."""
        return list(termios.tcgetattr(self._slave))

    def restored(self) -> bool:
        """Say whether modes, screen, cursor and mouse are as they were."""
        left = self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h")
        shown = self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l")
        return left and shown and self.current_modes() == self.modes

    def until(self, fact: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
        """Read until a fact holds."""
        deadline = time.monotonic() + within
        while not fact():
            assert time.monotonic() < deadline, f"no {what}:\n" + "\n".join(self.lines)
            self._read(0.05)

    def listen(self, seconds: float) -> bytes:
        """Read for some seconds, and return what came."""
        before, deadline = len(self.raw), time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read(0.05)
        return self.raw[before:]

    def drain(self) -> None:
        """Read what is there."""
        while self._read(0.1):
            pass

    def close(self) -> None:
        """End the program and close the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            self.vanish()

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # nobody has the other end open
            return False
        self.raw += data
        self._stream.feed(data)
        return True


_OWN: Final = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def terminals(home: Path) -> Iterator[Callable[..., Terminal]]:
    """Open terminals; whatever still runs in them in the end is ended."""
    opened: list[Terminal] = []

    def make(*arguments: str, **options: object) -> Terminal:
        opened.append(Terminal(home, *arguments, **options))  # type: ignore[arg-type]  # passed on as they are
        return opened[-1]

    try:
        yield make
    finally:
        for one in opened:
            one.close()


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
