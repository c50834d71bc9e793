"""A GitHub of one organisation in memory: it sorts, filters by `since`, pages with Link headers and answers by path."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from engine.model.source import Request, Response
from tests.sources.driver import respond

API = "https://api.github.com"
Object = dict[str, Any]


class FakeGitHub:
    """`lists` maps a path to its objects; `statuses` overrides a path's answer; pages hold `per_page` objects."""

    def __init__(self, lists: Mapping[str, list[Object]], *, per_page: int = 2) -> None:
        self.lists = dict(lists)
        self.objects: dict[str, Object] = {}
        self.statuses: dict[str, int] = {}
        self.per_page = per_page
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        params = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in request.params.items()}}
        url = f"{API}{parts.path}?{urlencode(params)}"
        self.asked.append(f"{parts.path}?{urlencode(params)}")
        if parts.path in self.statuses:
            return respond({"message": "Not today"}, self.statuses[parts.path], url=url)
        if parts.path in self.objects:
            return respond(self.objects[parts.path], url=url)
        return self._page(parts.path, params, url)

    def _page(self, path: str, params: dict[str, str], url: str) -> Response:
        rows = _sorted(self.lists[path], params)
        page = int(params.get("page", "1"))
        rest = rows[(page - 1) * self.per_page :]
        target = f"{API}{path}?{urlencode({**params, 'page': page + 1})}"
        return respond(rest[: self.per_page], link=f'<{target}>; rel="next"' if rest[self.per_page :] else "", url=url)


def _sorted(rows: list[Object], params: dict[str, str]) -> list[Object]:
    found = [row for row in rows if _time(row, "updated") >= params.get("since", "")]
    field = params.get("sort", "")
    return (
        sorted(found, key=lambda row: _time(row, field), reverse=params.get("direction") == "desc") if field else found
    )


def _time(row: Object, field: str) -> str:
    return str(row.get(f"{field}_at") or "9999")
