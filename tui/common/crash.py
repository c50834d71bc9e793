"""The report of a crashed screen: where it crashed, without any values, because a value may be a secret.

Textual's own report shows the local variables: an API token was printed four times in a test.
"""

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
    """Write an exception to the log file; return the path of the file."""
    _LOG.critical("the screen broke", exc_info=_origin(error))
    return tilde(log_file())


def report(error: BaseException, log: str) -> Text:
    """Return a short message with the stack, safe to print: even the exception's message is left out."""
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
    """Return the exception that a Textual worker raised, instead of the wrapper around it."""
    return error.error if isinstance(error, WorkerFailed) else error


def one_line(error: BaseException) -> str:
    """Return an exception as one line that is safe to show."""
    return clean(f"{type(error).__name__}: {error}", 160)
