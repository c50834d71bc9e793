"""The top line: the state and the totals of the whole deck."""

from engine.model.snapshot import DeckState
from tui.widgets.numbers import count, duration, rate, size, stopwatch
from tui.widgets.rows import Ground, Row, Span, Tone, spread, whole
from tui.widgets.states import of_deck

NAME = "fetchdeck"


def deck(now: DeckState, width: int, help_key: str = "?", traffic: str = "") -> Row:
    """Draw the name, state, uptime and the totals of all sources; totals that do not fit are left out from the end."""
    mark = of_deck(now)
    start = [
        Span(f" {NAME} ", Tone.TITLE),
        Span(f" {mark.glyph} {mark.word} ", mark.tone),
        Span(stopwatch(now.uptime), Tone.TEXT),
    ]
    end = [Span(f"  {help_key} help ", Tone.DIM)]
    if traffic:
        end.insert(0, Span(f"  {traffic}", Tone.ACCENT))
    room = width - sum(len(span.text) for span in (*start, *end))
    for text, tone in _totals(now):
        if len(text) + 3 > room:
            break
        start.append(Span("   " + text, tone))
        room -= len(text) + 3
    return spread(start, end, width, Ground.BAR)


def trail(parts: list[Span], width: int, end: str) -> Row:
    """Draw a breadcrumb: the program's name and the current page, with `end` at the right."""
    return spread(
        [Span(f" {NAME} ", Tone.TITLE), Span("▸ ", Tone.DIM), *parts], [Span(f" {end} ", Tone.DIM)], width, Ground.BAR
    )


def one_line(now: DeckState, width: int) -> Row:
    """Draw the most important totals in one line, for a terminal too small for any other layout."""
    mark = of_deck(now)
    throughput = rate(sum(group.rate for group in now.groups))
    failed = sum(group.failed for group in now.groups)
    start = [
        Span(mark.glyph, mark.tone),
        Span(f" {mark.word}"),
        Span(f" {throughput}/s"),
        Span(f" err {count(failed)}", Tone.BAD if failed else Tone.DIM),
        Span(f" {len(now.groups)} src", Tone.DIM),
        Span(" (q quit)", Tone.DIM),
    ]
    return whole(start, width, Ground.BAR)


def _finish(now: DeckState) -> list[tuple[str, Tone]]:
    """Return when the last source will be done and its name; nothing while no source has an estimate."""
    known = [group for group in now.groups if group.eta]
    if not known:
        return []
    last = max(known, key=lambda group: group.eta or 0.0)
    resets = f" after {last.eta_resets} reset{'s' if last.eta_resets > 1 else ''}" if last.eta_resets else ""
    name = f", {last.name} last" if len(known) > 1 else ""
    return [(f"ETA {duration(last.eta)}{resets}{name}", Tone.TEXT)]


def _totals(now: DeckState) -> list[tuple[str, Tone]]:
    lanes = [lane for group in now.groups for lane in group.lanes]
    in_flight, limit = sum(lane.in_flight for lane in lanes), sum(lane.limit for lane in lanes)
    failed = sum(group.failed for group in now.groups)
    return [
        (f"{rate(sum(group.rate for group in now.groups))}/s", Tone.ACCENT),
        (f"{count(failed)} failed", Tone.BAD if failed else Tone.DIM),
        (f"{in_flight}/{limit} in flight", Tone.TEXT),
        *_finish(now),
        (f"{count(sum(group.rows for group in now.groups))} new rows", Tone.TEXT),
        (size(sum(group.bytes for group in now.groups)), Tone.TEXT),
        (f"{count(sum(group.throttled for group in now.groups))} throttled", Tone.DIM),
        (f"{count(sum(group.avoided for group in now.groups))} requests saved", Tone.DIM),
        (now.database, Tone.DIM),
    ]
