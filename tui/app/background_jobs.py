"""Copying and exporting, which take a moment. Each returns a sentence for the user, even if it fails."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from textual.app import App

from engine.common.errors import UsageError
from engine.common.paths import state_file, tilde
from engine.common.text import clean
from engine.model.control import Control
from engine.model.snapshot import Failure
from tui.app.clipboard import Clipboard, ways
from tui.app.notices import Notices, ShowMessage
from tui.screens.triage import export
from tui.widgets.rows import Tone

T = TypeVar("T")


class BackgroundThread:
    """Runs slow work in a thread of the app, so that the screen does not stand still meanwhile."""

    def __init__(self, *, app: App[int], show_message: ShowMessage, notices: Notices) -> None:
        self._app = app
        self._show_message = show_message
        self._notices = notices

    def run(self, work: Callable[[], T], then: Callable[[T], None], *, failure: str) -> None:
        """Run `work`, then call `then` with its result in the app's own thread.

        A `UsageError` is shown as it is; any other error is reported as `failure`, because it must not end the screen.
        """

        def go() -> None:
            try:
                found = work()
            except UsageError as error:
                self._app.call_from_thread(self._show_message, clean(str(error), 500), Tone.BAD)
            except Exception as error:  # noqa: BLE001 - the work may call any source, file or clipboard
                self._app.call_from_thread(self._notices.report, failure, error)
            else:
                self._app.call_from_thread(then, found)

        self._app.run_worker(go, thread=True, group="background", exit_on_error=False)


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
