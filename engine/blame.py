"""What broke, in words that are safe to show: an error that nobody foresaw may have a token or a header in its own."""

import traceback
from pathlib import Path

from engine.common.errors import FetchdeckError
from engine.common.text import clean


def first(error: BaseException) -> BaseException:
    """Return the first exception inside nested groups of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def blame(error: BaseException) -> str:
    """Return the words of an error of fetchdeck's own; of any other one only its kind and its place."""
    error = first(error)
    if isinstance(error, FetchdeckError):
        return clean(str(error))
    places = traceback.extract_tb(error.__traceback__)[-1:]
    return clean(type(error).__name__ + "".join(f" at {Path(one.filename).name}:{one.lineno}" for one in places))
