"""Text that is safe to show: everything from outside is cleaned once, where it enters the engine.

A terminal acts on control characters wherever they come from, and Textual passes most of them on. So they are replaced
by visible marks before a text can reach an event or a snapshot.
"""

from collections.abc import Iterable
from typing import Final

from engine.common.redaction import redact

MARK: Final = "\N{REPLACEMENT CHARACTER}"
NEWLINE: Final = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"
ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_INVISIBLE: Final = "\u00ad\u061c\u115f\u1160\u180e\u3164\ufeff\uffa0"
_BLANK: Final = frozenset(letter for letter in _INVISIBLE if letter.isprintable())
"""Characters that show nothing although `str.isprintable` accepts them."""


def _table() -> dict[int, str]:
    """Map control, zero-width, bidi and surrogate characters to marks. C0 controls have pictures at U+2400."""
    table = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x7F] = "\N{SYMBOL FOR DELETE}"
    hidden = [*range(0x80, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)]
    hidden += [*range(0xD800, 0xE000), *range(0xFFF0, 0xFFFC), *range(0xE0000, 0xE0080), *map(ord, _INVISIBLE)]
    table.update(dict.fromkeys(hidden, MARK))
    table.update({0x09: " ", 0x0A: NEWLINE, 0x0D: ""})
    return table


_MARKS: Final = _table()


def clean(text: str, limit: int = 200) -> str:
    """Return `text` without secrets and anything that a terminal acts on, at most `limit` characters long."""
    text = redact(text)  # before it is cut, or half a secret would stay
    cut = text if len(text) <= limit else text[: limit - 1] + ELLIPSIS
    # Nearly every text is harmless, and this test is many times faster than `translate`.
    harmless = cut.isprintable() and (cut.isascii() or _BLANK.isdisjoint(cut))
    return cut if harmless else cut.translate(_MARKS)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 request", "1,204 requests"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to `word`; None if none is similar."""
    import difflib

    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest name and list all of them: `did you mean "run"? There are: demo, run`."""
    names = sorted(known)
    guess = nearest(word, names)
    everything = f"there are: {', '.join(names)}" if names else "there are none"
    return f'did you mean "{guess}"? T{everything[1:]}' if guess else everything


def span(seconds: float) -> str:
    """Format a duration: "0.4 s", "38 s", "4 min", "2 h"."""
    if 0.0 < seconds < 0.95:
        return f"{max(0.1, seconds):.1f} s"
    if seconds < 100:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{round(seconds / 3600):,} h"
