"""Detects that the terminal is gone. If SIGHUP is ignored (nohup, setsid), no signal reports it."""

import termios
import threading
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.5
"""Seconds between two checks."""


class Hangup:
    """Calls `gone` once, in its own thread, when the terminal behind a file descriptor is gone."""

    def __init__(self, gone: Callable[[], object], *, handle: int = 0, every: float = EVERY) -> None:
        self._gone = gone
        self._handle = handle
        self._every = every
        self._closed = threading.Event()

    def start(self) -> None:
        """Start watching, if there is a terminal."""
        if is_there(self._handle):
            threading.Thread(target=self._watch, name="hangup", daemon=True).start()

    def stop(self) -> None:
        self._closed.set()

    def _watch(self) -> None:
        while not self._closed.wait(self._every):
            if not is_there(self._handle):
                self._gone()
                return


def is_there(handle: int) -> bool:
    """Return whether a file descriptor is a terminal that is still connected."""
    # A terminal whose other end is closed answers EIO. Unlike a read, the call takes no key from the screen.
    try:
        termios.tcgetattr(handle)
    except (termios.error, OSError, ValueError):
        return False
    return True
