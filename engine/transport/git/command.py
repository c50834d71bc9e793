"""Run one git command: in a process group of its own, its output bounded, nothing of it left when cut short."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

KEPT: Final = 64 * 1024
"""Bytes kept of each stream, the last ones: a server may talk for ever."""
GRACE: Final = 3.0
"""Seconds git has to remove its lock files before it is killed."""


class GitFailed(Exception):
    """git ended with another status than 0."""

    def __init__(self, code: int, stderr: str) -> None:
        super().__init__(code)
        self.code = code
        self.stderr = stderr


class Git:
    """Knows where git is, and with which environment it runs."""

    def __init__(self, *, program: str, environ: Mapping[str, str]) -> None:
        self._program = program
        self._environ = environ

    async def run(self, *arguments: str, cwd: Path) -> str:
        """Run a command and return what it printed, without the white space around it.

        Raises:
            GitFailed: it ended with another status than 0.
        """
        process = await asyncio.create_subprocess_exec(
            self._program,
            *arguments,
            cwd=cwd,
            env=self._environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            async with asyncio.TaskGroup() as streams:
                out = streams.create_task(_tail(process.stdout))
                err = streams.create_task(_tail(process.stderr))
            code = await process.wait()
        finally:
            await _end(process)
        if code:
            raise GitFailed(code, err.result())
        return out.result().strip()

    async def ask(self, *arguments: str, cwd: Path) -> str:
        """Run a command that answers a question; "" where the answer is no."""
        try:
            return await self.run(*arguments, cwd=cwd)
        except GitFailed:
            return ""


async def _tail(stream: asyncio.StreamReader) -> str:
    kept = bytearray()
    while data := await stream.read(KEPT):
        kept += data
        del kept[:-KEPT]
    return kept.decode("utf-8", errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave no process of the group behind. git itself is asked first, the helpers it started are not."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await process.wait()
        finally:
            _signal(process, signal.SIGKILL)
            await process.wait()
    else:
        _signal(process, signal.SIGKILL)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
