"""Kills the process groups that this process has started, when it dies in any way: kill -9 leaves no git behind.

A small child of its own waits at the end of a pipe. The kernel closes the pipe when this process is gone, however it
went; then the child kills the groups that are still registered, and ends. (A parent-death signal, PR_SET_PDEATHSIG,
follows the thread that started the child and not the process, and grandchildren do not get it.)
"""

import os
import subprocess
import sys
from contextlib import suppress
from typing import Final

_GUARD: Final = """
import os, signal, sys
groups = set()
for line in sys.stdin.buffer:
    number = int(line)
    groups.add(number) if number > 0 else groups.discard(-number)
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""
"""Reads a process group a line: a positive number registers it, a negative one takes it back."""


class OrphanGuard:
    """Registers process groups. The guarding child is started with the first one."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def add(self, group: int) -> None:
        """Have a group killed when this process dies."""
        self._tell(group)

    def remove(self, group: int) -> None:
        """Take a group back: it has ended, and its number may be given to another one."""
        self._tell(-group)

    def close(self) -> None:
        """End the child, which kills what is still registered."""
        if self._child is None:
            return
        child, self._child = self._child, None
        assert child.stdin is not None, "it was started with a pipe"
        with suppress(OSError):
            child.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(1.0)

    def _tell(self, number: int) -> None:
        if self._child is None:
            self._child = self._start()
        assert self._child.stdin is not None, "it was started with a pipe"
        # The guard itself may have been killed. That costs the guarantee, and nothing else.
        with suppress(OSError):
            self._child.stdin.write(b"%d\n" % number)

    def _start(self) -> subprocess.Popen[bytes]:
        # In a session of its own, so that Ctrl+C on the terminal and a killed process group leave it alone. -I and -S
        # make it start in 15 ms, and keep the environment and the folder from changing what it runs.
        return subprocess.Popen(  # noqa: S603 -- this interpreter and the constant above
            [sys.executable, "-I", "-S", "-c", _GUARD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=os.sep,
            env={},
            start_new_session=True,
        )
