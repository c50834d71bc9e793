"""Notices that a terminal has gone. Where SIGHUP is ignored (nohup, setsid), nothing else would tell."""

import termios
import threading
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.5
"""Seconds between two looks."""


class Hangup:
    """Calls `gone` once, from a thread of its own, when the terminal behind a handle is no more."""

    def __init__(self, gone: Callable[[], object], *, handle: int = 0, every: float = EVERY) -> None:
        self._gone = gone
        self._handle = handle
        self._every = every
        self._closed = threading.Event()

    def start(self) -> None:
        """Look from now on, if there is a terminal to look at."""
        if is_there(self._handle):
            threading.Thread(target=self._look, name="hangup", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._closed.set()

    def _look(self) -> None:
        while not self._closed.wait(self._every):
            if not is_there(self._handle):
                self._gone()
                return


def is_there(handle: int) -> bool:
    """Say whether a handle is a terminal with somebody at the other end."""
    try:
        termios.tcgetattr(handle)
    except (termios.error, OSError, ValueError):
        return False
    return True
