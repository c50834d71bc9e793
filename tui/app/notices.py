"""What the app has to tell: one sentence at a time, for a while; an error goes to the log file once."""

import logging
from collections.abc import Callable
from typing import Final

from engine.common.text import clean
from tui.common.crash import one_line
from tui.widgets.footer import Notice
from tui.widgets.rows import Tone

SECONDS: Final = 6.0
_LOG: Final = logging.getLogger("fetchdeck.screen")


class Notices:
    """Holds the sentence that shows now."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._notice: Notice | None = None
        self._until = 0.0
        self._reported: set[str] = set()

    @property
    def current(self) -> Notice | None:
        """The sentence to show; None once its time is over."""
        return self._notice if self._clock() < self._until else None

    def say(self, text: str, tone: Tone = Tone.TEXT, seconds: float = SECONDS) -> None:
        """Show a sentence for some seconds."""
        self._notice, self._until = Notice(clean(text, 300), tone), self._clock() + seconds

    def report(self, what: str, error: Exception) -> None:
        """Show that something is wrong, and write it down the first time."""
        told = f"{what}: {one_line(error)}"
        if told not in self._reported:
            self._reported.add(told)
            _LOG.error(told, exc_info=error)
        self.say(told, Tone.BAD)
