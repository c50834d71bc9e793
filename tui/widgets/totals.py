"""One source in numbers: how far it is, how fast, and what it cost."""

from engine.snapshot import Group
from tui.widgets.gauge import bar
from tui.widgets.numbers import count, duration, latency, rate, share, size
from tui.widgets.rows import Row, Span, Tone, fill, right, row, whole
from tui.widgets.spark import buckets, chart, seconds_per_cell, top
from tui.widgets.titles import rule


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
    return fill([whole(spans, width), whole(_numbers(group), width)], width, height)


def throughput(group: Group, width: int, height: int, second: int) -> list[Row]:
    """Draw requests per second as a chart, scaled from zero."""
    margin = 7
    side = max(1, width - margin - 1)
    per = seconds_per_cell(side, min(300, max(60, side)))
    cells = buckets([past.requests for past in group.seconds], side, per, second)
    peak = top(cells)
    heading = rule(
        [Span("requests per second", Tone.DIM), Span(f"now {rate(group.rate)}", Tone.ACCENT)],
        width,
        [Span(f"last {duration(min(300, side * per))}", Tone.DIM)],
    )
    deep = max(1, height - 1)
    lines = chart(cells, peak, deep)
    labels = {0: rate(peak), deep - 1: "0" if deep > 1 else rate(peak)}
    rows = [
        row([Span(right(labels.get(number, ""), margin - 1) + " ", Tone.DIM), Span(line, Tone.SPARK)], width)
        for number, line in enumerate(lines)
    ]
    return fill([heading, *rows], width, height)


def _numbers(group: Group) -> list[Span]:
    return [
        Span(f" {count(group.rows)} rows  {size(group.bytes)}"),
        Span(f"   p50 {latency(group.p50)}  p95 {latency(group.p95)}"),
        Span(f"   failed {count(group.failed)}", Tone.BAD if group.failed else Tone.DIM),
        Span(f"   throttled {count(group.throttled)}", Tone.WARN if group.throttled else Tone.DIM),
        Span(f"   retries {count(group.retries)}", Tone.DIM),
        Span(f"   saved {count(group.avoided)}", Tone.DIM),
    ]
