"""The last words of a screen that broke: a traceback without the values of variables, which may be secrets."""

import traceback

from rich.text import Text

from engine.text import clean

_LINES = 40


def report(error: BaseException) -> Text:
    """Return a short message and where it happened, safe to print."""
    lines = [line for part in traceback.format_exception(error) for line in part.splitlines()]
    kept = [clean(line, 300) for line in lines[-_LINES:]]
    return Text("\n".join(["The screen of fetchdeck broke. What was fetched so far is in the database.", *kept]))


def one_line(error: BaseException) -> str:
    """Return an exception in one line, safe to show."""
    return clean(f"{type(error).__name__}: {error}", 160)
