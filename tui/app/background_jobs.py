"""Copying and exporting, which take a moment. Each returns a sentence for the user, even if it fails."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.common.errors import UsageError
from engine.common.paths import state_file, tilde
from engine.common.text import clean
from engine.model.control import Control
from engine.model.snapshot import Failure
from tui.app.clipboard import Clipboard, ways
from tui.screens.triage import export


class BackgroundJobs:
    """Copies and exports in the thread of the caller."""

    def __init__(self, *, clipboard: Clipboard, exports: Path, clock: Callable[[], float]) -> None:
        self._clipboard = clipboard
        self._exports = exports
        self._clock = clock

    @classmethod
    def usual(cls, clock: Callable[[], float]) -> "BackgroundJobs":
        """Use this machine's clipboards and fetchdeck's state folder."""
        folder = state_file().parent
        clipboard = Clipboard(file=folder / "copied.txt", ways=ways(os.environ))
        return cls(clipboard=clipboard, exports=folder / "exports", clock=clock)

    def copy(self, text: str, terminal: Callable[[str], None]) -> str:
        return self._clipboard.copy(text, terminal)

    def export(self, control: Control, failures: Sequence[Failure], kind: str) -> str:
        """Write the failed requests of some kinds of error to a file; return a message with its path."""
        try:
            found = [(one, control.failed(one.source, one.fingerprint)) for one in failures]
            path, many = export.write(self._exports, found, kind, self._clock())
        except UsageError as error:
            return clean(str(error))
        except OSError as error:
            return f"cannot export to {tilde(self._exports)}: {error.strerror}"
        return f"{many:,} requests in {tilde(path)}"
