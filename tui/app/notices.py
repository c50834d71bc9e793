"""The messages of the status line: one at a time, for some seconds. An error is also logged, once."""

import logging
from collections.abc import Callable
from typing import Final, Protocol

from engine.common.text import clean
from tui.common.crash import one_line
from tui.widgets.footer import Notice
from tui.widgets.rows import Tone

SECONDS: Final = 6.0
_LOG: Final = logging.getLogger("fetchdeck.screen")


class ShowMessage(Protocol):
    """Shows a message in the status line for some seconds."""

    def __call__(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None: ...


class Notices:
    """Holds the current message."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._notice: Notice | None = None
        self._until = 0.0
        self._reported: set[str] = set()

    @property
    def current(self) -> Notice | None:
        """The message to show; None after its time."""
        return self._notice if self._clock() < self._until else None

    def show(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        self._notice, self._until = Notice(clean(text, 300), tone), self._clock() + seconds

    def report(self, what: str, error: Exception) -> None:
        """Show an error; the first time, also log it."""
        text = f"{what}: {one_line(error)}"
        if text not in self._reported:
            self._reported.add(text)
            _LOG.error(text, exc_info=error)
        self.show(text, Tone.BAD)
