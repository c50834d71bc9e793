"""Ground truth of the plain REST API: users, their posts, and events that change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.data.chance import mix, stream
from simulator.data.timeline import Timeline, iso
from simulator.data.words import NAMES, THINGS, VERBS


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSizes:
    """The amount of data."""

    users: int = 250
    posts: int = 8
    """Per user, at most."""
    events: int = 3_000


class RestWorld:
    """Objects computed from their number."""

    def __init__(self, seed: int = 1, *, year: int = 2025, sizes: RestSizes | None = None) -> None:
        self.sizes = sizes or RestSizes()
        self._timeline = Timeline(year)
        self._dice = stream(seed, "rest")

    def users(self) -> Sequence[dict[str, Any]]:
        return [
            {
                "id": number,
                "name": f"{NAMES[number % len(NAMES)]}{number}",
                "address": {
                    "city": f"Port {mix(self._dice, number) % 40}",
                    "geo": None if number % 7 == 0 else number / 8,
                },
            }
            for number in range(1, self.sizes.users + 1)
        ]

    def posts(self, user: int) -> Sequence[dict[str, Any]] | None:
        """Make the posts of a user; None where the user does not exist."""
        if not 1 <= user <= self.sizes.users:
            return None
        count = mix(self._dice, -user) % (self.sizes.posts + 1)
        return [
            {
                "id": user * 100 + nth,
                "user_id": user,
                "title": f"{VERBS[nth % len(VERBS)]} {THINGS[user % len(THINGS)]}",
            }
            for nth in range(1, count + 1)
        ]

    def events(self) -> Sequence[dict[str, Any]]:
        """Make all events, oldest first."""
        count = self.sizes.events
        return [
            {
                "id": number,
                "kind": ("arrival", "departure", "delay")[mix(self._dice, number) % 3],
                "updated_at": iso(self._timeline.at(number / count)),
            }
            for number in range(1, count + 1)
        ]
