"""A look-alike of a video site whose channels have RSS feeds that yt-dlp lists as they are, over plain http."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simulator.api import Api, Call, Clock, Route
from simulator.limits import Quota, Refusal
from simulator.page import HTML, Header, Page, json_page
from simulator.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset
from simulator.videos.feed import rss
from simulator.videos.world import VideoSizes, VideoWorld

_RSS = b"application/rss+xml; charset=utf-8"
_HEADERS: list[Header] = [(b"server", b"videos"), (b"cache-control", b"max-age=60")]


class VideosApi:
    """Serves a feed for each channel, and no videos."""

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
        """Refuse what does not only read."""
        return self.missing(call) if call.method not in {"GET", "HEAD"} else None

    def credential(self, _call: Call) -> str:
        """Know no one: the budget is the address's."""
        return ""

    def cost(self, _route: str) -> float:
        """Count one for everything."""
        return 1.0

    def missing(self, _call: Call) -> Page:
        """Say 404 in HTML."""
        return Page(404, b"<!doctype html><title>Not found</title><p>Nothing here.</p>\n", kind=HTML)

    def broken(self) -> Page:
        """Say 500 in HTML."""
        return Page(500, b"<!doctype html><title>Error</title><p>Something broke.</p>\n", kind=HTML)

    def refuse(self, _call: Call, refusal: Refusal) -> Page:
        """Say 429 and when to come back."""
        headers: tuple[Header, ...] = ()
        if refusal.retry_after is not None:
            headers = ((b"retry-after", b"%d" % max(1, round(refusal.retry_after + 0.499))),)
        return Page(self._config.limits.status, b"Too many requests\n", kind=b"text/plain", headers=headers)

    def headers(self, _call: Call, _quota: Quota | None) -> list[Header]:
        """Give what never changes: nothing tells the budget."""
        return _HEADERS

    def _channels(self, call: Call, _names: Mapping[str, str]) -> Page:
        return json_page([{"name": name, "feed": f"{call.base}/feeds/{name}.xml"} for name in self._world.channels()])

    def _feed(self, call: Call, names: Mapping[str, str]) -> Page:
        videos = self._world.videos(names["channel"])
        if not videos:
            return self.missing(call)
        return Page(200, rss(names["channel"], videos, call.base), kind=_RSS)


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


class VideosKind:
    """Makes the look-alike of a video site."""

    name = "videos"
    path = ""

    def preset(self, preset: Preset) -> ApiConfig:
        """Give a plausible limit, or a small one that bites, or none in reach."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:  # noqa: ARG002 -- tells no time
        """Make it over a world of its own."""
        return VideosApi(config, world=VideoWorld(seed, year=year, sizes=config.sizes))


KIND = VideosKind()
