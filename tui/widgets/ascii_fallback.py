"""Plain letters for terminals that have no others: one translation, cell for cell, at the very edge."""

from collections.abc import Mapping
from typing import Final

from rich.cells import cell_len

_LIKENESSES: Final = {
    "●◐◔○‖◌✔■✖□▲": "*oz.!~+#x-^",
    "▸·…↵": ">-.<",
    "─│┬┴├┤": "-|+++|",
    "┄": "~",
    "▏▎▍▌▋▊▉█░": "::::===#.",
    "▁▂▃▄▅▆▇": ".:-=+*%",
}
_PLAIN: Final = {ord(a): b for pretty, plainer in _LIKENESSES.items() for a, b in zip(pretty, plainer, strict=True)}


def needed(environ: Mapping[str, str], encoding: str) -> bool:
    """Say whether only ASCII may be shown: the locale is not UTF-8, or the console's font lacks the glyphs."""
    utf8 = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return not utf8 or _coerced(environ) or environ.get("TERM") == "linux"


def _coerced(environ: Mapping[str, str]) -> bool:
    """Say whether the locale is C and only Python made it UTF-8 (https://peps.python.org/pep-0538/)."""
    language = environ.get("LANG", "")
    return environ.get("LC_CTYPE") == "C.UTF-8" and not environ.get("LC_ALL") and language in {"", "C", "POSIX"}


def plain(text: str) -> str:
    """Return `text` in ASCII, in as many cells; a letter without a likeness becomes question marks."""
    if text.isascii():
        return text
    likeness = text.translate(_PLAIN)
    return likeness if likeness.isascii() else "".join(map(_letter, likeness))


def _letter(letter: str) -> str:
    return letter if letter.isascii() else "?" * cell_len(letter)
