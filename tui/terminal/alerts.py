"""Alerts: the events worth calling the person back for, and the title of the terminal."""

from collections.abc import Iterator
from typing import Final

from engine.model.outside_wait import Cause
from engine.model.snapshot import DeckState, GroupState, State
from tui.widgets.numbers import count
from tui.widgets.states import ENDED, of_deck

STILL: Final = 120.0
"""Seconds without any outcome, while requests are in flight, after which a harvest counts as stalled."""
_LOGIN: Final = frozenset({"401", "403"})


def title(deck: DeckState) -> str:
    """Return the title of the terminal. It contains only the state, so it is sent only when the state changes."""
    return f"fetchdeck: {of_deck(deck).word}"


class AttentionAlerts:
    """Compares each snapshot with the previous ones. The caller passes the time, in seconds."""

    def __init__(self) -> None:
        self._reported: set[tuple[str, str]] = set()
        self._done = -1
        self._progress_at = 0.0

    def see(self, deck: DeckState, now: float) -> list[str]:
        """Return the new alerts; each one is returned once."""
        news = []
        found = [*self._ended(deck), *self._failed(deck), *self._logins(deck)]
        for key, text in [*found, *self._parked(deck), *self._stalled(deck, now)]:
            if key not in self._reported:
                self._reported.add(key)
                news.append(text)
        return news

    def _ended(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        if deck.state in ENDED and deck.groups:
            done, rows = (sum(getattr(group, name) for group in deck.groups) for name in ("requests", "rows"))
            why = f", {deck.reason}" if deck.reason else ""
            text = f"{of_deck(deck).word}{why}: {count(done)} requests, {count(rows)} new rows"
            yield ("deck", "ended"), text

    def _failed(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        for group in deck.groups:
            if group.state is State.FAILED:
                what = "needs a login" if _refused(deck, group) else "failed"
                yield (group.name, "failed"), f"{group.name} {what}: {group.reason}"

    def _logins(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        for group in deck.groups:
            key = group.name, "login"
            waits = [wait for wait in group.outside if wait.cause is Cause.LOGIN_NEEDED]
            if not waits:
                self._reported.discard(key)
            for wait in waits:
                yield key, f"{group.name} needs a login: {wait.words}"

    def _parked(self, deck: DeckState) -> Iterator[tuple[tuple[str, str], str]]:
        for group in deck.groups:
            for lane in group.lanes:
                key = group.name, f"parked {lane.resource}"
                if lane.parked_until is None:
                    self._reported.discard(key)  # so that the next time it is parked is reported again
                else:
                    yield key, f"{group.name} {lane.reason}"

    def _stalled(self, deck: DeckState, now: float) -> Iterator[tuple[tuple[str, str], str]]:
        done = sum(group.done + group.failed + group.retries for group in deck.groups)
        in_flight = any(lane.in_flight for group in deck.groups for lane in group.lanes)
        if done != self._done or not in_flight or deck.state in ENDED:
            self._done, self._progress_at = done, now
            self._reported.discard(("deck", "stalled"))
        elif now - self._progress_at >= STILL:
            yield ("deck", "stalled"), f"stalled: nothing has come back for {now - self._progress_at:.0f} s"


def _refused(deck: DeckState, group: GroupState) -> bool:
    """Return whether the API refused the credential, by the newest kind of error of the source."""
    kinds = [failure.kind for failure in deck.failures if failure.source == group.name]
    return bool(kinds) and kinds[0] in _LOGIN
