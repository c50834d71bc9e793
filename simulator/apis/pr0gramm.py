"""A look-alike of the pr0gramm API, as its official app uses it: https://github.com/pr0gramm-com/api-docs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import HTML, Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, FaultRule, Limits, Preset
from simulator.pr0gramm.feed import PAGE_SIZE, Feed, Stream, around, by_id, by_promoted, newer, newest, older
from simulator.pr0gramm.search import Wanted, wanted
from simulator.pr0gramm.shapes import comment_shape, item_shape, tag_shape
from simulator.pr0gramm.world import ALL_FLAGS, NSFL, NSFP, NSFW, SFW, Pr0grammSizes, Pr0grammWorld

_NEEDS_LOGIN = {NSFW: "nsfwRequired", NSFL: "nsflRequired", NSFP: "nsfpRequired"}
_CLOUDFLARE = b"<html><head><title>Attention Required! | Cloudflare</title></head><body>cloudflare</body></html>\n"
_HEADERS: list[Header] = [
    (b"server", b"cloudflare"),
    (b"cache-control", b"no-cache, private"),
    (b"vary", b"Accept-Encoding"),
]
_REAL = ApiConfig(
    name="pr0gramm",
    sizes=Pr0grammSizes(),
    limits=Limits(budget=Budget(120, 60, "sliding"), status=429),
    capacity=Capacity(latency=0.08, spread=0.4, delay=0.03),
)
_QUIET = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(1_000_000, 60, "sliding")),
    capacity=Capacity(),
    sizes=Pr0grammSizes(items=1_000),
)
_DEMO = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(50, 5, "sliding")),
    capacity=Capacity(workers=8, latency=0.06, spread=0.3, delay=0.01),
    faults=(
        FaultRule(fault="429-bare", rate=0.003),
        FaultRule(fault="429", rate=0.002, wait=2),
        FaultRule(fault="malformed", rate=0.12, route="info"),
    ),
    sizes=Pr0grammSizes(items=12_000),
)


class Pr0grammApi:
    """Responds as pr0gramm.com/api does. Every response contains the time, so none is cacheable.

    With a configured token, a client is logged in only if its cookie `me` is that token.
    """

    name = "pr0gramm"
    conditional = False

    def __init__(self, config: ApiConfig, *, world: Pr0grammWorld, clock: Clock) -> None:
        self._config = config
        self._world = world
        self._clock = clock
        self._streams = {False: by_id(world), True: by_promoted(world)}
        self.routes: Sequence[Route] = [Route("/api/items/get", self._items), Route("/api/items/info", self._info)]

    def guard(self, call: Call) -> Page | None:
        """Reject a call with no user agent, as Cloudflare does."""
        if not call.headers.get(b"user-agent", b"").strip():
            return Page(403, _CLOUDFLARE, kind=HTML)
        return self.missing(call) if call.method not in {"GET", "HEAD"} else None

    def credential(self, call: Call) -> str:
        """Return the cookie `me`."""
        cookies = call.headers.get(b"cookie", b"").decode("latin-1").split(";")
        pairs = (cookie.strip().partition("=") for cookie in cookies)
        return next((value for name, _, value in pairs if name == "me"), "")

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return _error(404, "notFound", "Not Found")

    def broken(self) -> Page:
        return _error(500, "internal", "Internal Server Error")

    def refuse(self, _call: Call, refusal: Refusal) -> Page:
        """Return a 429, without a Retry-After unless one is configured."""
        headers: tuple[Header, ...] = ()
        if refusal.retry_after is not None:
            headers = ((b"retry-after", b"%d" % max(1, round(refusal.retry_after + 0.499))),)
        return json_page({}, status=self._config.limits.status, headers=headers)

    def headers(self, _call: Call, _quota: Quota | None) -> list[Header]:
        """Return the constant headers: the budget is in none."""
        return _HEADERS

    def _items(self, call: Call, _names: Mapping[str, str]) -> Page:
        said = call.parameters()
        flags = _number(said, "flags", SFW) & ALL_FLAGS
        promoted = said.get("promoted", "0") not in {"", "0"}
        if refused := self._not_allowed(call, flags):
            return self._feed(None, promoted=promoted, error=refused)
        chosen = wanted(self._world, flags, said.get("tags", ""))
        if chosen is None or not flags:
            return self._feed(Feed([], at_start=True, at_end=False), promoted=promoted)
        stream = self._streams[promoted]
        if call.endless:
            return self._feed(replace(newest(stream, chosen), at_end=False), promoted=promoted)
        feed = self._page(stream, chosen, said)
        return self._feed(feed, promoted=promoted, error=None if feed else "notFound")

    def _page(self, stream: Stream, chosen: Wanted, said: Mapping[str, str]) -> Feed | None:
        """Choose the page by the first cursor parameter; None if its item does not exist."""
        if "id" in said:
            item = self._world.item(_number(said, "id", 0))
            return around(stream, chosen, stream.cursor(item)) if item and stream.cursor(item) else None
        for name, page in (("older", older), ("newer", newer)):
            if name in said:
                return page(stream, chosen, _number(said, name, 0))
        return newest(stream, chosen)

    def _feed(self, feed: Feed | None, *, promoted: bool, error: str | None = None) -> Page:
        answer: dict[str, Any] = {
            "atEnd": feed.at_end if feed else True,
            "atStart": feed.at_start if feed else True,
            "error": error,
            "items": [item_shape(item) for item in feed.items] if feed else None,
            "ts": int(self._clock()),
            "cache": f"stream:{'top' if promoted else 'new'}:{PAGE_SIZE}",
            "rt": 3,
            "qc": 1,
        }
        return json_page(answer, cacheable=False)

    def _info(self, call: Call, _names: Mapping[str, str]) -> Page:
        item = self._world.item(_number(call.parameters(), "itemId", 0))
        if item is None:
            return self.missing(call)
        answer = {
            "tags": [tag_shape(tag) for tag in self._world.tags(item)],
            "comments": [comment_shape(comment) for comment in self._world.comments(item)],
            "ts": int(self._clock()),
            "cache": f"item:{item.id}",
            "rt": 2,
            "qc": 2,
        }
        return json_page(answer, cacheable=False)

    def _not_allowed(self, call: Call, flags: int) -> str | None:
        """Return the error for flags that need a login."""
        if self._config.token is None or self.credential(call) == self._config.token:
            return None
        return next((error for flag, error in _NEEDS_LOGIN.items() if flags & flag), None)


def _error(status: int, error: str, text: str) -> Page:
    return json_page({"error": error, "code": status, "msg": text}, status=status)


def _number(said: Mapping[str, str], name: str, default: int) -> int:
    text = said.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else default


class Pr0grammKind:
    """Makes the pr0gramm look-alike."""

    name = "pr0gramm"
    path = "/api"

    def preset(self, preset: Preset) -> ApiConfig:
        """Return the limit its developers named ("real"), a small one ("demo"), or one out of reach ("quiet")."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:
        return Pr0grammApi(config, world=Pr0grammWorld(seed, year=year, sizes=config.sizes), clock=clock)


KIND = Pr0grammKind()
