"""Charts of one source over time: throughput, requests in flight, latency, budget.

The axis starts at zero. A second without a value is drawn as a gap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from engine.model.snapshot import STEP_SECONDS, GroupState, Second
from tui.widgets.gauge import of_group, use
from tui.widgets.numbers import count, duration, latency, rate, share
from tui.widgets.rows import Row, Span, Tone, fill, right, row
from tui.widgets.rules import rule
from tui.widgets.spark import LINE, buckets, chart, overlaid, top

WINDOWS: Final = (60, 300, 3600)
"""The spans a chart can show, in seconds. A cell covers whole seconds, so the exact span depends on the width."""
MARGIN: Final = 7
"""Cells for the numbers of the axis."""
_LONG: Final = 300
"""The longest window drawn from single seconds; a longer one is drawn from averages over `STEP_SECONDS` seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What one chart shows."""

    title: str
    short: str
    """The name where all charts are listed in one line."""
    now: Callable[[GroupState], str]
    blocks: Callable[[Second, int], float | None]
    """The series drawn as blocks: the value of an entry that covers so many seconds."""
    line: Callable[[Second], float | None] | None
    """The series drawn as a line over the blocks."""
    label: Callable[[float], str]
    peak: float | None = None
    """The top of the axis; None for the highest value in view."""
    unknown: str = "nothing is known yet"


def _in_flight_now(group: GroupState) -> str:
    in_flight, limit = sum(lane.in_flight for lane in group.lanes), sum(lane.limit for lane in group.lanes)
    return f"█ now {in_flight}  {LINE} limit {limit}"


def _budget_now(group: GroupState) -> str:
    quota = of_group(group)
    if quota is None or quota.remaining is None or not quota.limit:
        return "now unknown"
    return f"{quota.name} now {share(quota.remaining, quota.limit)}{use(quota)}"


PLOTS: Final = (
    Plot(
        title="requests per second",
        short="req/s",
        now=lambda group: f"now {rate(group.rate)}",
        blocks=lambda second, step: second.requests / step,
        line=None,
        label=rate,
    ),
    Plot(
        title="in flight",
        short="in flight",
        now=_in_flight_now,
        blocks=lambda second, _: second.in_flight,
        line=lambda second: second.limit,
        label=count,
    ),
    Plot(
        title="latency",
        short="latency",
        now=lambda group: f"█ p50 {latency(group.p50)}  {LINE} p95 {latency(group.p95)}",
        blocks=lambda second, _: second.p50,
        line=lambda second: second.p95,
        label=latency,
        unknown="unknown: no answer came in this time",
    ),
    Plot(
        title="budget left",
        short="budget",
        now=_budget_now,
        blocks=lambda second, _: second.left,
        line=None,
        label=lambda value: share(value, 1.0),
        peak=1.0,
        unknown="unknown: the API does not tell what is left",
    ),
)


def panel(
    group: GroupState, width: int, height: int, *, which: int, window: int, second: int, alone: bool = False
) -> list[Row]:
    """Draw a title and a chart.

    Args:
        group: the source.
        width: cells.
        height: lines, including the title.
        which: the number of the chart; it wraps around.
        window: about how many seconds the chart shows.
        second: the current second of the clock. Cells are aligned to it, so a drawn cell keeps its value as the
            chart scrolls.
        alone: whether this is the only visible chart; the title then names the others.
    """
    plot = PLOTS[which % len(PLOTS)]
    past, step = (group.seconds[-window:], 1) if window <= _LONG else (group.hour, STEP_SECONDS)
    side = max(1, width - MARGIN - 1)
    per = max(1, window // step // side)
    blocks = buckets([plot.blocks(one, step) for one in past], side, per, second // step)
    line = [] if plot.line is None else buckets([plot.line(one) for one in past], side, per, second // step)
    peak = plot.peak or top([*blocks, *line])
    high, last = f"max {plot.label(top([*blocks, *line]))}", f"last {duration(side * per * step)}"
    if alone:
        title = _tabs(plot, group, width, high, last)
    else:
        title = rule(_named(plot, group), width, [Span(f"{high}  {last}", Tone.DIM)])
    if all(value is None for value in (*blocks, *line)):
        return fill([title, row([Span(f" {plot.unknown}", Tone.DIM)], width)], width, height)
    lines = overlaid(chart(blocks, peak, max(1, height - 1)), line, peak)
    return fill([title, *_axis(plot, lines, peak, width)], width, height)


def _axis(plot: Plot, lines: Sequence[str], peak: float, width: int) -> list[Row]:
    labels = {len(lines) - 1: plot.label(0.0), 0: plot.label(peak)}
    return [
        row([Span(right(labels.get(at, ""), MARGIN - 1) + " ", Tone.DIM), Span(line, Tone.SPARK)], width)
        for at, line in enumerate(lines)
    ]


def _named(plot: Plot, group: GroupState) -> list[Span]:
    return [Span(plot.title, Tone.DIM), Span(plot.now(group), Tone.ACCENT)]


def _tabs(plot: Plot, group: GroupState, width: int, top: str, last: str) -> Row:
    """Name every chart, the visible one in brackets; a narrow title says "2 of 4" instead."""
    now = Span(plot.now(group), Tone.ACCENT)
    shown = PLOTS.index(plot)
    parts = [Span(one.short, Tone.DIM) for one in PLOTS]
    parts[shown : shown + 1] = [Span(f"[{plot.short}]", Tone.TITLE), now]
    for end in (f"{top}  {last}", last):
        if sum(cell_len(part.text) + 3 for part in parts) + cell_len(end) + 4 <= width:
            return rule(parts, width, [Span(end, Tone.DIM)])
    position = f"{shown + 1} of {len(PLOTS)}"
    return rule(parts[shown : shown + 2], width, [Span(f"{position}  {last}", Tone.DIM)])
