"""Series of numbers as block characters: a sparkline of one row, or a chart of several.

The scale starts at zero. Textual's own Sparkline scales from the minimum, so a steady 98 to 102 fills its whole height;
it also sends one colour sequence for each cell (https://textual.textualize.io/widgets/sparkline/).
"""

from collections.abc import Sequence
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
"""Zero is the lowest block; any value above zero gets a higher one, so that few and none can be told apart."""
LINE: Final = "┄"
"""The character of a second series in a chart."""
WINDOW: Final = 60
"""The least number of seconds that a sparkline shows."""


def seconds_per_cell(width: int, window: int = WINDOW) -> int:
    """Return how many seconds a cell covers, so that `width` cells show at least `window` seconds."""
    return max(1, -(-window // max(1, width)))


def buckets(values: Sequence[float | None], width: int, per: int, newest: int) -> list[float | None]:
    """Average the known values into `width` cells of `per` values, oldest first; a cell without any is None.

    `newest` is the clock's second of the last value. Cells begin at multiples of `per` on that clock: a cell keeps its
    value while the row scrolls, and only the newest one changes.
    """
    cells: list[float | None] = []
    end = len(values)
    size = newest % per + 1
    while end > 0 and len(cells) < width:
        part = [value for value in values[max(0, end - size) : end] if value is not None]
        cells.append(sum(part) / len(part) if part else None)
        end -= size
        size = per
    cells += [None] * (width - len(cells))
    return cells[::-1]


def spark(cells: Sequence[float | None], peak: float) -> str:
    """Return one block for each cell, the full block at `peak`; an unknown cell is blank."""
    return "".join(" " if value is None else BLOCKS[_level(value, peak)] for value in cells)


def chart(cells: Sequence[float | None], peak: float, height: int) -> list[str]:
    """Return `height` lines of blocks, the top one first; zero still shows the lowest block."""
    steps = height * len(BLOCKS)
    tops = [None if value is None else _steps(value, peak, steps) for value in cells]
    return ["".join(_block(top, line) for top in tops) for line in reversed(range(height))]


def overlaid(lines: Sequence[str], cells: Sequence[float | None], peak: float) -> list[str]:
    """Draw a second series as a line over a chart; a block of more than half a cell hides the line."""
    drawn = [list(line) for line in lines]
    for x, value in enumerate(cells):
        if value is not None and peak > 0:
            line = drawn[len(lines) - 1 - (_steps(value, peak, len(lines) * len(BLOCKS)) - 1) // len(BLOCKS)]
            if line[x] == " " or line[x] in BLOCKS[:4]:
                line[x] = LINE
    return ["".join(line) for line in drawn]


def top(cells: Sequence[float | None]) -> float:
    """Return the highest value; 0.0 if all are unknown."""
    return max((value for value in cells if value is not None), default=0.0)


def _level(value: float, peak: float) -> int:
    if value <= 0 or peak <= 0:
        return 0
    return min(7, max(1, round(value / peak * 7)))


def _steps(value: float, peak: float, steps: int) -> int:
    if value <= 0 or peak <= 0:
        return 1
    return min(steps, max(2, round(value / peak * steps)))


def _block(steps: int | None, line: int) -> str:
    if steps is None:
        return " "
    filled = steps - line * len(BLOCKS)
    return " " if filled <= 0 else BLOCKS[min(filled, 8) - 1]
