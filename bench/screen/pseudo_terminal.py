"""Runs a program in a pseudo-terminal, to measure what it sends, what it costs and how fast it reacts."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from re import Pattern
from types import TracebackType
from typing import Final, Self

TRUECOLOR: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
ROOT: Final = str(Path(__file__).parents[2])


class PseudoTerminal:
    """Runs a command in a terminal of a given size while entered."""

    def __init__(
        self, command: Sequence[str], size: tuple[int, int] = (80, 24), environ: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self._size = size
        self._environ = {**os.environ, **TRUECOLOR, "PYTHONPATH": ROOT, **(environ or {})}

    def __enter__(self) -> Self:
        width, height = self._size
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.began = time.monotonic()
        self._child = subprocess.Popen(  # noqa: S603 -- ourselves
            self._command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=self._environ,
            start_new_session=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._child.kill()  # SIGKILL: a benchmark needs no orderly end, and a blocked child would delay the next case
        self._child.wait()
        os.close(self._master)
        os.close(self._slave)

    def listen(self, seconds: float) -> bytes:
        """Read for some seconds; return what was received."""
        found, deadline = bytearray(), time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            found += self._read(left)
        return bytes(found)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def answers(self, *wanted: Pattern[bytes], within: float) -> float | None:
        """Return the seconds until every pattern was received; None if one was not."""
        asked, found, left = time.monotonic(), bytearray(), set(wanted)
        while (spent := time.monotonic() - asked) < within:
            found += self._read(within - spent)
            left = {pattern for pattern in left if not pattern.search(found)}
            if not left:
                return time.monotonic() - asked
        return None

    def cpu(self) -> float:
        """Return the CPU seconds of the process so far, over all its threads."""
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def alive(self) -> bool:
        return self._child.poll() is None

    def _read(self, seconds: float) -> bytes:
        if not select.select([self._master], [], [], seconds)[0]:
            return b""
        return os.read(self._master, 65536)


def marked(text: str) -> Pattern[bytes]:
    """Return a pattern for a text whose letters may have different colours."""
    between = rb"(?:\x1b\[[0-9;]*m)*"
    return re.compile(between.join(re.escape(letter.encode()) for letter in text))
