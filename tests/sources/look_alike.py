"""The simulator without a socket: it answers a `Driver` from its handlers, and counts what was asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from engine.model.source import Request, Response
from simulator.common.api import Api, Call, Router
from simulator.registry import kind

BASE = "http://127.0.0.1:1"
NOW = 1_740_000_000.0


class Simulated:
    """One look-alike as an answer function."""

    def __init__(self, name: str, *, sizes: Mapping[str, Any] | None = None, token: str = "t") -> None:
        config = kind(name).preset("quiet")
        config = replace(config, sizes=replace(config.sizes, **(sizes or {})))
        self.api: Api = kind(name).build(config, seed=1, year=2024, clock=lambda: NOW)
        self.base = f"{BASE}/{name}"
        self.prefix = kind(name).path
        self.asked: Counter[str] = Counter()
        self.requests: list[Request] = []
        self._token = token
        self._router = Router(self.api.routes)

    @property
    def base_url(self) -> str:
        return f"{self.base}{self.prefix}"

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        address = request.url if "://" in request.url else f"{self.base_url}{request.url}"
        parts = urlsplit(address)
        query = "&".join(filter(None, (parts.query, urlencode(request.params))))
        return self._answer(request, parts.path.removeprefix(urlsplit(self.base).path), query)

    def _answer(self, request: Request, path: str, query: str) -> Response:
        headers = {
            b"user-agent": b"tests",
            **({b"authorization": f"Bearer {self._token}".encode()} if self._token else {}),
        }
        body = b"" if request.json is None else msgspec.json.encode(request.json)
        call = Call(path, query, self.base, headers, method=request.method, body=body)
        found = self._router.find(path)
        page = self.api.guard(call) or (found[0].handler(call, found[1]) if found else self.api.missing(call))
        self.asked[found[0].template if found else "?"] += 1
        named = {name.decode(): value.decode() for name, value in page.headers}
        if page.status == 301:
            target = urlsplit(named["location"])
            return self._answer(request, target.path.removeprefix(urlsplit(self.base).path), target.query)
        url = f"{self.base}{path}?{query}"
        return Response(status=page.status, headers=named, body=page.body, url=url, elapsed=0.1)

    @property
    def total(self) -> int:
        return self.asked.total()
