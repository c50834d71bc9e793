"""The options of the anime source, and the sizes above which it refuses a plan."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.common.errors import UsageError
from engine.model.capabilities import Question
from sources.common.links import BaseUrl

MOST_FRANCHISES: Final = 20
MOST_ENTRIES: Final = 1000
DEPTH: Final = 12
MEMBERS: Final = 50
"""Bounds that hold if nobody wrote others."""
_TERMS: Final = (
    "AniList's terms forbid hoarding and mass collection of its data (https://docs.anilist.co/guide/terms-of-use)"
)

Title = Annotated[str, Meta(min_length=1, max_length=200, description="a title as AniList's search takes it")]
AniListId = Annotated[int, Meta(ge=1, le=2_147_483_647, description="the number in anilist.co/anime/NUMBER")]
Depth = Annotated[int, Meta(ge=1, le=50, description="relations between the named anime and the farthest one")]
Members = Annotated[int, Meta(ge=1, le=500, description="entries of one franchise")]
Places = Annotated[int, Meta(ge=1, le=5, description="requests in flight at each of the two hosts, 1 to 5")]


QUESTIONS: Final = (
    Question(
        key="titles", ask="titles", help="one franchise each, by the title of any entry, as AniList's search takes it"
    ),
    Question(key="ids", ask="ids", help="one franchise each, by the number in anilist.co/anime/NUMBER"),
    Question(
        key="details",
        ask="details",
        help='what MyAnimeList is asked too: "none", "missing" or "all"',
        unset="missing",
    ),
)


class AnimeOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of `[sources.anime]`."""

    base_url: BaseUrl = "https://graphql.anilist.co"
    jikan_url: BaseUrl = "https://api.jikan.moe/v4"
    titles: tuple[Title, ...] = ()
    ids: tuple[AniListId, ...] = ()
    details: Literal["none", "missing", "all"] = "missing"
    manga: bool = False
    other: bool = False
    max_depth: Depth | None = None
    max_members: Members | None = None
    concurrency: Places = 1

    @property
    def depth(self) -> int:
        """The bound of the relations between the named anime and the farthest one, written or not."""
        return DEPTH if self.max_depth is None else self.max_depth

    @property
    def members(self) -> int:
        """The bound of the entries of a franchise, written or not."""
        return MEMBERS if self.max_members is None else self.max_members

    def names(self) -> list[str]:
        """List every franchise once: "id 16498", "title Mushishi".

        Raises:
            UsageError: there is none, or together they may be more than AniList's terms allow to collect.
        """
        names = [*(f"id {number}" for number in self.ids), *(f"title {title}" for title in self.titles)]
        names = list(dict.fromkeys(names))
        if not names:
            raise UsageError("anime: nothing to fetch: set titles or ids (AniList's) in the configuration")
        if len(names) > MOST_FRANCHISES:
            raise UsageError(
                f"anime: {len(names)} franchises are refused, {MOST_FRANCHISES} is the most: {_TERMS}; name fewer"
            )
        if len(names) * self.members > MOST_ENTRIES:
            raise UsageError(
                f"anime: {len(names)} franchises of up to {self.members} entries could be"
                f" {len(names) * self.members:,}, {MOST_ENTRIES:,} is the most: {_TERMS};"
                f" name fewer, or set max_members = {MOST_ENTRIES // len(names)}"
            )
        return names

    def rules(self) -> str:
        """Name the options that decide who belongs to a franchise. Results found under other options do not count."""
        return f"depth={self.depth} members={self.members} manga={self.manga:d} other={self.other:d}"
