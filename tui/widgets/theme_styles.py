"""Terminal styles of a theme, and the rendering of rows with them.

Only this module turns a tone into a colour, and text into what the terminal receives.
"""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.theme import Theme

from engine.common.text import MARK
from tui.widgets.ascii_fallback import plain
from tui.widgets.rows import Ground, Row, Tone


@dataclass(frozen=True)
class Palette:
    """The style of every tone on every ground."""

    styles: dict[tuple[Tone, Ground], Style]

    def style(self, tone: Tone, ground: Ground) -> Style:
        return self.styles[tone, ground]


def of_theme(theme: Theme) -> Palette:
    """Build a palette from the colours of a theme; its `deck-*` variables take precedence."""
    grounds = backgrounds(theme)
    styles = {
        (tone, ground): Style(
            color=colour.rich_color, bgcolor=grounds[ground].rich_color, bold=tone in {Tone.TITLE, Tone.BAD}
        )
        for (tone, ground), colour in inks(theme).items()
    }
    return Palette(styles)


def inks(theme: Theme) -> dict[tuple[Tone, Ground], Color]:
    """Return the colour of every tone on every ground; `deck-cursor-text` replaces all of them on the selected row."""
    colours = tones(theme)
    chosen = theme.variables.get("deck-cursor-text")
    return {
        (tone, ground): Color.parse(chosen) if chosen and ground is Ground.CURSOR else colours[tone]
        for tone in Tone
        for ground in Ground
    }


def without_colour() -> Palette:
    """Build a palette for NO_COLOR (https://no-color.org): bold and reverse video take the place of colours.

    Textual 8.2.8 answers NO_COLOR with greys in true colour, so its own filter is not enough.
    """
    bold = {Tone.TITLE, Tone.ACCENT, Tone.WARN, Tone.BAD}
    styles = {
        (tone, ground): Style(bold=tone in bold, reverse=ground is Ground.CURSOR) for tone in Tone for ground in Ground
    }
    return Palette(styles)


def tones(theme: Theme) -> dict[Tone, Color]:
    text = Color.parse(theme.foreground or ("#e6e6e6" if theme.dark else "#1c1c1c"))
    base = backgrounds(theme)[Ground.BASE]
    primary = Color.parse(theme.primary)
    return {
        Tone.TEXT: text,
        Tone.DIM: _variable(theme, "deck-muted", text.blend(base, 0.35)),
        Tone.TITLE: primary,
        Tone.ACCENT: _colour(theme.accent, primary),
        Tone.GOOD: _colour(theme.success, primary),
        Tone.WARN: _colour(theme.warning, primary),
        Tone.BAD: _colour(theme.error, primary),
        Tone.SPARK: _colour(theme.secondary, primary),
        Tone.RULE: _variable(theme, "deck-rule", text.blend(base, 0.7)),
    }


def backgrounds(theme: Theme) -> dict[Ground, Color]:
    base = Color.parse(theme.background or ("#101216" if theme.dark else "#fbfbf8"))
    surface = _colour(theme.surface, base)
    return {
        Ground.BASE: base,
        Ground.CURSOR: _variable(theme, "deck-cursor", _colour(theme.panel, surface)),
        Ground.BAR: _variable(theme, "deck-bar", surface),
    }


def _colour(value: str | None, otherwise: Color) -> Color:
    return otherwise if value is None else Color.parse(value)


def _variable(theme: Theme, name: str, otherwise: Color) -> Color:
    return _colour(theme.variables.get(name), otherwise)


def inert(text: str) -> str:
    """Return text of the same width, with a mark in place of every unprintable letter."""
    return "".join(letter if letter.isprintable() else MARK * cell_len(letter) for letter in text)


class Ink:
    """Renders rows with one palette. A change of theme makes a new ink; panels compare it by identity to repaint."""

    def __init__(self, *, palette: Palette, ascii_only: bool) -> None:
        self._palette = palette
        self._ascii_only = ascii_only

    def strip(self, row: Row) -> Strip:
        """Return a row as a Textual strip."""
        return Strip([Segment(self._text(span.text), self._palette.style(span.tone, row.ground)) for span in row.spans])

    def _text(self, text: str) -> str:
        # The engine has cleaned the text already. This is the last point before the terminal: Textual strips no escape
        # sequences from visible text, so one that slipped through could set the title or the clipboard.
        safe = text if text.isprintable() else inert(text)
        return plain(safe) if self._ascii_only else safe
