"""From rows to strips: the only place where a tone becomes a colour and a glyph may become plain."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from engine.common.text import MARK
from tui.widgets.ascii_fallback import plain
from tui.widgets.rows import Row
from tui.widgets.theme_styles import Palette


def inert(text: str) -> str:
    """Return text in as many cells, with a mark in the place of every letter that is not printable."""
    return "".join(letter if letter.isprintable() else MARK * cell_len(letter) for letter in text)


class Ink:
    """What rows are written with. A change of theme is a new ink, so every panel notices."""

    def __init__(self, *, palette: Palette, ascii_only: bool) -> None:
        self._palette = palette
        self._ascii_only = ascii_only

    def strip(self, row: Row) -> Strip:
        """Return a row as Textual draws it."""
        return Strip([Segment(self._text(span.text), self._palette.style(span.tone, row.ground)) for span in row.spans])

    def _text(self, text: str) -> str:
        """Return text a terminal only shows: the engine has cleaned it, and here is where it would do harm."""
        safe = text if text.isprintable() else inert(text)
        return plain(safe) if self._ascii_only else safe
