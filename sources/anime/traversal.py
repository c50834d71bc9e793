"""The walk through one franchise: breadth-first over relations, in as few round trips as the graph allows.

A walk is a chain of requests, one after the other; its state travels in their contexts. Distances are recomputed from
all known relations at each step, so the order in which entries were found does not matter.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from sources.anime.anilist import Edge, Entry
from sources.anime.queries import BATCH

FOLLOWED: Final = frozenset({
    "PREQUEL", "SEQUEL", "PARENT", "SIDE_STORY", "SUMMARY", "ALTERNATIVE", "SPIN_OFF", "COMPILATION", "CONTAINS",
})  # fmt: skip
"""Relation types that lead to a member.

CHARACTER is left out: a shared character joins franchises that have nothing else in common.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which relations a walk follows, and how far."""

    manga: bool
    other: bool
    max_depth: int
    max_members: int

    def follows(self, kind: str, *, to_anime: bool) -> bool:
        """Say whether a relation leads to another member."""
        if not (to_anime or self.manga):
            return False
        wanted = FOLLOWED | ({"OTHER"} if self.other else set()) | ({"ADAPTATION", "SOURCE"} if self.manga else set())
        return kind in wanted


class Walk(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The state of a walk, stored as the context of its next request."""

    kind: Literal["walk", "refresh"]
    name: str
    """The user's name for it: "id 16498", "title Mushishi"."""
    started: str
    """When the run that began this walk started."""
    root: int = 0
    """The entry the walk starts from; 0 while its title is searched."""
    asked: list[int] = []
    """The ids that this request asks for."""
    requests: int = 0
    """Requests sent before this one."""
    before: list[int] = []
    """The members that an earlier run found."""
    entries: list[Entry] = []
    edges: list[Edge] = []
    onward: list[tuple[int, int]] = []
    """The relations that lead to members: source, target."""
    missing: list[int] = []
    """Ids that were requested and not returned: deleted, hidden, or of another type."""

    def reach(self, max_depth: int) -> dict[int, int]:
        """Return the distance of every id within `max_depth` relations of the root, nearest first."""
        following: dict[int, list[int]] = {}
        for src, dst in self.onward:
            following.setdefault(src, []).append(dst)
        depths, queue = {self.root: 0}, deque([self.root])
        while queue:
            here = queue.popleft()
            if depths[here] < max_depth:
                new = [there for there in following.get(here, ()) if there not in depths]
                depths.update(dict.fromkeys(new, depths[here] + 1))
                queue.extend(dict.fromkeys(new))
        return depths

    def add(self, entry: Entry, relations: Iterable[tuple[Edge, bool]], rules: Rules) -> None:
        """Add a member with its relations and those of its neighbours."""
        self.entries.append(entry)
        known, led = set(self.edges), set(self.onward)
        for edge, to_anime in relations:
            if edge[0] == entry.id and edge not in known:
                known.add(edge)
                self.edges.append(edge)
            if rules.follows(edge[2], to_anime=to_anime) and edge[:2] not in led:
                led.add(edge[:2])
                self.onward.append(edge[:2])

    def wanted(self, rules: Rules) -> list[int]:
        """Return the ids to fetch next, nearest first, within the caps and each at most once."""
        settled = {each.id for each in self.entries} | set(self.missing)
        room = max(0, rules.max_members - len(self.entries))
        first = [] if self.entries else [number for number in self.before if number != self.root]
        candidates = dict.fromkeys([*self.reach(rules.max_depth), *first])
        return [number for number in candidates if number not in settled][: min(BATCH, room)]

    def members(self, max_depth: int) -> Sequence[Entry]:
        """Return the entries that are fetched and within reach, by id."""
        reached = self.reach(max_depth)
        return sorted((each for each in self.entries if each.id in reached), key=lambda each: each.id)

    def is_cut(self, rules: Rules) -> bool:
        """Say whether a cap left anybody out."""
        settled = {each.id for each in self.entries} | set(self.missing)
        return any(number not in settled for number in self.reach(rules.max_depth + 1))
