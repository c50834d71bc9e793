"""How states are shown: as a glyph, a word and a tone. No state is shown by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.model import completeness
from engine.model.lane_state import Bound, SlotState
from engine.model.snapshot import DeckState, GroupState, State
from engine.model.walk import WORST_FIRST, Completeness
from tui.widgets.rows import Span, Tone, fit


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state is shown."""

    glyph: str
    short: str
    """At most 5 letters, for a column."""
    word: str
    tone: Tone


STATES: Final = {
    State.IDLE: Mark("○", "idle", "idle", Tone.DIM),
    State.RUNNING: Mark("●", "run", "running", Tone.GOOD),
    State.WAITING: Mark("◐", "wait", "waiting", Tone.WARN),
    State.PARKED: Mark("◔", "park", "parked", Tone.WARN),
    State.PAUSED: Mark("‖", "pause", "paused", Tone.ACCENT),
    State.DRAINING: Mark("◌", "drain", "draining", Tone.ACCENT),
    State.DONE: Mark("✔", "done", "done", Tone.GOOD),
    State.STOPPED: Mark("■", "stop", "stopped", Tone.WARN),
    State.FAILED: Mark("✖", "fail", "failed", Tone.BAD),
}
INCOMPLETE: Final = {
    Completeness.CUT: Mark("✖", "cut", "done, cut", Tone.BAD),
    Completeness.BOUNDED: Mark("✔", "done", "done, bounded", Tone.WARN),
    Completeness.UNCONFIRMED: Mark("✔", "done", "done, end not confirmed", Tone.GOOD),
}
"""How a run is shown that is done, and is not known to be complete."""
SLOTS: Final = {
    SlotState.IDLE: Mark("□", "idle", "idle", Tone.DIM),
    SlotState.BUSY: Mark("■", "busy", "busy", Tone.GOOD),
    SlotState.CANARY: Mark("▲", "test", "tests a penalty", Tone.WARN),
}
LEVELS: Final = {
    "info": Mark("·", "info", "info", Tone.DIM),
    "warn": Mark("!", "warn", "warn", Tone.WARN),
    "error": Mark("✖", "error", "error", Tone.BAD),
}
ENDED: Final = frozenset({State.DONE, State.STOPPED, State.FAILED})
BOUNDS: Final = {
    Bound.NONE: "nothing holds it back",
    Bound.WORK: "there is nothing to start",
    Bound.CONCURRENCY: "as many in flight as the limit allows",
    Bound.BUDGET: "the rate budget is used up",
    Bound.PENALTY: "the API asked for a break",
    Bound.PACE: "spread over the rate budget",
    Bound.PIN: "as many in flight as you pinned",
    Bound.CAP: "as fast as the cap allows",
    Bound.BACKOFF: "what is left waits for its next attempt",
    Bound.STORE: "writing catches up first",
    Bound.OUTSIDE: "waits for something outside of fetchdeck",
    Bound.PAUSE: "paused",
    Bound.DRAIN: "finishes what is in flight",
}
"""The text for a bound if the lane gives no reason."""


def of_source(group: GroupState) -> Mark:
    """Return how a source is shown."""
    return _of(group.state, [group])


def of_deck(deck: DeckState) -> Mark:
    """Return how the deck is shown: if it is done, by the source that says the least."""
    return _of(deck.state, deck.groups)


def _of(state: State, groups: Sequence[GroupState]) -> Mark:
    found = {completeness.of_source(group) for group in groups}
    worst = next((INCOMPLETE[one] for one in WORST_FIRST if one in found & INCOMPLETE.keys()), STATES[state])
    return worst if state is State.DONE else STATES[state]


def mark(found: Mark, width: int) -> Span:
    """Draw a glyph and a short word in `width` cells."""
    return Span(fit(f"{found.glyph} {found.short}", width), found.tone)


def level(name: str) -> Mark:
    """Return how a log level is shown; an unknown level is shown as it is."""
    return LEVELS.get(name, Mark("?", name, name, Tone.TEXT))


def bound(which: Bound, reason: str) -> Span:
    """Return in words what holds a lane back."""
    calm = which in {Bound.NONE, Bound.WORK, Bound.CONCURRENCY}
    return Span(reason or BOUNDS[which], Tone.DIM if calm else Tone.WARN)
