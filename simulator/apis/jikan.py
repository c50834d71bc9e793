"""A look-alike of Jikan, the API over MyAnimeList: https://docs.api.jikan.moe."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from simulator.anime.world import AnimeSizes, AnimeWorld, Show
from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset

_DAY = 86_400
_HEADERS: list[Header] = [
    (b"server", b"nginx/1.18.0 (Ubuntu)"),
    (b"access-control-allow-origin", b"*"),
    (b"vary", b"Accept-Encoding"),
]
_LIMITED = (
    "You are being rate-limited. Please follow Rate Limiting guidelines: "
    "https://docs.api.jikan.moe/#section/information/rate-limiting"
)
_TYPES = {"MOVIE": "Movie", "SPECIAL": "Special", "TV_SHORT": "TV", "MUSIC": "Music"}
_REAL = ApiConfig(
    name="jikan",
    sizes=AnimeSizes(),
    limits=Limits(budget=Budget(60, 60, "sliding"), points=Budget(3, 1, "sliding"), penalty=1.0, status=429),
    capacity=Capacity(latency=0.15, spread=0.5, delay=0.03),
)
_QUIET = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(1_000_000, 60, "sliding"), points=None),
    capacity=Capacity(),
    sizes=AnimeSizes(franchises=40),
)
_DEMO = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(20, 20, "sliding")),
    capacity=Capacity(workers=4, latency=0.1, spread=0.3, delay=0.01),
    faults=(FaultRule(fault="429-bare", rate=0.01), FaultRule(fault="503", rate=0.02)),
)


class JikanApi:
    """Responds as api.jikan.moe/v4 does. Its limits are in no header."""

    name = "jikan"
    conditional = False

    def __init__(self, config: ApiConfig, *, world: AnimeWorld, clock: Clock) -> None:
        self._config = config
        self._world = world
        self._clock = clock
        self.routes: Sequence[Route] = [
            Route("/v4/anime/{id}", self._anime),
            Route("/v4/anime/{id}/episodes", self._episodes),
        ]

    def guard(self, call: Call) -> Page | None:
        return None if call.method in {"GET", "HEAD"} else _error(405, "Method Not Allowed")

    def credential(self, _call: Call) -> str:
        """Return one budget for everybody: Jikan limits by address."""
        return ""

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return _error(404, "Not Found")

    def broken(self) -> Page:
        return _error(500, "MyAnimeList may be down", kind="UpstreamException")

    def refuse(self, _call: Call, _refusal: Refusal) -> Page:
        """Return a 429 with its status as a string in the body, and no Retry-After."""
        body = {"status": "429", "type": "RateLimitException", "message": _LIMITED, "error": None}
        return json_page(body, status=429)

    def headers(self, _call: Call, _quota: Quota | None) -> list[Header]:
        return _HEADERS

    def _anime(self, _call: Call, names: Mapping[str, str]) -> Page:
        show = self._show(names["id"])
        return self._kept({"data": anime(show)}, show) if show else _error(404, "Not Found")

    def _episodes(self, _call: Call, names: Mapping[str, str]) -> Page:
        show = self._show(names["id"])
        if show is None:
            return _error(404, "Not Found")
        episodes = [{"mal_id": nth, "title": f"Episode {nth}", "filler": False} for nth in range(1, show.episodes + 1)]
        # One page holds all episodes and still claims a next page, as recorded.
        body = {"pagination": {"last_visible_page": 1, "has_next_page": True}, "data": episodes}
        return self._kept(body, show)

    def _show(self, number: str) -> Show | None:
        return self._world.by_mal(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None

    def _kept(self, body: dict[str, Any], show: Show) -> Page:
        """Return a page with the cache headers; one copy in five is stale already."""
        stale = show.dice % 5 == 0
        expires = self._clock() + (-3600 if stale else _DAY)
        headers = (
            (b"cache-control", b"public, s-maxage=86400"),
            (b"expires", formatdate(expires, usegmt=True).encode()),
            (b"last-modified", formatdate(expires - _DAY, usegmt=True).encode()),
            (b"x-cache-status", b"STALE" if stale else b"HIT"),
        )
        return json_page(body, headers=headers, cacheable=False)


def anime(show: Show) -> dict[str, Any]:
    """Write an anime as Jikan does."""
    return {
        "mal_id": show.mal,
        "url": f"https://myanimelist.net/anime/{show.mal}",
        "title": show.title,
        "title_english": f"{show.title} (English)",
        "title_japanese": f"作品 {show.id}",
        "title_synonyms": [],
        "type": _TYPES.get(show.format, show.format),
        "source": "Manga",
        "episodes": show.episodes,
        "status": "Finished Airing",
        "airing": False,
        "aired": {"prop": {"from": {"day": 1, "month": show.month, "year": show.year}, "to": None}},
        "duration": "24 min per ep" if show.format == "TV" else "1 hr 30 min",
        "rating": "PG-13 - Teens 13 or older",
        "score": round(5 + show.dice % 45 / 10, 2),
        "synopsis": f"About {show.title}.",
        "season": None,
        "year": show.year,
        "genres": [{"mal_id": 8, "type": "anime", "name": "Drama"}],
        "studios": [{"mal_id": 8, "type": "anime", "name": f"Studio {show.dice % 7}"}],
    }


def _error(status: int, words: str, *, kind: str = "HttpException") -> Page:
    return json_page({"status": status, "type": kind, "message": words, "error": None}, status=status)


class JikanKind:
    """Makes the Jikan look-alike."""

    name = "jikan"
    path = "/v4"

    def preset(self, preset: Preset) -> ApiConfig:
        """Return a preset.

        "real" has the documented limits, "demo" their pace in a shorter window, "quiet" none in reach.
        """
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:
        """Make it over the world it shares with AniList."""
        return JikanApi(config, world=AnimeWorld(seed, year=year, sizes=config.sizes), clock=clock)


KIND = JikanKind()
