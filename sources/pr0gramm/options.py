"""The options of the pr0gramm source, and its budgets."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.model.capabilities import Question
from engine.model.source import RateBudget
from sources.common.links import BaseUrl

Flags = Annotated[int, Meta(ge=1, le=31, description="a sum of 1 SFW, 2 NSFW, 4 NSFL, 8 NSFP, 16 POL")]
PerMinute = Annotated[int, Meta(ge=2, le=1_000_000, description="requests a minute; the host allows about 120")]
Places = Annotated[int, Meta(ge=1, le=1000, description="requests in flight at the same time")]
Id = Annotated[int, Meta(ge=1, le=10**15, description="an id of an item; with promoted its promoted number")]
Words = Annotated[str, Meta(min_length=1, max_length=500)]
Days = Annotated[int, Meta(ge=0, le=36_500, description="days")]
Hours = Annotated[int, Meta(ge=0, le=1_000_000, description="hours")]
Votes = Annotated[int, Meta(ge=1, description="votes")]
Delay = Annotated[float, Meta(ge=0, le=3600, description="seconds")]

LIST: Final = "list"
PRESETS: Final[Mapping[str, int]] = {"sequential": 1, "conservative": 5, "recommended": 10, "aggressive": 20}
"""Requests in flight per preset. The rate is a separate option, `requests_per_minute`."""


QUESTIONS: Final = (
    Question(
        key="flags",
        ask="flags",
        help="a sum of 1 SFW, 2 NSFW, 4 NSFL, 8 NSFP, 16 POL; beyond 1 and 16 with a token",
        unset="1",
    ),
    Question(key="tags", ask="tags", help="a search expression; only what it finds is listed", unset="all items"),
    Question(key="down_to", ask="down to", help="the lowest id to list", unset="1, the first item ever"),
    Question(key="details", ask="details", help="whether tags and comments of each item are fetched too", unset="yes"),
)


class Pr0grammOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of `[sources.pr0gramm]`."""

    base_url: BaseUrl = "https://pr0gramm.com/api"
    flags: Flags = 1
    promoted: bool = False
    tags: Words | None = None
    user: Words | None = None
    details: bool = True
    start_from: Id | None = None
    down_to: Id | None = None
    fill_gaps: bool = True
    refresh_days: Days = 0
    refresh_votes: Votes = 25
    refresh_hours: Hours = 1
    preset: Literal["sequential", "conservative", "recommended", "aggressive"] = "recommended"
    concurrency: Places | None = None
    requests_per_minute: PerMinute = 60
    request_delay: Delay = 0.0

    def __post_init__(self) -> None:
        """Refuse a range that runs upwards.

        Raises:
            ValueError: down_to is above start_from.
        """
        if self.start_from and self.down_to and self.down_to > self.start_from:
            raise ValueError(f"down_to = {self.down_to} must not be above start_from = {self.start_from}")

    @property
    def places(self) -> int:
        """Requests in flight at most."""
        return self.concurrency or PRESETS[self.preset]

    @property
    def floor(self) -> int:
        """The lowest id wanted."""
        return self.down_to or 1

    def stream(self) -> str:
        """Name the stream of items. Coverage of one stream says nothing about another."""
        parts = [self.base_url.partition("//")[2], f"flags={self.flags}", f"details={int(self.details)}"]
        parts += ["promoted"] if self.promoted else []
        named = {"tags": self.tags, "user": self.user}
        parts += [f"{name}={msgspec.json.encode(value).decode()}" for name, value in named.items() if value]
        return " ".join(parts)

    def scope(self) -> str:
        """Name the stream and the wanted part of it; the pace is left out."""
        return f"{self.stream()} {self.start_from or ''}..{self.down_to or ''} gaps={int(self.fill_gaps)}"

    def list_resource(self) -> str:
        """Name the lane of list pages: a lane of their own where a delay applies to them and not to details."""
        return LIST if self.details and self.request_delay > 0 else "core"

    def budgets(self) -> Sequence[RateBudget]:
        """Divide what the host allows between the lanes, since two lanes do not know of each other."""
        whole = RateBudget(requests=self.requests_per_minute, per=60.0, concurrency=self.places)
        if self.request_delay == 0:
            return (whole,)
        if not self.details:
            return (whole, RateBudget(requests=1, per=self.request_delay, concurrency=1))
        lists = min(math.ceil(60 / self.request_delay), self.requests_per_minute // 2)
        return (
            RateBudget(requests=self.requests_per_minute - lists, per=60.0, concurrency=self.places),
            RateBudget(resource=LIST, requests=1, per=max(self.request_delay, 60 / lists), concurrency=1),
        )
