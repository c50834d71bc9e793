"""Filters: literal text, a regular expression after `re:`, and a leading `!` to invert either."""

import re
from dataclasses import dataclass
from re import Pattern

from engine.common.text import clean


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter. It ignores case."""

    text: str = ""
    pattern: Pattern[str] | None = None
    """None matches every text."""
    inverse: bool = False

    def lets(self, text: str) -> bool:
        """Return whether a text passes."""
        return self.pattern is None or (self.pattern.search(text) is None) is self.inverse

    def __bool__(self) -> bool:
        return self.pattern is not None


def parse(text: str) -> Filter:
    """Parse a filter.

    Raises:
        ValueError: the regular expression is invalid; the message is one line.
    """
    inverse = text.startswith("!")
    wanted = text[1:] if inverse else text
    regular = wanted.startswith("re:")
    wanted = wanted[3:] if regular else wanted
    if not wanted:
        return Filter()
    try:
        pattern = re.compile(wanted if regular else re.escape(wanted), re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"re:{clean(wanted, 40)} is no regular expression: {clean(str(error), 80)}") from error
    return Filter(text, pattern, inverse)
