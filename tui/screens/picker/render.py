"""Rendering of the picker: the list of sources, and the details of the one under the cursor."""

from collections.abc import Collection, Sequence

from engine.model.source_card import SourceCard
from tui.widgets.numbers import count
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row, wrap
from tui.widgets.rules import rule


def table(
    cards: Sequence[SourceCard],
    cursor: int,
    chosen: Collection[str],
    width: int,
    height: int,
    empty: str = "no source is configured",
) -> list[Row]:
    """Draw one row for each source, scrolled so that the cursor is visible; `empty` is shown if there are none."""
    if not cards:
        return fill([row([Span(f" {empty}", Tone.WARN)], width)], width, height)
    first = first_row(len(cards), cursor, height)
    name = 20 if width >= 100 else 14
    rows = [
        _card(card, width, name, at_cursor=number == cursor, chosen=card.name in chosen)
        for number, card in enumerate(cards[first:], first)
    ]
    return fill(rows, width, height)


def first_row(length: int, cursor: int, height: int) -> int:
    """Return the index of the first visible source."""
    return max(0, min(cursor - height // 2, length - height))


def details(card: SourceCard | None, problem: str, width: int, height: int) -> list[Row]:
    """Draw what a source is, its limits, its terms and what a start would resume; a problem comes first."""
    heading = rule([Span("sources" if card is None else card.name, Tone.TITLE)], width)
    lines: list[Row] = []
    if problem:
        lines += _fact("problem", problem, Tone.BAD, width)
    if card is not None:
        if not card.ready:
            lines += _fact("missing", card.problem, Tone.WARN, width)
        lines += _fact("what", card.summary, Tone.TEXT, width)
        lines += _fact("limits", card.limits or "unknown", Tone.TEXT, width)
        lines += _fact("access", card.access, Tone.TEXT, width)
        lines += _fact("stored", _stored(card), Tone.TEXT, width)
        lines += _fact("next run", card.cost, Tone.TEXT, width) if card.cost else []
        lines += _fact("terms", card.terms, Tone.DIM, width)
    return fill([heading, *lines], width, height)


def _card(card: SourceCard, width: int, name: int, *, at_cursor: bool, chosen: bool) -> Row:
    box = "[x]" if chosen else "[ ]" if card.ready else "[!]"
    ground = Ground.CURSOR if at_cursor else Ground.BASE
    spans = [
        Span("▸" if at_cursor else " ", Tone.ACCENT),
        Span(f"{box} ", Tone.GOOD if chosen else Tone.DIM if card.ready else Tone.BAD),
        Span(fit(card.name, name) + " ", Tone.TITLE if at_cursor else Tone.TEXT),
    ]
    if not card.ready:
        return row([*spans, Span("✖ missing  ", Tone.BAD), Span(card.problem, Tone.WARN)], width, ground)
    spans.append(Span(fit("● ready", 9), Tone.GOOD))
    if width >= 70:
        spans.append(Span(fit(card.limits or "limits unknown", 26 if width < 160 else 40) + " "))
    if width >= 120:
        spans.append(Span(fit(card.access, 28) + " ", Tone.DIM))
    return row([*spans, Span(_last_run(card), Tone.ACCENT if card.resumable else Tone.DIM)], width, ground)


def _last_run(card: SourceCard) -> str:
    if card.resumable:
        return f"resumes {count(card.resumable)} requests"
    return f"last {card.last_run}" if card.last_run else "never"


def _stored(card: SourceCard) -> str:
    rows = "nothing yet" if card.rows is None else f"{card.rows:,} rows"
    left = f"; {card.resumable:,} requests are left of it, a start goes on with them" if card.resumable else ""
    return f"{rows}; last run {card.last_run or 'never'}{left}"


def _fact(label: str, text: str, tone: Tone, width: int) -> list[Row]:
    lines = wrap(text, max(1, min(width - 12, 110)))
    return [
        row([Span(f" {label if number == 0 else '':<9} ", Tone.DIM), Span(line, tone)], width)
        for number, line in enumerate(lines)
    ]
