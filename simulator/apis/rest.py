"""A plain REST API that pages the same users in every supported style, for the configurable source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from simulator.common.api import Api, Call, Clock, Route
from simulator.common.limits import Quota, Refusal
from simulator.common.page import Header, Page, json_page
from simulator.common.settings import ApiConfig, Budget, Capacity, CapacityStep, FaultRule, Limits, Preset
from simulator.github.paging import cut, link
from simulator.rest.world import RestSizes, RestWorld

_SIZE = 40
Items = Sequence[dict[str, Any]]
_REAL = ApiConfig(
    name="rest",
    sizes=RestSizes(),
    limits=Limits(budget=Budget(600, 60), status=429, retry_after=True, known="headers", unchanged_is_free="always"),
    capacity=Capacity(latency=0.06, spread=0.4, delay=0.02),
)
_QUIET = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(1_000_000, 60)),
    capacity=Capacity(),
    sizes=RestSizes(users=95, posts=3, events=250),
)
_DEMO = replace(
    _REAL,
    limits=replace(_REAL.limits, budget=Budget(3000, 15)),
    capacity=Capacity(workers=6, latency=0.1, spread=0.3, delay=0.01),
    steps=(
        CapacityStep(40, Capacity(workers=3, latency=0.1, spread=0.3, delay=0.01)),
        CapacityStep(80, Capacity(workers=12, latency=0.1, spread=0.3, delay=0.01)),
    ),
    faults=(FaultRule(fault="500", rate=0.01),),
    sizes=RestSizes(users=10_000),
)


class RestApi:
    """Serves lists of objects. A token is accepted as a bearer or as the parameter `api_key`."""

    name = "rest"
    conditional = True

    def __init__(self, config: ApiConfig, *, world: RestWorld) -> None:
        self._config = config
        self._world = world
        self._users = world.users()
        self._events = world.events()
        styles: dict[str, Callable[[Call, Items], Page]] = {
            "all": _all,
            "links": _links,
            "pages": _pages,
            "offsets": _offsets,
            "cursors": _cursors,
            "addresses": _addresses,
            "keyset": _keyset,
        }
        self.routes: Sequence[Route] = [
            *(Route(f"/{name}/users", self._in(style)) for name, style in styles.items()),
            Route("/users/{id}/posts", self._posts),
            Route("/events", self._changed),
        ]

    def guard(self, call: Call) -> Page | None:
        """Reject a wrong token, and every method but GET and HEAD."""
        if self._config.token is not None and self.credential(call) != self._config.token:
            return _error(401, "The token is missing or wrong.")
        return None if call.method in {"GET", "HEAD"} else _error(405, "Only GET is answered.")

    def credential(self, call: Call) -> str:
        header = call.headers.get(b"authorization", b"").partition(b" ")[2].decode("latin-1")
        return header or call.parameters().get("api_key", "")

    def cost(self, _route: str) -> float:
        return 1.0

    def missing(self, _call: Call) -> Page:
        return _error(404, "There is nothing here.")

    def broken(self) -> Page:
        return _error(500, "Something broke.")

    def refuse(self, _call: Call, refusal: Refusal) -> Page:
        """Return a 429 with a Retry-After."""
        retry: tuple[Header, ...] = ()
        if refusal.retry_after is not None:
            retry = ((b"retry-after", b"%d" % max(1, round(refusal.retry_after + 0.499))),)
        return json_page({"error": "Too many requests."}, status=429, headers=retry)

    def headers(self, _call: Call, quota: Quota | None) -> list[Header]:
        """Return the budget in headers of its own, which a client must be configured to read."""
        if quota is None:
            return []
        return [
            (b"x-calls-limit", b"%d" % quota.limit),
            (b"x-calls-left", b"%d" % quota.remaining),
            (b"x-calls-reset", b"%d" % quota.resets_at),
        ]

    def _in(self, style: Callable[[Call, Items], Page]) -> Callable[[Call, Mapping[str, str]], Page]:
        return lambda call, _names: style(call, self._users)

    def _posts(self, call: Call, names: Mapping[str, str]) -> Page:
        found = self._world.posts(int(names["id"])) if names["id"].isascii() and names["id"].isdigit() else None
        return self.missing(call) if found is None else json_page({"posts": found})

    def _changed(self, call: Call, _names: Mapping[str, str]) -> Page:
        since = call.parameters().get("since", "")
        return _links(call, [event for event in self._events if event["updated_at"] >= since])


def _all(_call: Call, items: Items) -> Page:
    return json_page(items)


def _links(call: Call, items: Items) -> Page:
    page = cut(call.parameters(), endless=call.endless)
    relations = page.relations(len(items))
    said = link(f"{call.base}{call.path}", call.query, relations).encode()
    return json_page(page.of(items), headers=((b"link", said),) if said else ())


def _pages(call: Call, items: Items) -> Page:
    number = _number(call, "page", 1)
    first, last = (max(1, number) - 1) * _SIZE, -(-len(items) // _SIZE)
    # Every page claims a next page, so only `total_pages` is right.
    pagination = {"page": number, "total_pages": 10**6 if call.endless else last, "has_next_page": True}
    return json_page({"data": items[first : first + _SIZE], "pagination": pagination})


def _offsets(call: Call, items: Items) -> Page:
    offset, limit = _number(call, "offset", 0), min(100, _number(call, "limit", 20))
    return json_page({"count": len(items), "results": items[offset : offset + limit]})


def _cursors(call: Call, items: Items) -> Page:
    at = _number(call, "cursor", 0)
    rest = items[at : at + _SIZE]
    onward = f"{at + _SIZE:06}" if at + _SIZE < len(items) else None
    return json_page({"items": rest, "next_cursor": call.parameters().get("cursor", "0") if call.endless else onward})


def _addresses(call: Call, items: Items) -> Page:
    at = _number(call, "from", 0)
    onward = f"{call.base}{call.path}?from={at + _SIZE}" if at + _SIZE < len(items) else None
    return json_page({"results": items[at : at + _SIZE], "next": onward, "previous": None})


def _keyset(call: Call, items: Items) -> Page:
    after = _number(call, "after", 0)
    rest = [item for item in items if item["id"] > after]
    return json_page({"items": rest[:_SIZE], "at_end": len(rest) <= _SIZE and not call.endless})


def _error(status: int, words: str) -> Page:
    return json_page({"error": words}, status=status)


def _number(call: Call, name: str, default: int) -> int:
    text = call.parameters().get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


class RestKind:
    """Makes the plain REST API."""

    name = "rest"
    path = ""

    def preset(self, preset: Preset) -> ApiConfig:
        """Return a usual limit ("real"), a small one ("demo"), or one out of reach ("quiet")."""
        return {"real": _REAL, "demo": _DEMO, "quiet": _QUIET}[preset]

    def build(self, config: ApiConfig, *, seed: int, year: int, clock: Clock) -> Api:  # noqa: ARG002 -- nothing here ages
        return RestApi(config, world=RestWorld(seed, year=year, sizes=config.sizes))


KIND = RestKind()
