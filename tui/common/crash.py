"""The last words of a screen that broke: where it broke, without any value, which may be a secret."""

import logging
import traceback
from pathlib import Path
from typing import Final

from rich.text import Text
from textual.worker import WorkerFailed

from engine.common.paths import log_file, tilde
from engine.common.text import clean

_FRAMES: Final = 12
_LOG: Final = logging.getLogger("fetchdeck.screen")


def write_down(error: BaseException) -> str:
    """Write an exception to the log file, and say where that is."""
    _LOG.critical("the screen broke", exc_info=_origin(error))
    return tilde(log_file())


def report(error: BaseException, log: str) -> Text:
    """Return a short message and where it happened, safe to print: not even the exception's words are in it."""
    error = _origin(error)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    lines = [
        "The screen of fetchdeck broke. What was fetched so far is in the database.",
        *(clean(place, 120) for place in places),
        f"{type(error).__name__}; the log has it whole: {clean(log, 300)}",
    ]
    return Text("\n".join(lines))


def _origin(error: BaseException) -> BaseException:
    """Return what a worker of Textual raised, rather than that one did."""
    return error.error if isinstance(error, WorkerFailed) else error


def one_line(error: BaseException) -> str:
    """Return an exception in one line, safe to show."""
    return clean(f"{type(error).__name__}: {error}", 160)
