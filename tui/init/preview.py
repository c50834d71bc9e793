"""Rows of a first page as plain text, safe to print."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.common.text import clean, counted

ROWS: Final = 3
_WIDTH: Final = 100
_CELL: Final = 28


def preview(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str) -> str:
    """Return the first rows below their columns, as many columns as fit."""
    if not rows:
        return f"no rows of {name} on the first page\n"
    shown = rows[:ROWS]
    cells = [[_text(column) for column in columns]]
    cells += [[_text(row.get(column)) for column in columns] for row in shown]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    fit = 0
    while fit < len(widths) and sum(widths[: fit + 1]) + 2 * (fit + 1) <= _WIDTH:
        fit += 1
    more = f" and {counted(len(columns) - fit, 'column')} more" if fit < len(columns) else ""
    head = f"{len(shown)} of {counted(len(rows), 'row')} of {name}{more}:\n"
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line[:fit], widths, strict=False)) for line in cells]
    return head + "".join(f"  {line.rstrip()}\n" for line in lines)


def _text(value: Any) -> str:
    return "" if value is None else clean(str(value), _CELL)
