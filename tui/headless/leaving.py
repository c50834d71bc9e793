"""Bounds how long a harvest without a screen takes to end after a signal, whatever hangs.

A service manager kills what does not end in time (systemd after 90 s, docker after 10). Ending in time is better: what
is in flight may finish first, and the exit code is the signal's.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Final

from engine.model.commands import StopNow
from engine.model.control import Control
from tui.common.exit_codes import of_signal

DRAIN: Final = 5.0
"""Seconds that requests in flight get to finish after SIGTERM or SIGHUP. Ctrl+C waits for them as long as it takes."""
LEAVE: Final = 4.0
"""Seconds that the rest may take then: git removes its locks, threads stop, the database is closed."""
SECOND: Final = 2.0
"""Seconds that the end may take after a second signal."""
MUST: Final = frozenset({signal.SIGTERM, signal.SIGHUP})
log: Final = logging.getLogger(__name__)


class Leaving:
    """Ends the harvest at once when its time is over, and the process when even that hangs.

    Args:
        give_up: ends the process with an exit code; what is committed stays, and the next run goes on from there.
    """

    def __init__(self, give_up: Callable[[int], object] = os._exit) -> None:
        self._give_up = give_up
        self._timers: list[threading.Timer] = []

    def first(self, by: signal.Signals, harvest: Control) -> None:
        """Bound the end after the first signal."""
        if by in MUST:
            self._after(DRAIN, lambda: harvest.send(StopNow()))
            self._after(DRAIN + LEAVE, lambda: self._end(by))

    def again(self, first: signal.Signals) -> None:
        """Bound the end after another signal. The exit code stays that of the first one."""
        self._after(SECOND, lambda: self._end(first))

    def cancel(self) -> None:
        """Bound nothing any more: the process ends by itself."""
        for timer in self._timers:
            timer.cancel()

    def _after(self, seconds: float, then: Callable[[], object]) -> None:
        timer = threading.Timer(seconds, then)
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def _end(self, by: signal.Signals) -> None:
        log.error("something hangs: the process ends by itself after %s", by.name)
        self._give_up(of_signal(by))
