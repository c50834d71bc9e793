"""The layout: how a terminal is divided among panels. Pure arithmetic on cells."""

from dataclasses import dataclass
from enum import StrEnum

from tui.widgets.area import Area

Areas = dict[str, Area]


class Pane(StrEnum):
    """The panes that share the lower part of the screen."""

    LOG = "log"
    ERRORS = "errors"
    WORKERS = "workers"
    DECISIONS = "decisions"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How many lines each panel would fill if there were room for all."""

    sources: int
    limits: int
    ticks: int
    """The workers as a strip of marks."""
    grid: int
    """The workers as a grid."""


# The breakpoints are common sizes: 80x24 is the classic terminal, 100 columns fit headings with numbers, 160x50 is a
# large window. Below 60x15 a second panel would leave the source table too few rows.


def tiny(width: int, height: int) -> bool:
    """Return whether there is room for one line only."""
    return width < 30 or height < 6


def small(width: int, height: int) -> bool:
    """Return whether there is room only for the list of sources and one line below it."""
    return width < 60 or height < 15


def roomy(width: int, height: int) -> bool:
    """Return whether the workers get a grid of their own."""
    return width >= 100 and height >= 30


def dashboard(width: int, height: int, wish: Wish, pane: Pane) -> Areas:
    if tiny(width, height):
        return {"line": Area(0, 0, width, 1)}
    if small(width, height):
        below = _below(width, height)
        return _frame(width, height) | {"sources": Area(0, 1, width, height - 2 - len(below))} | below
    areas = _frame(width, height)
    y = 1
    if height >= 50 and width >= 160:
        y = _charts(areas, y, width, 7, side=2)
    big = roomy(width, height)
    sources = min(wish.sources, max(3, (height - 10) // (3 if big else 2)))
    y = _row(areas, "sources", y, width, sources + 1)
    y = _row(areas, "limits", y, width, 1 + min(wish.limits, 6 if big else 2 if height >= 20 else 1))
    y = _workers(areas, y, width, height, wish, pane)
    return areas | _status(width, height) | _panes(y, width, height - 2 - y, pane, grid=roomy(width, height))


def focus(width: int, height: int, wish: Wish, pane: Pane) -> Areas:
    if tiny(width, height):
        return {"line": Area(0, 0, width, 1)}
    areas = _frame(width, height)
    y = _row(areas, "totals", 1, width, min(3 if height >= 30 else 2, height - 2))
    if small(width, height):
        below = _below(width, height)
        _row(areas, "limits", y, width, height - 1 - y - len(below))
        return areas | below
    if width >= 160 and height >= 50:
        y = _charts(areas, _charts(areas, y, width, 7, side=2), width, 7, side=2, first=2)
    elif roomy(width, height):
        y = _charts(areas, y, width, 7, side=2)
    else:
        y = _charts(areas, y, width, 4 if height < 30 else 7, side=1)
    y = _row(areas, "limits", y, width, 1 + min(wish.limits, max(1, height // 8)))
    y = _workers(areas, y, width, height, wish, pane)
    return areas | _status(width, height) | _panes(y, width, height - 2 - y, pane, grid=roomy(width, height))


def zoomed(width: int, height: int, pane: Pane) -> Areas:
    if tiny(width, height):
        return {"line": Area(0, 0, width, 1)}
    return _frame(width, height) | _status(width, height) | {pane.value: Area(0, 1, width, height - 3)}


def picker(width: int, height: int, cards: int) -> Areas:
    if height < 4:
        return {"cards": Area(0, 0, width, height)}
    areas = _frame(width, height)
    inner = height - 2
    details = 0 if inner < 10 else min(12, inner // 2)
    list_height = min(max(1, cards), inner - details)
    areas["cards"] = Area(0, 1, width, list_height)
    if details:
        areas["details"] = Area(0, 1 + list_height, width, inner - list_height)
    return areas


def listing(width: int, height: int, details: int = 0) -> Areas:
    """Divide a list screen. The details get at most half of the lines, and none on a small screen."""
    if height < 4:
        return {"list": Area(0, 0, width, height)}
    inner = height - 3
    below = min(details, inner // 2) if inner >= 10 else 0
    areas = _frame(width, height) | _status(width, height) | {"list": Area(0, 1, width, inner - below)}
    return areas | ({"details": Area(0, 1 + inner - below, width, below)} if below else {})


def _frame(width: int, height: int) -> Areas:
    return {"heading": Area(0, 0, width, 1), "footer": Area(0, height - 1, width, 1)}


def _below(width: int, height: int) -> Areas:
    """Return a status line, unless the screen is so low that the list needs every line."""
    return _status(width, height) if height >= 8 else {}


def _status(width: int, height: int) -> Areas:
    return {"status": Area(0, height - 2, width, 1)}


def _row(areas: Areas, name: str, y: int, width: int, height: int) -> int:
    if height > 0:
        areas[name] = Area(0, y, width, height)
    return y + height


def _charts(areas: Areas, y: int, width: int, height: int, *, side: int, first: int = 0) -> int:
    """Place charts side by side."""
    each = width // side
    for number in range(side):
        last = number == side - 1
        areas[f"chart{first + number}"] = Area(number * each, y, width - number * each if last else each, height)
    return y + height


def _workers(areas: Areas, y: int, width: int, height: int, wish: Wish, pane: Pane) -> int:
    if not roomy(width, height):
        return y if pane is Pane.WORKERS else _row(areas, "ticks", y, width, min(wish.ticks, 1 if height < 20 else 2))
    most = (height - y) * 2 // 3 if pane is Pane.WORKERS else (7 if height < 50 else 10)
    return _row(areas, "workers", y, width, 1 + min(wish.grid, most))


def _panes(y: int, width: int, height: int, pane: Pane, *, grid: bool) -> Areas:
    if height <= 0:
        return {}
    if width < 100 or (pane is Pane.WORKERS and not grid):
        return {pane.value: Area(0, y, width, height)}
    left = width * (2 if pane is Pane.ERRORS else 3) // 5
    name = pane.value if pane in {Pane.DECISIONS, Pane.SETTINGS} else "log"
    return {name: Area(0, y, left, height), "errors": Area(left, y, width - left, height)}
