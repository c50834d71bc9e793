"""ASCII replacements for glyphs that a terminal cannot show. Widths do not change, so columns stay aligned."""

from collections.abc import Mapping
from typing import Final

from rich.cells import cell_len

_REPLACEMENTS: Final = {
    "●◐◔○‖◌✔■✖□▲": "*oz.!~+#x-^",
    "▸·…↵": ">-.<",
    "─│┬┴├┤": "-|+++|",
    "┄": "~",
    "▏▎▍▌▋▊▉█░": "::::===#.",
    "▁▂▃▄▅▆▇": ".:-=+*%",
}
_PLAIN: Final = {ord(a): b for glyphs, letters in _REPLACEMENTS.items() for a, b in zip(glyphs, letters, strict=True)}


def needed(environ: Mapping[str, str], encoding: str) -> bool:
    """Return whether only ASCII may be shown: the locale is not UTF-8, or TERM is `linux`.

    The font of the Linux console has no eighth blocks and no circles.
    """
    utf8 = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return not utf8 or _coerced(environ) or environ.get("TERM") == "linux"


def _coerced(environ: Mapping[str, str]) -> bool:
    """Return whether Python coerced the C locale to UTF-8 (https://peps.python.org/pep-0538/).

    The encoding of stdout then says UTF-8, but the terminal's encoding is unknown.
    """
    language = environ.get("LANG", "")
    return environ.get("LC_CTYPE") == "C.UTF-8" and not environ.get("LC_ALL") and language in {"", "C", "POSIX"}


def plain(text: str) -> str:
    """Return `text` in ASCII, equally wide; a letter without a replacement becomes a question mark for each cell."""
    if text.isascii():
        return text
    translated = text.translate(_PLAIN)
    return translated if translated.isascii() else "".join(map(_letter, translated))


def _letter(letter: str) -> str:
    return letter if letter.isascii() else "?" * cell_len(letter)
