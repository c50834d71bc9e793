"""Lists by offset: the server decides how many items a page has, and may leave some out."""

from collections.abc import Mapping
from urllib.parse import urlencode

from simulator.common.api import Call
from simulator.common.page import Page, json_page
from simulator.shapes.shape import SIZE, Item, Items, Shape, Truth, ids_and_names, number, plain

_CAP = 25
"""The most items on a page, whatever a client asks for."""
_HIDDEN_PAGE = range(2 * SIZE, 3 * SIZE)
"""Positions of items of which a client may see none: the whole third page."""


def _pokeapi(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    offset, limit = number(call, "offset", 0), max(1, number(call, "limit", SIZE))
    address = f"{call.base}{call.path}"
    onward = f"{address}?offset={offset + limit}&limit={limit}" if offset + limit < len(found) else None
    before = f"{address}?offset={max(0, offset - limit)}&limit={min(offset, limit)}" if offset else None
    results = [{"name": _slug(item), "url": f"{address}{item['id']}/"} for item in found[offset : offset + limit]]
    return json_page({"count": len(found), "next": onward, "previous": before, "results": results})


def _slug(item: Item) -> str:
    return str(item["name"]).replace(" ", "-")


def _slugs(found: Items) -> Truth:
    return {"items": [(_slug(item),) for item in found]}


def _atlassian(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    start, size = number(call, "startAt", 0), max(1, number(call, "maxResults", SIZE, most=_CAP))
    values = [{"id": str(item["id"]), "name": item["name"]} for item in found[start : start + size]]
    last = start + size >= len(found)
    return json_page({"maxResults": size, "startAt": start, "total": len(found), "isLast": last, "values": values})


def _capped(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    offset, limit = number(call, "offset", 0), max(1, number(call, "limit", SIZE, most=_CAP))
    return json_page({"items": plain(found[offset : offset + limit])})


def _visible(found: Items) -> Items:
    return [item for at, item in enumerate(found) if at % 7 != 5 and at not in _HIDDEN_PAGE]


def _seen(found: Items) -> Truth:
    return ids_and_names(_visible(found))


def _page_of_visible(call: Call, found: Items, name: str) -> tuple[int, int, list[Item]]:
    start, size = number(call, name, 0), max(1, number(call, "limit", SIZE, most=100))
    visible = {item["id"] for item in _visible(found)}
    return start, size, plain([item for item in found[start : start + size] if item["id"] in visible])


def _bitbucket(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    start, limit, here = _page_of_visible(call, found, "start")
    last = start + limit >= len(found)
    onward = {} if last else {"nextPageStart": start + limit}
    return json_page({"size": len(here), "limit": limit, "isLastPage": last, "values": here, "start": start, **onward})


def _confluence(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    start, limit, here = _page_of_visible(call, found, "start")
    links = {"base": f"{call.base}/wiki", "context": "/wiki"}
    if start + limit < len(found):
        links["next"] = f"{call.path.removeprefix('/wiki')}?{urlencode({'limit': limit, 'start': start + limit})}"
    return json_page({"results": here, "start": start, "limit": limit, "size": len(here), "_links": links})


def _offset_total(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    offset, limit, here = _page_of_visible(call, found, "offset")
    return json_page({"offset": offset, "limit": limit, "total": len(found), "results": here})


SHAPES = (
    Shape(
        name="pokeapi",
        like="resource lists of PokeAPI: count, next, previous and results; an ETag (pokeapi.co/docs/v2)",
        routes={"/api/v2/pokemon/": _pokeapi, "/api/v2/pokemon": _pokeapi},
        truth=_slugs,
        etag=True,
    ),
    Shape(
        name="atlassian",
        like="a page bean of Jira Cloud: startAt, maxResults, total and isLast "
        "(developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#pagination)",
        routes={"/rest/api/3/field/search": _atlassian},
    ),
    Shape(
        name="atlassian-capped",
        like="the same, asked for more on a page than its server gives: maxResults comes back smaller",
        routes={"/rest/api/3/field/search": _atlassian},
    ),
    Shape(
        name="capped",
        like="a page size capped in silence, and no sign of an end",
        routes={"/things": _capped},
    ),
    Shape(
        name="filtered",
        like="offsets filtered by permission, as Bitbucket Data Center documents them: nextPageStart and isLastPage, "
        "pages with fewer items or none (developer.atlassian.com/server/bitbucket/rest)",
        routes={"/rest/api/latest/repos": _bitbucket},
        truth=_seen,
    ),
    Shape(
        name="confluence",
        like="the same in Confluence: `_links.next` is relative to `_links.base`, not to the host "
        "(developer.atlassian.com/server/confluence/pagination-in-the-rest-api)",
        routes={"/wiki/rest/api/content": _confluence},
        truth=_seen,
    ),
    Shape(
        name="filtered-total",
        like="offsets filtered by permission with a total of all items, seen or not, and an empty page in the middle",
        routes={"/documents": _offset_total},
        truth=_seen,
    ),
)
