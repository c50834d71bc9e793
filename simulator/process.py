"""A simulator in a process of its own, which ends with the process that started it."""

import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

CHILD = "--child"
"""The option that makes the simulator announce itself in JSON and end when its standard input closes."""

_STARTS_WITHIN = 30.0
_ENDS_WITHIN = 5.0


class SimulatorDidNotStart(RuntimeError):
    """The process ended or announced nothing; the message holds its output."""


class Announcement(msgspec.Struct):
    """The line that a child writes when it serves."""

    url: str
    base_urls: dict[str, str]
    pid: int


class Process:
    """A simulator in another process. Use it as a context manager, or call `stop`."""

    def __init__(self, child: "subprocess.Popen[bytes]", announcement: Announcement) -> None:
        self._child = child
        self.url = announcement.url
        """ "http://127.0.0.1:PORT", without a slash at the end."""
        self.base_urls = announcement.base_urls
        """Base URL per API."""

    def __repr__(self) -> str:
        return f"<simulator process {self._child.pid} at {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the process still runs."""
        return self._child.poll() is None

    def stop(self) -> int:
        """End the process and return its exit code. A second call does nothing."""
        return _end(self._child)


def start(arguments: Sequence[str] = ()) -> Process:
    """Start a simulator with the options of `fetchdeck simulator`, and wait until it serves.

    Raises:
        SimulatorDidNotStart: the options are wrong, the port is in use, or it took too long.
    """
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(  # noqa: S603 - our own program, and the options are no shell's business
            [sys.executable, "-P", "-m", "simulator", CHILD, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            start_new_session=True,
        )
        try:
            return Process(child, msgspec.json.decode(_first_line(child), type=Announcement))
        except msgspec.DecodeError as error:
            code = _end(child)
            errors.seek(0)
            said = errors.read(4000).decode(errors="replace").strip()
            raise SimulatorDidNotStart(f"the simulator ended with {code}: {said or 'it said nothing'}") from error


def _environment() -> dict[str, str]:
    """Let the child import this very package, however it was found here."""
    root = str(Path(__file__).parent.parent)
    paths = [root, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _first_line(child: "subprocess.Popen[bytes]") -> bytes:
    """Read the announcement; b"" if no line arrives in time."""
    out: IO[Any] | None = child.stdout
    assert out is not None
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        return out.readline() if selector.select(_STARTS_WITHIN) else b""


def _end(child: "subprocess.Popen[bytes]") -> int:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    if child.poll() is None:
        child.terminate()
    try:
        return child.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
