"""One source in numbers: how far it is, how fast, and what it cost."""

from engine.model.snapshot import Group
from tui.widgets.gauge import bar
from tui.widgets.numbers import count, duration, latency, share, size
from tui.widgets.rows import Row, Span, Tone, fill, right, whole


def progress(group: Group, width: int, height: int) -> list[Row]:
    """Draw how much is done, and below it the numbers of the run."""
    known = group.done + group.queued
    spans = [
        Span(f" done {count(group.done)} of {count(known)}  "),
        Span(bar(group.done / known if known else 0.0, max(10, width // 4)), Tone.GOOD),
        Span(right(share(group.done, known), 5)),
        Span(f"   ETA {duration(group.eta)}", Tone.ACCENT),
        Span(f"   queued {count(group.queued)}", Tone.DIM),
        Span(f"   retrying {count(group.retrying)}", Tone.DIM),
    ]
    numbers = _numbers(group)
    if height < 3:
        numbers.insert(2, Span(f"   avoided {count(group.avoided)}", Tone.GOOD if group.avoided else Tone.DIM))
    return fill([whole(spans, width), whole(numbers, width), whole(_saved(group), width)], width, height)


def _saved(group: Group) -> list[Span]:
    """Say which requests were not needed, and why."""
    if not group.avoided:
        return [Span(" no request avoided yet", Tone.DIM)]
    why = [Span(f"   {count(each.requests)} {each.why}", Tone.DIM) for each in group.avoided_by]
    return [Span(f" {count(group.avoided)} requests avoided", Tone.GOOD), *why]


def _numbers(group: Group) -> list[Span]:
    return [
        Span(f" {count(group.rows)} rows  {size(group.bytes)}"),
        Span(f"   p50 {latency(group.p50)}  p95 {latency(group.p95)}"),
        Span(f"   failed {count(group.failed)}", Tone.BAD if group.failed else Tone.DIM),
        Span(f"   throttled {count(group.throttled)}", Tone.WARN if group.throttled else Tone.DIM),
        Span(f"   retries {count(group.retries)}", Tone.DIM),
    ]
