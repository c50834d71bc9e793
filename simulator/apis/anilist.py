"""A look-alike of AniList's GraphQL API with its present limit: https://docs.anilist.co/guide/rate-limiting.

It reads a query's variables and the arguments of `Page`, and responds with all fields.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from simulator.anime.anilist_shapes import media
from simulator.anime.world import AnimeSizes, AnimeWorld, Show
from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset

_MOST = 50
_HEADERS: list[Header] = [
    (b"server", b"cloudflare"),
    (b"cf-cache-status", b"DYNAMIC"),
    (b"cache-control", b"no-cache, private"),
    (b"set-cookie", b"laravel_session=simulated; path=/; httponly"),
]
_SIZE = re.compile(r"perPage:\s*(\d{1,6})")
_PAGE = re.compile(r"\bpage:\s*(\d{1,6})")
_REAL = ApiConfig(
    name="anilist",
    sizes=AnimeSizes(),
    limits=Limits(budget=Budget(90, 60), points=Budget(30, 60, "sliding"), penalty=60.0, status=429, known="headers"),
    capacity=Capacity(latency=0.2, spread=0.4, delay=0.03),
)
_QUIET = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(1_000_000, 60), points=None),
    capacity=Capacity(),
    sizes=AnimeSizes(franchises=40),
)
_DEMO = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(90, 10), points=Budget(30, 10, "sliding"), penalty=5.0),
    capacity=Capacity(workers=4, latency=0.1, spread=0.3, delay=0.01),
    faults=(FaultRule(fault="502", rate=0.02),),
)


class AniListApi:
    """Responds as graphql.anilist.co does."""

    name = "anilist"
    conditional = False

    def __init__(self, config: ApiConfig, *, world: AnimeWorld) -> None:
        self._config = config
        self._world = world
        self.routes: Sequence[Route] = [Route("/", self._query)]

    def guard(self, call: Call) -> Page | None:
        """Reject everything but a POST."""
        return None if call.method == "POST" else self.missing(call)

    def credential(self, _call: Call) -> str:
        """Return one budget for everybody: AniList limits by address."""
        return ""

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return _error(404, "Not Found.")

    def broken(self) -> Page:
        return _error(500, "Internal Server Error")

    def refuse(self, _call: Call, refusal: Refusal) -> Page:
        """Return a 429 as Cloudflare's edge does: a Retry-After, and none of the other headers."""
        retry: tuple[Header, ...] = ()
        if refusal.retry_after is not None:
            retry = ((b"retry-after", b"%d" % max(1, round(refusal.retry_after + 0.499))),)
        body = {"data": None, "errors": [{"message": "Too Many Requests.", "status": 429}]}
        return json_page(body, status=429, headers=retry, tells_quota=False)

    def headers(self, _call: Call, quota: Quota | None) -> list[Header]:
        """Return the documented limit of 90, which is not the one enforced."""
        if quota is None:
            return _HEADERS
        told = ((b"x-ratelimit-limit", b"%d" % quota.limit), (b"x-ratelimit-remaining", b"%d" % quota.remaining))
        return [*_HEADERS, *told]

    def _query(self, call: Call, _names: Mapping[str, str]) -> Page:
        try:
            asked = msgspec.json.decode(call.body, type=_Asked)
        except msgspec.DecodeError:
            return _error(400, "Syntax Error: Unexpected <EOF>")
        found = self._found(asked)
        if found is None:
            return _error(400, "Variable of this query is neither ids, search nor id.")
        if "Page" not in asked.query:
            return self._single(found)
        size, page = min(_MOST, _number(_SIZE, asked.query, _MOST)), _number(_PAGE, asked.query, 1)
        cut = found[(page - 1) * size : page * size]
        # A full page claims a next page, even where there is none (recorded from AniList).
        info = {"total": 5000, "perPage": size, "currentPage": page, "hasNextPage": len(cut) == size or call.endless}
        body = {"data": {"Page": {"pageInfo": info, "media": [media(self._world, show) for show in cut]}}}
        return json_page(body, cacheable=False)

    def _found(self, asked: "_Asked") -> list[Show] | None:
        said, world = asked.variables, self._world
        match said:
            case {"ids": list(ids)}:
                numbers = sorted({number for number in ids if isinstance(number, int)})
                found = [show for number in numbers if (show := world.show(number))]
            case {"id": int(number)}:
                one = world.show(number)
                found = [one] if one else []
            case {"search": str(words)}:
                found = world.search(words)
            case _:
                return None
        return [show for show in found if show.kind == "ANIME" or "type: ANIME" not in asked.query]

    def _single(self, found: list[Show]) -> Page:
        if found:
            return json_page({"data": {"Media": media(self._world, found[0])}}, cacheable=False)
        error = {"message": "Not Found.", "status": 404, "locations": [{"line": 1, "column": 1}]}
        return json_page({"errors": [error], "data": {"Media": None}}, status=404, cacheable=False)


class _Asked(msgspec.Struct):
    query: str
    variables: dict[str, Any] = {}


def _error(status: int, words: str) -> Page:
    return json_page({"errors": [{"message": words, "status": status}], "data": None}, status=status, cacheable=False)


def _number(pattern: re.Pattern[str], text: str, default: int) -> int:
    match = pattern.search(text)
    return max(1, int(match[1])) if match else default


class AniListKind:
    """Makes the AniList look-alike."""

    name = "anilist"
    path = ""

    def preset(self, preset: Preset) -> ApiConfig:
        """Return the present limit ("real"), a small one ("demo"), or one out of reach ("quiet")."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:  # noqa: ARG002 -- nothing here ages
        """Make it over the world it shares with Jikan."""
        return AniListApi(config, world=AnimeWorld(seed, year=year, sizes=config.sizes))


KIND = AniListKind()
