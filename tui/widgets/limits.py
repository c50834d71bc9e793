"""The limits of one source: a line per lane and budget, with the bound that binds in words."""

from collections.abc import Sequence
from dataclasses import replace

from engine.snapshot import Bound, Group, Lane, Quota
from tui.widgets.gauge import gauge
from tui.widgets.numbers import count, countdown, latency
from tui.widgets.rows import Row, Span, Tone, fill, fit, right, row
from tui.widgets.states import ENDED, bound
from tui.widgets.titles import rule

WIDE = 100
"""Cells from which on the columns have headings."""


def needed(group: Group, width: int) -> int:
    """Return how many lines the limits of a source take in a width, the title left out."""
    return (width >= WIDE) + max(1, sum(max(1, len(lane.quotas)) for lane in group.lanes))


def panel(group: Group, width: int, height: int) -> list[Row]:
    """Draw a title and a line per lane and budget; the last line tells of lanes that found no room."""
    lines = [line for lane in group.lanes for line in _lane(_at_rest(lane, group), width)]
    if width >= WIDE and height > len(lines) + 1:
        lines = [_headings(width), *lines]
    if len(lines) > height - 1 > 1:
        hidden = len(lines) - height + 2
        lines = [*lines[: height - 2], row([Span(f" {hidden} more limits: enter shows them", Tone.DIM)], width)]
    return fill([_title(group, width), *lines], width, height)


def _headings(width: int) -> Row:
    titles = " LANE              FLIGHT  MODE    LIMIT LEFT    RESET   REMAINING  BUDGET      FROM     HELD BACK BY"
    return row([Span(titles, Tone.DIM)], width)


def _title(group: Group, width: int) -> Row:
    parts = [Span(group.name, Tone.TITLE), Span("limits", Tone.DIM)]
    end = [Span(f"p50 {latency(group.p50)}  p95 {latency(group.p95)}", Tone.DIM)] if width < WIDE else []
    return rule(parts, width, end)


def _lane(lane: Lane, width: int) -> list[Row]:
    quotas: Sequence[Quota | None] = lane.quotas or (None,)
    wide = width >= WIDE
    rows = []
    for number, quota in enumerate(quotas):
        spans = _head(lane, wide=wide) if number == 0 else [Span(" " * (35 if wide else 25))]
        spans += [*gauge(quota, 12), *_quota(quota, wide=wide)]
        if number == 0:
            spans += [Span("  "), bound(lane.bound, _reason(lane))]
        rows.append(row(spans, width))
    return rows


def _head(lane: Lane, *, wide: bool) -> list[Span]:
    return [
        Span(" " + fit(lane.resource, 16 if wide else 8), Tone.TEXT),
        Span(right(f"{lane.in_flight}/{lane.limit}", 8)),
        Span("  " + fit(lane.mode, 6 if not wide else 8), Tone.ACCENT if lane.mode != "auto" else Tone.DIM),
    ]


def _quota(quota: Quota | None, *, wide: bool) -> list[Span]:
    resets = Span(right(countdown(None if quota is None else quota.resets_in), 6), Tone.DIM)
    if not wide:
        return [resets]
    if quota is None:
        return [resets, Span(" " * 33)]
    known = quota.remaining is not None and quota.limit is not None
    amount = f"{count(quota.remaining or 0)}/{count(quota.limit or 0)}" if known else "unknown"
    return [resets, Span(right(amount, 12)), Span("  " + fit(quota.name, 12) + fit(quota.origin, 7), Tone.DIM)]


def _at_rest(lane: Lane, group: Group) -> Lane:
    """Return a lane of a source that has ended as what it is: it finishes nothing any more."""
    if lane.bound is Bound.DRAIN and group.state in ENDED:
        return replace(lane, bound=Bound.WORK, reason="nothing runs any more", wait=None)
    return lane


def _reason(lane: Lane) -> str:
    if lane.wait is None or not lane.reason or any(letter.isdigit() for letter in lane.reason):
        return lane.reason
    return f"{lane.reason}, next in {countdown(lane.wait)}"
