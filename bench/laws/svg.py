"""Draws line charts as SVG text: panels one above the other over the same time, readable on light and dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 860
PANEL: Final = 210
LEFT, RIGHT, TOP, GAP, BOTTOM = 52, 26, 54, 44, 30
STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600; fill: #24292f }
  .grid { stroke: #d0d7de; stroke-width: 1 } .ideal { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 4 4 }
  polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round } .ideal-key { fill: #57606a }
  .line0 { stroke: #0969da; stroke-width: 2.8 } .line1 { stroke: #bc4c00 } .line2 { stroke: #8250df }
  .line3 { stroke: #1a7f37 } .line0-key { fill: #0969da; font-weight: 600 } .line1-key { fill: #bc4c00 }
  .line2-key { fill: #8250df } .line3-key { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d } .ideal { stroke: #9198a1 }
    .ideal-key { fill: #9198a1 } .line0 { stroke: #4493f8 } .line1 { stroke: #f0883e } .line2 { stroke: #ab7df8 }
    .line3 { stroke: #3fb950 } .line0-key { fill: #4493f8 } .line1-key { fill: #f0883e } .line2-key { fill: #ab7df8 }
    .line3-key { fill: #3fb950 }
  }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One chart: a line for each name with a point for each second, and a dashed line for the ideal."""

    title: str
    lines: Sequence[Sequence[float]]
    ideal: Sequence[float]
    most: float
    """The top of the axis; higher values are drawn there."""
    marks: Sequence[float]
    """Values with a grid line."""


def draw(*, title: str, names: Sequence[str], ideal: str, panels: Sequence[Panel], seconds: int) -> str:
    """Return the picture; `ideal` is the name of the dashed line."""
    height = TOP + len(panels) * (PANEL + GAP) - GAP + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        _text(LEFT, 16, title, kind="title"),
        *_key((*names, ideal)),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, TOP + number * (PANEL + GAP), seconds)
    parts += [_text(x, height - 8, f"{at} s", anchor="middle") for at, x in _times(seconds)]
    return "\n".join((*parts, "</svg>", ""))


def _panel(panel: Panel, top: float, seconds: int) -> list[str]:
    parts = [_text(LEFT, top + 12, panel.title, kind="title")]
    for mark in panel.marks:
        y = _y(mark, panel.most, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{mark:g}", anchor="end"))
    parts.append(_line("ideal", panel.ideal, panel.most, top, seconds))
    for number, line in reversed(list(enumerate(panel.lines))):
        parts.append(_line(f"line{number}", line, panel.most, top, seconds))
    return parts


def _line(kind: str, values: Sequence[float], most: float, top: float, seconds: int) -> str:
    points = " ".join(f"{_x(at, seconds):.1f},{_y(value, most, top):.1f}" for at, value in enumerate(values))
    return f'<polyline class="{kind}" points="{points}"/>'


def _key(names: Sequence[str]) -> list[str]:
    classes = [*(f"line{number}-key" for number in range(len(names) - 1)), "ideal-key"]
    spans = [f'<tspan class="{kind}">{escape(name)}</tspan>' for kind, name in zip(classes, names, strict=True)]
    return [f'<text x="{LEFT}" y="36">{"   ·   ".join(spans)}</text>']


def _times(seconds: int) -> list[tuple[int, float]]:
    return [(at, _x(at, seconds)) for at in range(0, seconds + 1, 30)]


def _x(at: float, seconds: int) -> float:
    return LEFT + at / seconds * (WIDTH - LEFT - RIGHT)


def _y(value: float, most: float, top: float) -> float:
    return top + PANEL - min(1.0, value / most) * (PANEL - 20)


def _text(x: float, y: float, words: str, *, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{named}>{escape(words)}</text>'
