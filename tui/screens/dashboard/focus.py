"""The focus screen: one source with its progress, throughput, limits, workers, log and errors."""

from collections.abc import Sequence
from typing import ClassVar

from engine.model.snapshot import Failure, GroupState, LogLine
from tui.screens import layout
from tui.screens.dashboard.base import DeckScreen
from tui.widgets import header
from tui.widgets.gauge import bar
from tui.widgets.numbers import count, duration, latency, share, size, stopwatch
from tui.widgets.rows import Row, Span, Tone, fill, right, whole
from tui.widgets.states import of_source


def progress(group: GroupState, width: int, height: int) -> list[Row]:
    """Draw the progress of a source, and below it the numbers of the run."""
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


def _saved(group: GroupState) -> list[Span]:
    """Return how many requests were avoided, and why."""
    if not group.avoided:
        return [Span(" no request avoided yet", Tone.DIM)]
    why = [Span(f"   {count(each.requests)} {each.why}", Tone.DIM) for each in group.avoided_by]
    return [Span(f" {count(group.avoided)} requests avoided", Tone.GOOD), *why]


def _numbers(group: GroupState) -> list[Span]:
    return [
        Span(f" {count(group.rows)} new rows  {size(group.bytes)}"),
        Span(f"   p50 {latency(group.p50)}  p95 {latency(group.p95)}"),
        Span(f"   failed {count(group.failed)}", Tone.BAD if group.failed else Tone.DIM),
        Span(f"   throttled {count(group.throttled)}", Tone.WARN if group.throttled else Tone.DIM),
        Span(f"   retries {count(group.retries)}", Tone.DIM),
        Span(f"   {count(group.written)} rows written", Tone.DIM),
    ]


class Focus(DeckScreen):
    """The screen of the selected source; its log and its errors are those of this source."""

    ALONE = True
    PANELS: ClassVar[tuple[str, ...]] = (
        *("line", "heading", "totals", "chart0", "chart1", "chart2", "chart3", "limits", "ticks", "workers"),
        *("log", "errors", "decisions", "settings", "status", "footer"),
    )

    def areas(self, width: int, height: int) -> layout.Areas:
        return self.zoomed(width, height) or layout.focus(width, height, self.wish(width), self.choice.pane)

    def paint_group(self, name: str, group: GroupState, width: int, height: int) -> Sequence[Row]:
        match name:
            case "heading":
                return [self._trail(group, width)]
            case "totals":
                return progress(group, width, height)
            case _:
                return super().paint_group(name, group, width, height)

    def lines_of_log(self) -> Sequence[LogLine]:
        return self.choice.log.lines(self.deck, self.choice.source)

    def failed(self) -> Sequence[Failure]:
        return [failure for failure in super().failed() if failure.source == self.choice.source]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable `open` unless the pane has a cursor: the source itself is open already."""
        return super().check_action(action, parameters) and (action != "open" or self.choice.inside)

    def can_go_back(self) -> bool:
        return True

    def leave(self) -> None:
        self.app.pop_screen()

    def _trail(self, group: GroupState, width: int) -> Row:
        mark = of_source(group)
        parts = [
            Span(group.name, Tone.TITLE),
            Span(f"  {mark.glyph} {mark.word}", mark.tone),
            Span(f"  {group.reason}" if group.reason else "", Tone.DIM),
        ]
        number = self.deck.groups.index(group) + 1
        end = f"{number} of {len(self.deck.groups)}   {stopwatch(self.deck.uptime)}"
        return header.trail(parts, width, f"{self.shown.traffic}   {end}" if self.shown.traffic else end)
