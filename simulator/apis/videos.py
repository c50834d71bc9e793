"""A look-alike of a video site, whose channels have RSS feeds that yt-dlp can list, over plain http."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import HTML, Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset
from simulator.videos.feed import rss
from simulator.videos.world import VideoSizes, VideoWorld

_RSS = b"application/rss+xml; charset=utf-8"
_HEADERS: list[Header] = [(b"server", b"videos"), (b"cache-control", b"max-age=60")]
_REAL = ApiConfig(
    name="videos",
    sizes=VideoSizes(),
    limits=Limits(budget=Budget(120, 60, "sliding"), concurrency=10, status=429, retry_after=True, known="never"),
    capacity=Capacity(latency=0.25, spread=0.4, delay=0.03),
)
_QUIET = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(1_000_000, 60, "sliding"), concurrency=None),
    capacity=Capacity(),
    sizes=VideoSizes(channels=4, videos=30),
)
_DEMO = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(30, 5, "sliding"), penalty=5.0),
    capacity=Capacity(workers=8, latency=0.2, spread=0.3, delay=0.01),
    faults=(FaultRule(fault="503", rate=0.02),),
)


class VideosApi:
    """Serves a feed per channel, and no videos."""

    name = "videos"
    conditional = True

    def __init__(self, config: ApiConfig, *, world: VideoWorld) -> None:
        self._config = config
        self._world = world
        self.routes: Sequence[Route] = [
            Route("/channels", self._channels),
            Route("/feeds/{channel}.xml", self._feed),
        ]

    def guard(self, call: Call) -> Page | None:
        return self.missing(call) if call.method not in {"GET", "HEAD"} else None

    def credential(self, _call: Call) -> str:
        """Return one budget for everybody: the site limits by address."""
        return ""

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return Page(404, b"<!doctype html><title>Not found</title><p>Nothing here.</p>\n", kind=HTML)

    def broken(self) -> Page:
        return Page(500, b"<!doctype html><title>Error</title><p>Something broke.</p>\n", kind=HTML)

    def refuse(self, _call: Call, refusal: Refusal) -> Page:
        """Return a 429 with a Retry-After, where one is configured."""
        headers: tuple[Header, ...] = ()
        if refusal.retry_after is not None:
            headers = ((b"retry-after", b"%d" % max(1, round(refusal.retry_after + 0.499))),)
        return Page(self._config.limits.status, b"Too many requests\n", kind=b"text/plain", headers=headers)

    def headers(self, _call: Call, _quota: Quota | None) -> list[Header]:
        """Return the constant headers: the budget is in none."""
        return _HEADERS

    def _channels(self, call: Call, _names: Mapping[str, str]) -> Page:
        return json_page([{"name": name, "feed": f"{call.base}/feeds/{name}.xml"} for name in self._world.channels()])

    def _feed(self, call: Call, names: Mapping[str, str]) -> Page:
        videos = self._world.videos(names["channel"])
        if not videos:
            return self.missing(call)
        return Page(200, rss(names["channel"], videos, call.base), kind=_RSS)


class VideosKind:
    """Makes the look-alike of a video site."""

    name = "videos"
    path = ""

    def preset(self, preset: Preset) -> ApiConfig:
        """Return a plausible limit ("real"), a small one ("demo"), or one out of reach ("quiet")."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:  # noqa: ARG002 -- tells no time
        return VideosApi(config, world=VideoWorld(seed, year=year, sizes=config.sizes))


KIND = VideosKind()
