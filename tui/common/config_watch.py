"""Watches the configuration file of a harvest that runs: the settings in force stay, and what was edited is told."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final

from engine.common.errors import UsageError, blame
from engine.common.paths import tilde
from engine.common.text import clean
from engine.config.differences import Difference, describe, differences
from engine.config.settings import Settings
from tui.common.times import hour

EVERY: Final = 2.0
"""Seconds between two looks. A file counts as edited when two looks in a row find it in the same new state, because an
editor may still be writing at the first."""
log: Final = logging.getLogger("fetchdeck.configuration")
Stamp = tuple[int, int, int, int] | None
"""Device, inode, size and time of change of a file; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEdit:
    """How the configuration in the file differs from the one in force."""

    at: float
    """When that was found, in seconds since the epoch."""
    changes: tuple[Difference, ...] = ()
    """What a restart would change; empty if the file is broken."""
    problem: str = ""
    """Why the file cannot be used, with its path and the key; "" if it can."""

    def describe(self, zone: tzinfo | None = None) -> str:
        """Say it in one line. A zone of None is the machine's own."""
        when = f"the configuration was edited at {hour(self.at, zone)}"
        if self.problem:
            return f"{when} and is broken, so the old one stays: {clean(self.problem, 400)}"
        return f"{when}: a restart would {describe(self.changes)}"


class ConfigWatch:
    """Looks at the file from time to time, in a thread: neither a slow disk nor a source's check holds up a screen.

    Args:
        settings: the settings in force.
        reread: reads the file again with the same command line, and checks what differs from the settings in force.
        own: returns the file's content as this program has read or written it. That is no edit.
        clock: seconds since the epoch.
        ticks: seconds of a clock that nobody sets.
        start: runs a look.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        reread: Callable[[], Settings],
        own: Callable[[], bytes | None] = lambda: None,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self.edit: ConfigEdit | None = None
        """None while the file has what is in force."""
        self._file = settings.origin.file
        self._existed = settings.exists
        self._in_force = settings.document
        self._reread = reread
        self._own = own
        self._clock = clock
        self._ticks = ticks
        self._start = start or _in_thread
        self._due = ticks() + EVERY
        self._looking = False
        self._seen: Stamp | str = "not yet"
        self._last: Stamp | str = "not yet"
        self._told: ConfigEdit | None = None

    def look(self) -> None:
        """Begin to look at the file, if it is time for it. Call this often."""
        if not self._looking and self._ticks() >= self._due:
            self._looking = True
            self._start(self._look)

    def news(self, zone: tzinfo | None = None) -> str | None:
        """Return what has been found since the last call, as a line; None if that is nothing."""
        edit, before = self.edit, self._told
        self._told = edit
        if edit is before:
            return None
        return "the configuration is again as it is in force" if edit is None else edit.describe(zone)

    def _look(self) -> None:
        try:
            self._compare()
        except Exception as error:  # a source checks its own settings, and may do so in any way
            log.exception("the configuration cannot be watched")
            self.edit = ConfigEdit(at=self._clock(), problem=f"{tilde(self._file)}: {blame(error)}")
        finally:
            self._due = self._ticks() + EVERY
            self._looking = False

    def _compare(self) -> None:
        stamp = _stamp(self._file)
        settled, self._last = stamp == self._last, stamp
        if not settled or stamp == self._seen:
            return
        self._seen = stamp
        if stamp is None and self._existed:
            self.edit = ConfigEdit(at=self._clock(), problem=f"{tilde(self._file)}: there is no such file any more")
            return
        before = _content(self._file)
        try:
            document = self._reread().document
        except UsageError as error:
            self.edit = ConfigEdit(at=self._clock(), problem=str(error))
            return
        if before is not None and before == self._own():
            self._in_force, self._existed = document, True
        changes = tuple(differences(self._in_force, document))
        self.edit = ConfigEdit(at=self._clock(), changes=changes) if changes else None


def _in_thread(look: Callable[[], None]) -> None:
    threading.Thread(target=look, name="configuration", daemon=True).start()


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
