"""What is worth calling a person back for: an end, a source that needs a login or is parked, a standstill."""

from collections.abc import Iterator
from typing import Final

from engine.model.snapshot import DeckState, GroupState, State
from tui.widgets.numbers import count
from tui.widgets.states import ENDED, STATES

STILL: Final = 120.0
"""Seconds without anything landing, while requests are in flight, after which a harvest counts as stalled."""
_LOGIN: Final = frozenset({"401", "403"})


def title(deck: DeckState) -> str:
    """Return the terminal's title: it changes only with the state, so it costs nothing in between."""
    return f"fetchdeck: {STATES[deck.state].word}"


class AttentionAlerts:
    """Compares each deck with the ones before. The caller tells the time, in seconds."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._done = -1
        self._moved = 0.0

    def see(self, deck: DeckState, now: float) -> list[str]:
        """Return what to tell now; each thing once."""
        news = []
        for key, text in [*self._ended(deck), *self._failed(deck), *self._parked(deck), *self._stalled(deck, now)]:
            if key not in self._told:
                self._told.add(key)
                news.append(text)
        return news

    def _ended(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        if deck.state in ENDED and deck.groups:
            done, rows = (sum(getattr(group, name) for group in deck.groups) for name in ("done", "rows"))
            why = f", {deck.reason}" if deck.reason else ""
            text = f"{STATES[deck.state].word}{why}: {count(done)} requests, {count(rows)} rows"
            yield ("deck", "ended"), text

    def _failed(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        for group in deck.groups:
            if group.state is State.FAILED:
                what = "needs a login" if _refused(deck, group) else "failed"
                yield (group.name, "failed"), f"{group.name} {what}: {group.reason}"

    def _parked(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        for group in deck.groups:
            for lane in group.lanes:
                key = group.name, f"parked {lane.resource}"
                if lane.parked_until is None:
                    self._told.discard(key)
                else:
                    yield key, f"{group.name} {lane.reason}"

    def _stalled(self, deck: DeckState, now: float) -> Iterator[tuple[tuple[str, str], str]]:
        done = sum(group.done + group.failed + group.retries for group in deck.groups)
        flying = any(lane.in_flight for group in deck.groups for lane in group.lanes)
        if done != self._done or not flying or deck.state in ENDED:
            self._done, self._moved = done, now
            self._told.discard(("deck", "stalled"))
        elif now - self._moved >= STILL:
            yield ("deck", "stalled"), f"stalled: nothing has come back for {now - self._moved:.0f} s"


def _refused(deck: DeckState, group: GroupState) -> bool:
    """Say whether the API refused the credential: the newest kind of failure of the source says it."""
    kinds = [failure.kind for failure in deck.failures if failure.source == group.name]
    return bool(kinds) and kinds[0] in _LOGIN
