"""The theme picker: the theme under the cursor is applied at once."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.theme import Theme

from tui.actions.messages import ThemeTried
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row
from tui.widgets.rules import rule
from tui.widgets.states import LEVELS, STATES

SWATCH_HEIGHT: Final = 8


def swatch(width: int, height: int) -> Sequence[Row]:
    """Draw a sample of a theme: every tone on every ground."""
    spark = Span(" ▁▂▃▄▅▆▇█▇▆▅▆▇█▆▅▄▃▂▁ ", Tone.SPARK)
    levels = [Span(f" {mark.glyph} {mark.word} ", mark.tone) for mark in LEVELS.values()]
    words = [Span(" text", Tone.TEXT), Span("  what matters less", Tone.DIM), Span("  keys and names", Tone.ACCENT)]
    rows = [
        rule([Span("how it looks", Tone.TITLE)], width),
        row([Span(" fetchdeck", Tone.TITLE), *words], width, Ground.BAR),
        row([Span(f" {mark.glyph} {mark.word} ", mark.tone) for mark in STATES.values()], width),
        row([Span("▸the chosen row", Tone.TITLE), *words], width, Ground.CURSOR),
        row([spark, Span("102/s ", Tone.ACCENT), Span("██████░░ ", Tone.GOOD), Span("███░░░░░", Tone.WARN)], width),
        row(levels, width),
        row([Span(" 429  ", Tone.WARN), Span("refused ten times in a row", Tone.BAD)], width),
        row([Span(" esc", Tone.ACCENT), Span(" back", Tone.DIM)], width, Ground.BAR),
    ]
    return fill(rows, width, height)


class Themes(Listing):
    """Lists themes. Enter keeps the shown theme; closing the page restores the previous one."""

    HEADING: ClassVar[int] = 0

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "keep", id="theme.keep", tooltip="keep this theme")
    ]

    def __init__(self, frame: Frame, themes: Mapping[str, Theme], current: str) -> None:
        super().__init__(frame)
        self._themes = themes
        self._before = current
        self.cursor = self.names().index(current)

    def names(self) -> list[str]:
        return [name for name in sorted(self._themes) if self.filter.lets(f"{name} {_kind(self._themes[name])}")]

    def length(self) -> int:
        return len(self.names())

    def trail(self) -> tuple[str, str]:
        return "themes", f"{len(self._themes)} themes"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        names = self.names()
        if not names:
            return fill([row([Span(" no theme is called that", Tone.DIM)], width)], width, height)
        first = max(0, min(self.cursor - height // 2, len(names) - height))
        drawn = [self._row(name, width, at_cursor=first + y == self.cursor) for y, name in enumerate(names[first:])]
        return fill(drawn, width, height)

    def details(self, width: int, height: int) -> Sequence[Row]:
        return swatch(width, height)

    def details_height(self) -> int:
        return SWATCH_HEIGHT

    def moved(self) -> None:
        """Apply the theme under the cursor."""
        names = self.names()
        self.cursor = min(max(0, self.cursor), max(0, len(names) - 1))
        if names:
            self.post_message(ThemeTried(names[self.cursor]))

    def action_keep(self) -> None:
        names = self.names()
        if names:
            self.post_message(ThemeTried(names[self.cursor], final=True))
            self.app.pop_screen()

    def action_close(self) -> None:
        self.post_message(ThemeTried(self._before))
        self.app.pop_screen()

    def _row(self, name: str, width: int, *, at_cursor: bool) -> Row:
        spans = [
            Span("▸" if at_cursor else " ", Tone.ACCENT),
            Span(fit(name, 34) + " ", Tone.TITLE if at_cursor else Tone.TEXT),
            Span(_kind(self._themes[name]), Tone.DIM),
            Span("   worn" if name == self._before else "", Tone.GOOD),
        ]
        return row(spans, width, Ground.CURSOR if at_cursor else Ground.BASE)


def _kind(theme: Theme) -> str:
    if theme.ansi:
        return "the terminal's own colours"
    return "dark" if theme.dark else "light"
