"""The limits of one source: one line for each lane and budget, with the reason why the lane is held back."""

from collections.abc import Sequence
from dataclasses import replace

from engine.model.lane_state import Bound, LaneState, Quota, SetBy
from engine.model.snapshot import GroupState
from tui.widgets.gauge import gauge, of_group, use
from tui.widgets.numbers import UNKNOWN, count, countdown, latency
from tui.widgets.rows import Row, Span, Tone, fill, fit, right, row
from tui.widgets.rules import rule
from tui.widgets.states import ENDED, bound

WIDE = 100
"""Cells from which on the columns have headings and show our own use and that of others."""
WIDER = 140
"""Cells from which on the columns show where a budget is known from."""


def needed(group: GroupState, width: int) -> int:
    """Return how many lines the limits of a source take, without the title."""
    return (width >= WIDE) + max(1, sum(max(1, len(lane.quotas)) for lane in group.lanes))


def panel(group: GroupState, width: int, height: int, *, alone: bool = False) -> list[Row]:
    """Draw a title and one line for each lane and budget; the last line counts those that did not fit.

    `alone` means that the latencies are shown elsewhere. A narrow title then shows who used the tightest budget.
    """
    lines = [line for lane in group.lanes for line in _lane(_at_rest(lane, group), width)]
    if width >= WIDE and height > len(lines) + 1:
        lines = [_headings(width), *lines]
    if len(lines) > height - 1 > 1:
        hidden = len(lines) - height + 2
        lines = [*lines[: height - 2], row([Span(f" {hidden} more limits: enter shows them", Tone.DIM)], width)]
    return fill([_title(group, width, alone=alone), *lines], width, height)


def _headings(width: int) -> Row:
    spans = [" ", fit("LANE", _lane_cells(width)), right("FLIGHT", 8), "  ", fit("MODE", 8), fit("LIMIT LEFT", 12)]
    spans += [right("RESET", 6), right("REMAINING", 12), right("YOURS", 6), right("OTHERS", 7), "  "]
    spans += (
        [fit("BUDGET", 12), fit("FROM", 11), "HELD BACK BY"] if width >= WIDER else [fit("BUDGET", 10), "HELD BACK BY"]
    )
    return row([Span("".join(spans), Tone.DIM)], width)


def _title(group: GroupState, width: int, *, alone: bool) -> Row:
    parts = [Span(group.name, Tone.TITLE), Span("limits", Tone.DIM)]
    tightest = of_group(group)
    if width >= WIDE:
        end = ""
    elif alone:
        end = "" if tightest is None else f"{tightest.name}{use(tightest)}"
    else:
        end = f"p50 {latency(group.p50)}  p95 {latency(group.p95)}"
    return rule(parts, width, [Span(end, Tone.DIM)] if end else [])


def _lane(lane: LaneState, width: int) -> list[Row]:
    quotas: Sequence[Quota | None] = lane.quotas or (None,)
    rows = []
    for number, quota in enumerate(quotas):
        head = _head(lane, width)
        spans = head if number == 0 else [Span(" " * sum(len(span.text) for span in head))]
        spans = [*spans, *gauge(quota, 12), *_quota(quota, width)]
        if number == 0:
            spans += [Span("  " if width < WIDE else ""), bound(lane.bound, _reason(lane))]
        elif width < WIDE and quota is not None:
            spans.append(Span(f"  {quota.name}{use(quota)}", Tone.DIM))
        rows.append(row(spans, width))
    return rows


def _lane_cells(width: int) -> int:
    return 8 if width < WIDE else 12 if width < WIDER else 16


def _head(lane: LaneState, width: int) -> list[Span]:
    tone = Tone.DIM if lane.mode.by is SetBy.AUTO else Tone.ACCENT
    return [
        Span(" " + fit(lane.resource, _lane_cells(width)), Tone.TEXT),
        Span(right(f"{lane.in_flight}/{lane.limit}", 8)),
        Span("  " + fit(str(lane.mode), 6 if width < WIDE else 8), tone),
    ]


def _quota(quota: Quota | None, width: int) -> list[Span]:
    """Draw the time to the reset; on a wide screen also the remainder, who used it, the budget's name and origin."""
    resets = Span(right(countdown(None if quota is None else quota.resets_in), 6), Tone.DIM)
    if width < WIDE:
        return [resets]
    name = 12 if width >= WIDER else 10
    origin = 11 if width >= WIDER else 0
    if quota is None:
        return [resets, Span(" " * (27 + name + origin))]
    known = quota.remaining is not None and quota.limit is not None
    amount = f"{count(quota.remaining or 0)}/{count(quota.limit or 0)}" if known else "unknown"
    yours, others = (UNKNOWN if used is None else count(used) for used in (quota.own, quota.others))
    foreign = Span(right(others, 7), Tone.WARN if quota.others else Tone.DIM)
    named = Span(f"  {fit(quota.name, name)}{fit(quota.origin, origin)}", Tone.DIM)
    return [resets, Span(right(amount, 12)), Span(right(yours, 6), Tone.DIM), foreign, named]


def _at_rest(lane: LaneState, group: GroupState) -> LaneState:
    """Return the lane as it should show once its source has ended.

    A lane that was stopped keeps the bound DRAIN, which would say "finishes what is in flight" for ever.
    """
    if lane.bound is Bound.DRAIN and group.state in ENDED:
        return replace(lane, bound=Bound.WORK, reason="nothing runs any more", wait=None)
    return lane


def _reason(lane: LaneState) -> str:
    if lane.wait is None or not lane.reason or any(letter.isdigit() for letter in lane.reason):
        return lane.reason
    return f"{lane.reason}, next in {countdown(lane.wait)}"
