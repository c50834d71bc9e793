"""Small look-alikes of paged APIs: each answers as the documentation of a real API says. No socket."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from engine.model.source import Memory, Request, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver

BASE = "https://api.example.com"
Item = Mapping[str, Any]
MANY = tuple({"id": number, "name": f"item {number}"} for number in range(1, 96))
"""95 items: with 20 on a page the last one holds 15."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as a server sees it."""

    path: str
    params: Mapping[str, str]
    json: Any
    headers: Mapping[str, str]

    def number(self, name: str, default: int) -> int:
        given = self.params.get(name, (self.json or {}).get(name, default))
        return int(given)

    def url(self, **params: object) -> str:
        return f"{BASE}{self.path}?{urlencode({**self.params, **params})}"


Reply = tuple[Any, Mapping[str, str]] | tuple[Any, Mapping[str, str], int]
Handler = Callable[[Asked, Sequence[Item]], Reply]


@dataclass(slots=True)
class PagedApi:
    """One list, answered by a handler. It counts what was asked."""

    handler: Handler
    items: Sequence[Item] = MANY
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        address = request.url if "://" in request.url else BASE + request.url
        parts = urlsplit(address)
        params = dict(parse_qsl(parts.query)) | {name: str(value) for name, value in request.params.items()}
        asked = Asked(path=parts.path, params=params, json=request.json, headers=request.headers)
        self.asked.append(asked)
        body, headers, *status = self.handler(asked, self.items)
        return Response(
            status=status[0] if status else 200,
            headers=headers,
            body=json.dumps(body).encode(),
            url=f"{BASE}{parts.path}?{urlencode(params)}",
            elapsed=0.1,
        )


class PostingRest(Rest):
    """The source with first requests that post JSON."""

    body: Any = None

    def seed(self, memory: Memory) -> Sequence[Request]:
        return [replace(one, method="POST", json=self.body) for one in super().seed(memory)]


def source_of(endpoint: Mapping[str, Any], *, post: Any = None, **options: Any) -> Rest:
    """Configure one list; `post` is the JSON body of its requests, if they are POSTs."""
    endpoints = {"items": {"path": "/items", "key": ["id"], **endpoint}}
    said = msgspec.convert({"base_url": BASE, "endpoints": endpoints, **options}, RestOptions)
    if post is None:
        return Rest(said)
    source = PostingRest(said)
    source.body = post
    return source


def walk(api: Callable[[Request], Response], endpoint: Mapping[str, Any], *, post: Any = None) -> Driver:
    """Harvest the list of an API."""
    driver = Driver(source_of(endpoint, post=post), api)
    driver.run(STARTED)
    return driver


def ids(driver: Driver) -> list[str]:
    return sorted((str(row["id"]) for row in driver.rows.values()), key=lambda id: (len(id), id))


def cut(asked: Asked, items: Sequence[Item], size: int = 20) -> tuple[Sequence[Item], int, int]:
    """Return the items of a numbered page, its number and the number of pages."""
    page = asked.number("page", 1)
    return items[(page - 1) * size : page * size], page, -(-len(items) // size)


def pokeapi(asked: Asked, items: Sequence[Item]) -> Reply:
    at, limit = asked.number("offset", 0), asked.number("limit", 20)
    onward = asked.url(offset=at + limit, limit=limit) if at + limit < len(items) else None
    return {"count": len(items), "next": onward, "previous": None, "results": items[at : at + limit]}, {}


def confluence(asked: Asked, items: Sequence[Item]) -> Reply:
    at = asked.number("start", 0)
    links = {"base": f"{BASE}/wiki", "context": "/wiki"}
    if at + 20 < len(items):
        links["next"] = f"/items?start={at + 20}"
    return {"results": items[at : at + 20], "start": at, "limit": 20, "size": 20, "_links": links}, {}


def stripe(asked: Asked, items: Sequence[Item]) -> Reply:
    after = asked.params.get("starting_after")
    at = 1 + next(n for n, one in enumerate(items) if str(one["id"]) == after) if after else 0
    body = {"object": "list", "url": "/items", "has_more": at + 20 < len(items), "data": items[at : at + 20]}
    return body, {}


def slack(asked: Asked, items: Sequence[Item]) -> Reply:
    at = int(base64.b64decode(asked.params.get("cursor", "") or base64.b64encode(b"0")))
    token = base64.b64encode(str(at + 20).encode()).decode() if at + 20 < len(items) else ""
    return {"ok": True, "members": items[at : at + 20], "response_metadata": {"next_cursor": token}}, {}


def wordpress(asked: Asked, items: Sequence[Item]) -> Reply:
    found, page, pages = cut(asked, items)
    if page > max(1, pages):
        return {"code": "rest_post_invalid_page_number", "data": {"status": 400}}, {}, 400
    link = f'<{asked.url(page=page + 1)}>; rel="next"' if page < pages else ""
    return found, {"x-wp-total": str(len(items)), "x-wp-totalpages": str(pages), **({"link": link} if link else {})}


def wordpress_without_headers(asked: Asked, items: Sequence[Item]) -> Reply:
    found, page, pages = cut(asked, items)
    return ({"code": "rest_post_invalid_page_number"}, {}, 400) if page > max(1, pages) else (found, {})


def wordpress_without_link(asked: Asked, items: Sequence[Item]) -> Reply:
    found, page, pages = cut(asked, items)
    if page > max(1, pages):
        return {"code": "rest_post_invalid_page_number"}, {}, 400
    return found, {"x-wp-total": str(len(items)), "x-wp-totalpages": str(pages)}


def elasticsearch(asked: Asked, items: Sequence[Item]) -> Reply:
    after, size = (asked.json.get("search_after") or [0])[0], asked.json.get("size", 10)
    rest = [one for one in items if one["id"] > after][:size]
    hits = [{"_id": one["id"], "_source": one, "sort": [one["id"]]} for one in rest]
    return {"hits": {"total": {"value": 90, "relation": "gte"}, "hits": hits}}, {}


def graphql(asked: Asked, items: Sequence[Item]) -> Reply:
    at = int(asked.json.get("variables", {}).get("after") or 0)
    info = {"hasNextPage": at + 20 < len(items), "endCursor": str(at + 20)}
    return {"data": {"items": {"nodes": items[at : at + 20], "pageInfo": info}}}, {}


def odata(asked: Asked, items: Sequence[Item]) -> Reply:
    at = asked.number("$skiptoken", 0)
    body: dict[str, Any] = {"@odata.context": f"{BASE}/$metadata#items", "value": items[at : at + 20]}
    if at + 20 < len(items):
        body["@odata.nextLink"] = f"items?{urlencode({**asked.params, '$skiptoken': at + 20})}"
    return body, {}


def atlassian(asked: Asked, items: Sequence[Item]) -> Reply:
    at, size = asked.number("startAt", 0), min(50, asked.number("maxResults", 50))
    found = items[at : at + size]
    return {
        "startAt": at,
        "maxResults": size,
        "total": len(items),
        "isLast": at + size >= len(items),
        "values": found,
    }, {}


def json_api(asked: Asked, items: Sequence[Item]) -> Reply:
    page = asked.number("page[number]", 1)
    onward = asked.url(**{"page[number]": page + 1}) if page * 20 < len(items) else None
    links = {"self": asked.url(), **({"next": {"href": onward}} if page % 2 and onward else {"next": onward})}
    return {"data": items[(page - 1) * 20 : page * 20], "links": links}, {}


def spring(asked: Asked, items: Sequence[Item]) -> Reply:
    page = asked.number("page", 0)
    told = {"size": 20, "number": page, "totalElements": len(items), "totalPages": -(-len(items) // 20)}
    return {"_embedded": {"items": items[page * 20 : page * 20 + 20]}, "page": told}, {}


def spring_flag(asked: Asked, items: Sequence[Item]) -> Reply:
    page = asked.number("page", 0)
    found = items[page * 20 : page * 20 + 20]
    return {"content": found, "number": page, "size": 20, "last": page * 20 + 20 >= len(items), "first": page == 0}, {}


def airtable(asked: Asked, items: Sequence[Item]) -> Reply:
    given = asked.params.get("offset") or "itr/0"
    if not given.startswith("itr/"):
        return {"error": "INVALID_OFFSET_VALUE"}, {}, 422
    at = int(given.split("/")[1])
    more = {"offset": f"itr/{at + 20}"} if at + 20 < len(items) else {}
    return {"records": items[at : at + 20], **more}, {}


def total_count(asked: Asked, items: Sequence[Item]) -> Reply:
    page = asked.number("_page", 1)
    return items[(page - 1) * 20 : page * 20], {"x-total-count": str(len(items))}


def azure(asked: Asked, items: Sequence[Item]) -> Reply:
    at = int(asked.headers.get("x-ms-continuation", "0"))
    token = {"x-ms-continuation": str(at + 20)} if at + 20 < len(items) else {}
    return {"Documents": items[at : at + 20], "_count": 20}, token


def notion(asked: Asked, items: Sequence[Item]) -> Reply:
    at = int(asked.json.get("start_cursor") or 0)
    more = at + 20 < len(items)
    onward = str(at + 20) if more else None
    return {"object": "list", "results": items[at : at + 20], "has_more": more, "next_cursor": onward}, {}


def dynamodb(asked: Asked, items: Sequence[Item]) -> Reply:
    at = int(asked.json.get("ExclusiveStartKey", {"id": {"N": "0"}})["id"]["N"])
    found = [] if at in {20, 40} else items[at : at + 20]
    more = {"LastEvaluatedKey": {"id": {"N": str(at + 20)}}} if at + 20 < len(items) else {}
    return {"Items": found, "Count": len(found), **more}, {}


def page_numbers(asked: Asked, items: Sequence[Item]) -> Reply:
    found, page, pages = cut(asked, items)
    return {"data": found, "page": page, "total_pages": pages, "total": len(items)}, {}


def posted_pages(asked: Asked, items: Sequence[Item]) -> Reply:
    found, page, pages = cut(replace(asked, params={}), items)
    return {"data": found, "page": page, "total_pages": pages}, {}


def silent_pages(asked: Asked, items: Sequence[Item]) -> Reply:
    return cut(asked, items)[0], {}


def silent_offsets(asked: Asked, items: Sequence[Item]) -> Reply:
    at, limit = asked.number("offset", 0), min(20, asked.number("limit", 20))
    return items[at : at + limit], {}


def filtered_offsets(asked: Asked, items: Sequence[Item]) -> Reply:
    """Cut first, then leave out what the caller may not see: every seventh item, and one page wholly."""
    at, limit = asked.number("offset", 0), min(20, asked.number("limit", 20))
    seen = [one for one in items[at : at + limit] if one["id"] % 7 and not 40 < one["id"] <= 60]
    return {"offset": at, "total": len(items), "items": seen}, {}


def by_name(asked: Asked, items: Sequence[Item]) -> Reply:
    """Sort as a database does that takes upper and lower case for the same."""
    ordered = sorted(items, key=lambda one: str(one["id"]).lower())
    after = asked.params.get("after", "")
    rest = [one for one in ordered if str(one["id"]).lower() > after.lower()]
    return {"items": rest[:20]}, {}
