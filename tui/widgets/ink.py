"""From rows to strips: the only place where a tone becomes a colour and a glyph may become plain."""

from rich.segment import Segment
from textual.strip import Strip

from tui.widgets.ascii import plain
from tui.widgets.palette import Palette
from tui.widgets.rows import Row


class Ink:
    """What rows are written with. A change of theme is a new ink, so every panel notices."""

    def __init__(self, *, palette: Palette, ascii_only: bool) -> None:
        self._palette = palette
        self._ascii_only = ascii_only

    def strip(self, row: Row) -> Strip:
        """Return a row as Textual draws it."""
        return Strip([Segment(self._text(span.text), self._palette.style(span.tone, row.ground)) for span in row.spans])

    def _text(self, text: str) -> str:
        return plain(text) if self._ascii_only else text
