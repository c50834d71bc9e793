"""A sample of a theme: every tone on every ground, in words that mean what they do elsewhere."""

from collections.abc import Sequence
from typing import Final

from tui.widgets.rows import Ground, Row, Span, Tone, fill, row
from tui.widgets.rules import rule
from tui.widgets.states import LEVELS, STATES

HEIGHT: Final = 8


def sample(width: int, height: int) -> Sequence[Row]:
    """Draw the sample, from the top."""
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
