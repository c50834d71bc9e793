"""What a filter lets through: literal text, `re:` a regular expression, with a leading `!` everything else."""

import re
from dataclasses import dataclass
from re import Pattern

from engine.common.text import clean


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as it was typed, and what it looks for. Upper and lower case are the same to it."""

    text: str = ""
    pattern: Pattern[str] | None = None
    """None lets everything through."""
    inverse: bool = False

    def lets(self, text: str) -> bool:
        """Say whether a text passes."""
        return self.pattern is None or (self.pattern.search(text) is None) is self.inverse

    def __bool__(self) -> bool:
        return self.pattern is not None


def parse(text: str) -> Filter:
    """Read a filter.

    Raises:
        ValueError: the regular expression is none; the message is one line.
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
