"""The source table: one row for each source. The width of the screen decides which columns are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.model import completeness
from engine.model.lane_state import Bound
from engine.model.snapshot import GroupState
from tui.widgets.gauge import gauge, of_group, second_of_group
from tui.widgets.numbers import count, countdown, duration, latency, rate, size
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row
from tui.widgets.spark import buckets, seconds_per_cell, spark, top
from tui.widgets.states import ENDED, mark, of_source

Cell = Callable[[GroupState], Span]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers."""

    title: str
    width: int
    since: int
    """The screen width from which on the column is shown."""
    cell: Cell


def _in_flight(group: GroupState) -> Span:
    in_flight = sum(lane.in_flight for lane in group.lanes)
    return Span(f"{in_flight}/{sum(lane.limit for lane in group.lanes)}")


def _errors(group: GroupState) -> Span:
    return Span(count(group.failed), Tone.BAD if group.failed else Tone.DIM)


def _bound(group: GroupState) -> Span:
    """Return what holds back the first lane that is held back."""
    if group.state in ENDED:
        return Span("-", Tone.DIM)
    held = [lane.bound for lane in group.lanes if lane.bound not in {Bound.NONE, Bound.WORK}]
    return Span(held[0].value if held else "-", Tone.DIM)


def _reset(group: GroupState) -> Span:
    quota = of_group(group)
    return Span(countdown(None if quota is None else quota.resets_in), Tone.DIM)


_BEFORE: Final = (
    Column("FLIGHT", 7, 44, _in_flight),
    Column("REQ/S", 5, 36, lambda group: Span(rate(group.rate), Tone.ACCENT if group.rate else Tone.DIM)),
)
_AFTER: Final = (
    Column("RESET", 5, 70, _reset),
    Column("BOUND", 11, 140, _bound),
    Column("P50", 5, 100, lambda group: Span(latency(group.p50))),
    Column("P95", 5, 100, lambda group: Span(latency(group.p95))),
    Column("DONE", 5, 100, lambda group: Span(count(group.done))),
    Column("QUEUE", 5, 100, lambda group: Span(count(group.queued))),
    Column("ROWS", 5, 160, lambda group: Span(count(group.rows))),
    Column("BYTES", 7, 160, lambda group: Span(size(group.bytes))),
    Column("RETRY", 5, 160, lambda group: Span(count(group.retries), Tone.DIM)),
    Column("429S", 5, 160, lambda group: Span(count(group.throttled), Tone.WARN if group.throttled else Tone.DIM)),
    Column("SAVED", 5, 160, lambda group: Span(count(group.avoided), Tone.GOOD if group.avoided else Tone.DIM)),
    Column("ETA", 5, 100, lambda group: Span(duration(group.eta))),
    Column("ERR", 5, 30, _errors),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns fit a width, and how wide the flexible ones are."""

    before: tuple[Column, ...]
    after: tuple[Column, ...]
    name: int
    spark: int
    gauge: int
    next: int
    """Cells of the next tightest limit."""

    @property
    def window(self) -> int:
        """How many seconds the throughput column shows."""
        return self.spark * seconds_per_cell(self.spark)


def plan(width: int) -> Plan:
    """Choose the columns for a width; the throughput column takes the room that the others leave."""
    before = tuple(column for column in _BEFORE if width >= column.since)
    after = tuple(column for column in _AFTER if width >= column.since)
    name = 16 if width >= 160 else 12 if width >= 100 else 10
    limits = 14 if width >= 100 else 12 if width >= 60 else 0
    further = 12 if width >= 180 else 0
    gauges = (limits and limits + 2) + (further and further + 2)
    taken = 3 + name + 1 + 7 + sum(column.width + 1 for column in (*before, *after)) + gauges
    rest = width - taken - 2  # for the throughput column, behind two blanks; it is left out below 6 cells
    return Plan(before, after, max(4, name + min(0, rest)), rest if rest >= 6 else 0, limits, further)


def table(groups: Sequence[GroupState], selected: str, width: int, height: int, second: int) -> list[Row]:
    """Draw the heading and one row for each source, scrolled so that the selected one is visible."""
    columns = plan(width)
    first = first_row([group.name for group in groups], selected, height)
    rows = [_heading(columns, width)]
    for number, group in enumerate(groups[first:], first + 1):
        ground = Ground.CURSOR if group.name == selected else Ground.BASE
        rows.append(row(_cells(columns, group, number, ground, second), width, ground))
    return fill(rows, width, height)


def whole(group: GroupState) -> str:
    """Return a source in words, for the clipboard."""
    parts = [f"{group.name} {group.state.value}", group.reason, f"{group.rate:.1f}/s", f"{group.done:,} done"]
    parts += [
        f"{group.queued:,} queued",
        f"{group.rows:,} new rows",
        f"{group.written:,} written",
        f"{group.failed:,} failed",
        completeness.describe(group),
    ]
    return ", ".join(part for part in parts if part)


def first_row(names: Sequence[str], selected: str, height: int) -> int:
    """Return the index of the first visible source, in a table of `height` lines including the heading."""
    chosen = names.index(selected) if selected in names else 0
    return max(0, min(chosen - (height - 2) // 2, len(names) - (height - 1)))


def _heading(columns: Plan, width: int) -> Row:
    spans = [Span("   " + fit("SOURCE", columns.name) + " " + fit("STATE", 7), Tone.DIM)]
    spans += [Span(" " + right(column.title, column.width), Tone.DIM) for column in columns.before]
    if columns.spark:
        spans.append(Span("  " + fit(f"LAST {duration(columns.window)}", columns.spark), Tone.DIM))
    if columns.gauge:
        spans.append(Span("  " + fit("LIMIT LEFT", columns.gauge), Tone.DIM))
    if columns.next:
        spans.append(Span("  " + fit("NEXT LIMIT", columns.next), Tone.DIM))
    spans += [Span(" " + right(column.title, column.width), Tone.DIM) for column in columns.after]
    return row(spans, width)


def _cells(columns: Plan, group: GroupState, number: int, ground: Ground, second: int) -> list[Span]:
    chosen = ground is Ground.CURSOR
    spans = [
        Span("▸" if chosen else " ", Tone.ACCENT),
        Span(f"{number} " if number < 10 else "  ", Tone.DIM),
        Span(fit(group.name, columns.name) + " ", Tone.TITLE if chosen else Tone.TEXT),
        mark(of_source(group), 7),
    ]
    spans += _numbers(columns.before, group)
    if columns.spark:
        cells = buckets(
            [past.requests for past in group.seconds], columns.spark, seconds_per_cell(columns.spark), second
        )
        spans += [Span("  "), Span(spark(cells, top(cells)), Tone.SPARK)]
    if columns.gauge:
        spans += [Span("  "), *gauge(of_group(group), columns.gauge)]
    if columns.next:
        further = second_of_group(group)
        spans += [Span("  "), *(gauge(further, columns.next) if further else [Span(fit("-", columns.next), Tone.DIM)])]
    return spans + _numbers(columns.after, group)


def _numbers(columns: Sequence[Column], group: GroupState) -> list[Span]:
    cells = [(column.cell(group), column.width) for column in columns]
    return [Span(" " + right(cell.text, width), cell.tone) for cell, width in cells]
