"""The two bottom lines: the status, and the keys that work on this screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from engine.model.completeness import of_source
from engine.model.snapshot import DeckState, State
from engine.model.walk import Completeness
from tui.widgets.numbers import count, stopwatch
from tui.widgets.rows import Ground, Row, Span, Tone, row
from tui.widgets.states import ENDED, STATES, of_deck

_TURN: Final = 5.0
"""Seconds for which one of two messages is drawn that take turns. The standing one has every third turn."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does, in one or two words."""

    key: str
    what: str
    last: bool = False
    """Whether the hint stands at the end of the line. Such hints are kept when others do not fit."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that the status line shows for a few seconds."""

    text: str
    tone: Tone = Tone.TEXT


def keys(hints: Sequence[Hint], width: int) -> Row:
    """Draw as many whole hints as fit; hints with `last` get room before all others."""
    # Help and quit come first when room is given away: whoever is lost on a narrow screen needs these two.
    last = [hint for hint in hints if hint.last]
    kept: list[Hint] = []
    room = width - 1 - sum(_size(hint) for hint in last)
    for hint in hints:
        if not hint.last and _size(hint) <= room:
            kept.append(hint)
            room -= _size(hint)
    spans = [Span(" ")]
    for hint in (*kept, *last):
        spans += [Span(hint.key, Tone.ACCENT), Span(f" {hint.what}  ", Tone.DIM)]
    return row(spans, width, Ground.BAR)


def status(
    deck: DeckState,
    selected: str,
    notice: Notice | None,
    width: int,
    *,
    standing: Notice | None = None,
    alone: bool = False,
) -> Row:
    """Draw the most important message: a notice, then how the harvest ended, then why a source waits.

    What is `standing` is drawn where no source waits, and takes turns with a wait, which may last for hours. With
    `alone`, only the selected source is considered.
    """
    waits = _wait(deck, selected, alone=alone)
    its_turn = waits.tone is Tone.DIM or int(deck.at / _TURN) % 3 == 0
    if standing is not None and its_turn and deck.state is not State.DRAINING:
        waits = standing
    message = notice or _end(deck) or waits
    return row([Span(" " + message.text, message.tone)], width)


def _end(deck: DeckState) -> Notice | None:
    if deck.state not in ENDED:
        return None
    mark = of_deck(deck)
    rows, done = (sum(getattr(group, name) for group in deck.groups) for name in ("rows", "requests"))
    failed = sum(group.failed for group in deck.groups)
    text = f"{mark.glyph} {mark.word} after {stopwatch(deck.uptime)}: {count(done)} requests, {count(rows)} new rows"
    text += f", {count(failed)} failed" if failed else ""
    cut = next((group for group in deck.groups if of_source(group) is Completeness.CUT), None)
    why = f". {deck.reason}" if deck.reason and deck.state is not State.DONE else ""
    why = f". {cut.name}: {cut.reason}" if cut and cut.reason and not why else why
    return Notice(f"{text}{why}. q leaves.", mark.tone)


def _wait(deck: DeckState, selected: str, *, alone: bool) -> Notice:
    if deck.state is State.DRAINING:
        why = f"stopping, waits for {deck.reason or 'what is in flight'}; q again ends at once"
        return Notice(f"{STATES[State.DRAINING].glyph} {why}", Tone.ACCENT)
    for group in sorted(deck.groups, key=lambda group: group.name != selected):
        if alone and group.name != selected:
            break
        if group.reason and group.state is not State.RUNNING:
            mark = STATES[group.state]
            return Notice(f"{mark.glyph} {group.name} {mark.word}: {group.reason}", mark.tone)
    for group in deck.groups:
        if group.name == selected and group.reason:
            return Notice(f"{group.name}: {group.reason}", Tone.DIM)
    return Notice(deck.reason, Tone.DIM)


def _size(hint: Hint) -> int:
    return cell_len(hint.key) + cell_len(hint.what) + 3
