"""Lists by page number: what tells the last one is a link, a header, a flag, a total, or nothing."""

from collections.abc import Mapping
from urllib.parse import urlencode

from simulator.common.api import Call
from simulator.common.page import Header, Page, json_page
from simulator.shapes.shape import SIZE, Item, Items, Shape, items, later, number, plain, refuse


def _cut(call: Call) -> tuple[int, int]:
    """Return the number of the page that is asked for, and the size of a page."""
    return max(1, number(call, "page", 1)), max(1, number(call, "per_page", SIZE, most=100))


def _on_page(found: Items, page: int, size: int) -> Items:
    return found[(page - 1) * size : page * size]


def _wordpress(call: Call, _names: Mapping[str, str], found: Items, *, links: bool = True) -> Page:
    if number(call, "per_page", SIZE) > 100:
        data = {"status": 400, "params": {"per_page": "per_page must be between 1 (inclusive) and 100 (inclusive)"}}
        return refuse(400, {"code": "rest_invalid_param", "message": "Invalid parameter(s): per_page", "data": data})
    found = later(call, "modified_after", found)
    page, size = _cut(call)
    pages = -(-len(found) // size)
    if page > pages and found:
        words = "The page number requested is larger than the number of pages available."
        return refuse(400, {"code": "rest_post_invalid_page_number", "message": words, "data": {"status": 400}})
    headers: list[Header] = [(b"x-wp-total", b"%d" % len(found)), (b"x-wp-totalpages", b"%d" % pages)]
    around = [("prev", page - 1)] * (page > 1) + [("next", page + 1)] * (page < pages)
    if links and around:
        said = ", ".join(f'<{_address(call, page=number)}>; rel="{relation}"' for relation, number in around)
        headers.append((b"link", said.encode()))
    return json_page([_post(item) for item in _on_page(found, page, size)], headers=tuple(headers))


def _post(item: Item) -> Item:
    at = item["updated_at"].removesuffix("Z")
    return {"id": item["id"], "modified_gmt": at, "type": "post", "title": {"rendered": item["name"]}}


def _address(call: Call, **changed: object) -> str:
    return f"{call.base}{call.path}?{urlencode({**call.parameters(), **changed})}"


def _wordpress_pages(call: Call, names: Mapping[str, str], found: Items) -> Page:
    return _wordpress(call, names, found, links=False)


def _spring(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    page, size = number(call, "page", 0), max(1, number(call, "size", SIZE, most=2000))
    here, pages = found[page * size : (page + 1) * size], -(-len(found) // size)
    return json_page(
        {
            "content": plain(here),
            "pageable": {"pageNumber": page, "pageSize": size, "offset": page * size, "paged": True},
            "last": page + 1 >= pages,
            "first": page == 0,
            "totalPages": pages,
            "totalElements": len(found),
            "size": size,
            "number": page,
            "numberOfElements": len(here),
            "empty": not here,
        }
    )


def _github(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    page, size = _cut(call)
    last = max(1, -(-len(found) // size))
    around = [("prev", page - 1)] * (page > 1) + [("next", page + 1), ("last", last)] * (page < last)
    said = ", ".join(f'<{_address(call, page=number)}>; rel="{relation}"' for relation, number in around)
    return json_page(plain(_on_page(found, page, size)), headers=((b"link", said.encode()),) if said else ())


def _x_total_count(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    page, size = _cut(call)
    return json_page(plain(_on_page(found, page, size)), headers=((b"x-total-count", b"%d" % len(found)),))


def _exact(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    return json_page(plain(_on_page(found, *_cut(call))))


def _full_pages(count: int) -> list[Item]:
    """Make as many items as fill pages to the last place."""
    return items(max(1, round(count / SIZE)) * SIZE)


def _total_too_low(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    page, size = _cut(call)
    more = page * size < len(found)
    body = {"page": page, "total": len(found) * 3 // 4, "has_more": more, "items": plain(_on_page(found, page, size))}
    return json_page(body)


def _total_too_high(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    page, size = _cut(call)
    onward = _address(call, page=page + 1) if page * size < len(found) else None
    total = len(found) * 5 // 4
    return json_page({"count": total, "next": onward, "results": plain(_on_page(found, page, size))})


SHAPES = (
    Shape(
        name="wordpress",
        like="posts of WordPress: Link, X-WP-Total and X-WP-TotalPages; 400 after the last page "
        "(developer.wordpress.org/rest-api/using-the-rest-api/pagination)",
        routes={"/wp-json/wp/v2/posts": _wordpress},
    ),
    Shape(
        name="wordpress-pages",
        like="WordPress behind a proxy that drops Link, with full pages to the last: the next one is a 400",
        routes={"/wp-json/wp/v2/posts": _wordpress_pages},
        items=_full_pages,
    ),
    Shape(
        name="spring",
        like="a Page of Spring Data: pages from 0, `last`, `totalPages`, an ETag by its ShallowEtagHeaderFilter "
        "(docs.spring.io/spring-data/rest/reference/paging-and-sorting.html)",
        routes={"/people": _spring},
        etag=True,
    ),
    Shape(
        name="github-links",
        like="lists of GitHub: Link and an ETag; a 304 has no Link, and the last page is full "
        "(docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api)",
        routes={"/repos/o/r/labels": _github},
        items=_full_pages,
        etag=True,
    ),
    Shape(
        name="x-total-count",
        like="a bare list whose only sign is X-Total-Count, as Gitea and json-server send it; an ETag",
        routes={"/posts": _x_total_count},
        etag=True,
    ),
    Shape(
        name="exact-multiple",
        like="a bare list without any sign, with full pages to the last: only an empty page shows the end",
        routes={"/entries": _exact},
        items=_full_pages,
    ),
    Shape(
        name="total-too-low",
        like="a total that lies: three quarters of what there is, beside a flag that is right",
        routes={"/things": _total_too_low},
    ),
    Shape(
        name="total-too-high",
        like="a total that lies: more than there is, beside a next address that is right",
        routes={"/things": _total_too_high},
    ),
)
