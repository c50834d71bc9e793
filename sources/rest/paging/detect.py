"""Paging that nobody configured, recognised by the first page (`style = "auto"`). Pure.

An answer shows where its list continues, or only that it does, or nothing. What it shows is tried: the second page
proves a way of paging, because a server that does not know it sends the first page again; see
`sources.rest.paging.walk`. docs/decisions/0023 says why.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from engine.model.source import Request, Response
from sources.common.json_values import Row, integer, whole_number
from sources.common.links import next_link
from sources.rest.config.paging import Paging
from sources.rest.paging.placement import is_cursor
from sources.rest.paging.styles import (
    NO_SIGN,
    End,
    at,
    is_there,
    next_value,
    pages_of_link,
    told_pages,
    told_total,
    unconfirmed,
    whole,
)

_ADDRESSES: Final = (
    "next", "next_url", "nextUrl", "next_page_url", "nextPageUrl", "nextLink", "@odata.nextLink", "odata.nextLink",
    "d.__next", "next_href", "nextRecordsUrl", "nextPageLink", "links.next", "_links.next", "paging.next",
    "pagination.next", "pagination.next_url",
    "pagination.nextUrl", "pagination.next_page_url", "meta.next", "meta.next_url", "info.next",
)  # fmt: skip
_SURELY_ADDRESSES: Final = re.compile(r"(?i)(url|link|href|__next)$")
_TOKENS: Final = (
    ("next_cursor", ("cursor", "next_cursor")), ("nextCursor", ("cursor", "nextCursor")),
    ("meta.next_cursor", ("cursor",)), ("meta.nextCursor", ("cursor",)), ("pagination.next_cursor", ("cursor",)),
    ("pagination.nextCursor", ("cursor",)), ("paging.next_cursor", ("cursor",)), ("page.next_cursor", ("cursor",)),
    ("response_metadata.next_cursor", ("cursor",)), ("additional_data.next_cursor", ("cursor",)),
    ("paging.next.after", ("after",)), ("paging.cursors.after", ("after",)), ("data.after", ("after",)),
    ("meta.after", ("after",)), ("after", ("after",)),
    ("next_page_token", ("page_token", "next_page_token")), ("nextPageToken", ("pageToken", "nextPageToken")),
    ("nextToken", ("nextToken",)), ("next_token", ("next_token",)), ("NextToken", ("NextToken",)),
    ("meta.next_token", ("pagination_token", "next_token")), ("NextMarker", ("Marker",)),
    ("continuationToken", ("continuationToken",)), ("continuation_token", ("continuation_token",)),
    ("NextContinuationToken", ("continuation-token",)), ("bookmark", ("bookmark",)), ("nextPageStart", ("start",)),
    ("next_start", ("start",)), ("additional_data.pagination.next_start", ("start",)), ("next_offset", ("offset",)),
    ("nextOffset", ("offset",)), ("next_page", ("page", "next_page")), ("nextPage", ("page", "nextPage")),
    ("meta.next_page", ("page",)), ("pagination.next_page", ("page",)), ("next", ("next", "cursor", "page", "after")),
    ("cursor", ("cursor",)), ("_scroll_id", ("scroll_id",)),
)  # fmt: skip
_HEADER_TOKENS: Final = (
    ("x-ms-continuation", Paging(style="cursor", header="x-ms-continuation", in_header="x-ms-continuation")),
    ("x-ms-continuationtoken", Paging(style="cursor", header="x-ms-continuationtoken", param="continuationToken")),
    ("x-next-cursor", Paging(style="cursor", header="x-next-cursor", param="cursor")),
)
_PAGES: Final = (
    "pagination.last_visible_page", "pagination.total_pages", "pagination.totalPages", "pagination.pages",
    "meta.last_page", "meta.total_pages", "meta.totalPages", "meta.pages", "meta.page_count", "_meta.pageCount",
    "meta.pagination.total_pages", "meta.pagination.pageCount", "meta.pagination.pages", "paging.pages",
    "paging.total_pages", "page.totalPages", "info.pages", "totalPages", "total_pages", "last_page", "lastPage",
    "nbPages", "num_pages", "page_count", "pageCount", "pages",
)  # fmt: skip
_CURRENT: Final = ("page", "number", "current_page", "currentPage", "current", "pageNumber", "page_number")
_PAGES_HEADERS: Final = ("x-wp-totalpages", "x-total-pages", "x-page-count", "x-pagination-page-count")
_OFFSETS: Final = (
    ("startAt", "startAt"), ("startIndex", "startIndex"), ("start", "start"), ("skip", "skip"), ("offset", "offset"),
    ("from", "from"), ("meta.offset", "offset"), ("pagination.offset", "offset"), ("paging.offset", "offset"),
    ("response.start", "start"),
)  # fmt: skip
_TOTALS: Final = (
    "total", "total_count", "totalCount", "totalResults", "total_results", "totalElements", "total_items",
    "totalItems", "totalSize", "numFound", "nbHits", "meta.total", "meta.total_count", "meta.totalCount",
    "pagination.total", "pagination.total_count", "pagination.totalCount", "pagination.items.total", "paging.total",
    "page.totalElements", "response.numFound", "meta.pagination.total", "@odata.count", "count", "meta.count",
)  # fmt: skip
_OF_THE_PAGE: Final = frozenset({"count", "meta.count"})
"""Totals that some APIs use for the items of the page."""
_TOTAL_HEADERS: Final = ("x-total-count", "x-total", "x-wp-total", "total-count", "content-range")
_MORE: Final = (
    "has_more", "hasMore", "has_next", "hasNext", "hasNextPage", "has_next_page", "more", "pagination.has_more",
    "pagination.hasMore", "pagination.has_next", "pagination.hasNext", "pagination.has_next_page",
    "pagination.hasNextPage", "meta.has_more", "meta.hasMore", "meta.has_next_page", "paging.has_more",
    "paging.hasMore", "additional_data.pagination.more_items_in_collection", "exceededTransferLimit", "truncated",
    "is_truncated", "isTruncated", "IsTruncated",
)  # fmt: skip
_ENDS: Final = ("isLast", "is_last", "isLastPage", "is_last_page", "last", "page.last", "done")
_PAGE_PARAMS: Final = ("page", "pageNumber", "page_number", "_page", "p", "pageIndex", "page[number]")
_OFFSET_PARAMS: Final = ("offset", "startAt", "skip", "start", "$skip", "_start", "startIndex")
_ROUND: Final = frozenset({12, 15, 16, 24, 32, 36, 48, 64, 75, 96, 128, 256, 512, 1024})
_AFTER: Final = re.compile(r"\bafter\s*:\s*\$(\w+)")
_DEEPEST: Final = 6
"""Levels of a GraphQL answer that are searched for `pageInfo`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a first page shows of its list."""

    candidates: tuple[Paging, ...] = ()
    """Ways to ask for the second page, the likeliest first."""
    sign: str = ""
    """What shows that there is more; "" where only the number of items makes it likely."""
    end: End | None = None
    """The end of the list, where there is nothing to try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage:
    """What is known when a list's first page has come."""

    request: Request
    response: Response
    body: Any
    items: Sequence[Row]

    @property
    def is_object(self) -> bool:
        """Whether the whole body is the item, so that its members are columns and say nothing of a list."""
        return len(self.items) == 1 and isinstance(self.body, dict) and self.items[0].value == self.body

    @property
    def posts(self) -> bool:
        return self.request.method != "GET"

    def asked(self) -> Mapping[str, str]:
        """Return the parameters that the page was asked with."""
        try:
            query = dict(parse_qsl(urlsplit(self.request.url).query))
        except ValueError:
            query = {}
        return query | {name: str(value) for name, value in self.request.params.items()}


def detect(configured: Paging, page: FirstPage) -> Found:
    """Return how a list continues, judged by its first page. Configured keys other than the style are kept."""
    found = _detect(configured, page)
    given = msgspec.structs.asdict(configured)
    kept = {name: value for name, value in given.items() if name != "style" and value != getattr(Paging(), name)}
    candidates = [msgspec.structs.replace(one, **kept) for one in found.candidates]
    return Found(candidates=tuple(dict.fromkeys(candidates)), sign=found.sign, end=found.end)


def complement(configured: Paging, page: FirstPage) -> Paging:
    """Add to a configured paging where the first page tells how long the list is."""
    if configured.style in {"none", "keyset"}:
        return configured
    told = (
        configured.last, configured.pages, configured.pages_header, configured.more, configured.end,
        configured.total, configured.total_header, configured.header,
    )  # fmt: skip
    for header in _PAGES_HEADERS if configured.style == "page_number" and not any(told) else ():
        if integer(page.response.headers, header) is not None:
            return _with_total(msgspec.structs.replace(configured, pages_header=header), page)
    return _with_total(configured, page)


def first_total(page: FirstPage) -> int | None:
    """Return the number of items that a first page tells, if there are more than it has."""
    return told_total(_with_total(Paging(), page), page.response, page.body)


def first_lengths(paging: Paging, page: FirstPage) -> tuple[int | None, int | None]:
    """Return the numbers of items and of pages that a first page tells: where its paging reads them, or as usual."""
    response, body = page.response, page.body
    pages = told_pages(paging, response, body)
    for header in _PAGES_HEADERS if pages is None else ():
        pages = pages or told_pages(Paging(pages_header=header), response, body)
    if pages is None:
        pages = pages_of_link(response.headers.get("link", ""))
    return told_total(_with_total(paging, page), response, body), pages


def unfollowed(page: FirstPage) -> str:
    """Say what shows that a list goes on, where its configured paging saw nothing; "" for nothing."""
    found = _detect(Paging(), page)
    return found.sign if not page.is_object else ""


def _detect(configured: Paging, page: FirstPage) -> Found:
    if next_link(page.response.headers.get("link", "")):
        return Found(candidates=(Paging(style="link_header"),), sign="the Link header names a next page")
    if page.is_object and not _hides_a_list(page):
        return Found(end=whole("one object, which has no pages"))
    for looked in (_header_tokens, _addresses, _graphql, _search_after, _objects, _tokens, _lists, _counted, _flagged):
        if found := looked(page):
            return Found(candidates=tuple(_with_total(one, page) for one in found.candidates), sign=found.sign)
    if sign := _only_a_sign(page):
        return Found(sign=sign)
    if end := _told_end(page):
        return Found(end=end)
    if paging := _by_total(page):
        return paging
    if not page.posts and (is_round(len(page.items)) or len(page.items) == configured.size) and not page.is_object:
        return Found(candidates=_conventions(page))
    return Found(end=unconfirmed(NO_SIGN))


def _hides_a_list(page: FirstPage) -> bool:
    """Say whether an object holds a list of objects that was not found, and a sign of pages: it is no item then."""
    lists = [value for value in page.body.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return len(lists) > 1 and any(_follows(next_value(page.body, path), path) for path in _ADDRESSES)


# Signs that name the next page.


def _header_tokens(page: FirstPage) -> Found | None:
    headers = page.response.headers
    if headers.get("x-next-page", "").strip():
        return Found(candidates=(Paging(style="page_number", header="X-Next-Page"),), sign="X-Next-Page names a page")
    for header, paging in _HEADER_TOKENS:
        if headers.get(header, "").strip():
            return Found(candidates=(paging,), sign=f"the header {header} names a next page")
    return None


def _addresses(page: FirstPage) -> Found | None:
    for path in _ADDRESSES:
        if _follows(next_value(page.body, path), path):
            return Found(candidates=(Paging(style="cursor", next=path),), sign=f"{path} names a next page")
    return None


def _follows(found: Any, path: str) -> bool:
    if not isinstance(found, str) or not found:
        return False
    return found.startswith(("http://", "https://", "/", "?")) or _SURELY_ADDRESSES.search(path) is not None


def _graphql(page: FirstPage) -> Found | None:
    found = next(_page_infos(at(page.body, "data"), "data", 0), None)
    if found is None:
        return None
    asked = page.request.json if isinstance(page.request.json, dict) else {}
    variable = _AFTER.search(str(asked.get("query", "")))
    if variable is None:
        more = at(page.body, f"{found}.hasNextPage")
        return Found(sign=f"{found}.hasNextPage is true, and the query has no variable for `after`") if more else None
    paging = Paging(
        style="cursor", next=f"{found}.endCursor", more=f"{found}.hasNextPage", in_body=f"variables.{variable[1]}"
    )
    return Found(candidates=(paging,), sign=f"{found}.hasNextPage is true")


def _page_infos(value: Any, path: str, depth: int) -> Iterator[str]:
    """Yield the paths of every `pageInfo` outside of lists, the shallowest first."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    if isinstance(value.get("pageInfo"), dict):
        yield f"{path}.pageInfo"
    for name, inner in value.items():
        if name != "pageInfo" and "." not in name:
            yield from _page_infos(inner, f"{path}.{name}", depth + 1)


def _search_after(page: FirstPage) -> Found | None:
    """Recognise Elasticsearch: `search_after` where the hits are sorted, else `from`."""
    if not isinstance(at(page.body, "hits.hits"), list) or not page.items:
        return None
    exact = at(page.body, "hits.total.relation") == "eq"
    total = "hits.total.value" if exact else None
    if not page.posts:
        return None
    if isinstance(at(page.items[-1].value, "sort"), list):
        return Found(
            candidates=(Paging(style="keyset", item="sort", in_body="search_after", total=total),), sign="hits"
        )
    more = integer(page.body, "hits", "total", "value") or 0
    if more <= len(page.items):
        return None
    return Found(candidates=(Paging(style="offset", in_body="from", total=total),), sign=f"{more:,} hits are told")


def _objects(page: FirstPage) -> Found | None:
    """Recognise DynamoDB, whose cursor is an object."""
    if not is_cursor(at(page.body, "LastEvaluatedKey"), in_body=True):
        return None
    paging = Paging(style="cursor", next="LastEvaluatedKey", in_body="ExclusiveStartKey")
    return Found(candidates=(paging,) if page.posts else (), sign="LastEvaluatedKey names a next page")


def _tokens(page: FirstPage) -> Found | None:
    offset = at(page.body, "offset")
    for path, params in (*_TOKENS, *((("offset", ("offset",)),) if isinstance(offset, str) else ())):
        found = at(page.body, path)
        if not is_cursor(found, in_body=False):
            continue
        if path == "cursor" and str(found) == page.asked().get("cursor"):
            continue  # the cursor of this page
        names = ("start_cursor", *params) if at(page.body, "object") == "list" and path == "next_cursor" else params
        placed = [Paging(in_body=name) if page.posts else Paging(param=name) for name in names]
        more = next((flag for flag in _MORE if isinstance(at(page.body, flag), bool)), None)
        candidates = [msgspec.structs.replace(one, style="cursor", next=path, more=more) for one in placed]
        return Found(candidates=tuple(candidates), sign=f"{path} names a next page")
    return None


def _lists(page: FirstPage) -> Found | None:
    """Recognise Stripe: the id of the last item is the cursor."""
    is_list = at(page.body, "object") == "list" and at(page.body, "has_more") is True
    if not is_list or not page.items or not is_cursor(at(page.items[-1].value, "id"), in_body=False):
        return None
    return Found(candidates=(_STRIPE,), sign="has_more is true")


_STRIPE: Final = Paging(style="keyset", param="starting_after", item="id", more="has_more")


# Signs that count: pages, offsets, flags, totals.


def _counted(page: FirstPage) -> Found | None:
    body, number = page.body, len(page.items)
    for path in _PAGES:
        pages = whole_number(at(body, path))
        if pages is not None:
            first = _current(page, path)
            paging = Paging(style="page_number", param=_page_param(page, path), start=first)
            # A list whose numbers begin at 0 has a last page with a number one lower than their count.
            key = {"pages": path} if first == 0 else {"last": path}
            if pages > 1:
                return Found(candidates=(msgspec.structs.replace(paging, **key),), sign=f"{path} is {pages:,}")
    for header in _PAGES_HEADERS:
        pages = whole_number(page.response.headers.get(header))
        if pages is not None and pages > 1:
            paging = Paging(style="page_number", pages_header=header, param=_page_param(page, ""))
            return Found(candidates=(paging,), sign=f"{header} is {pages:,}")
    for path, param in _OFFSETS:
        first = whole_number(at(body, path))
        if first is None or isinstance(at(body, path), str):
            continue
        total, end = _total_path(page), _flag(body, _ENDS)
        more = _flag(body, _MORE)
        told = whole_number(at(body, total)) if total else None
        goes_on = (end and not at(body, end)) or (more and at(body, more)) or (told or 0) > first + number
        if goes_on and number:
            paging = Paging(style="offset", param=param, start=first or None, total=total, end=end, more=more)
            return Found(candidates=(paging,), sign=_offset_sign(end, more, total, told))
    return None


def _offset_sign(end: str | None, more: str | None, total: str | None, told: int | None) -> str:
    if told is not None:
        return f"{total} is {told:,}"
    return f"{end} is false" if end else f"{more} is true"


def _flagged(page: FirstPage) -> Found | None:
    more = next((path for path in _MORE if at(page.body, path) is True), None)
    end = next((path for path in _ENDS if at(page.body, path) is False), None)
    if more is None and end is None:
        return None
    sign = f"{more} is true" if more else f"{end} is false"
    if page.posts:
        return Found(sign=sign)
    if more == "exceededTransferLimit":
        return Found(candidates=(Paging(style="offset", param="resultOffset", more=more),), sign=sign)
    candidates = [msgspec.structs.replace(one, more=more, end=end) for one in _conventions(page)]
    if more and page.items and is_cursor(at(page.items[-1].value, "id"), in_body=False):
        candidates.append(msgspec.structs.replace(_STRIPE, more=more))
    return Found(candidates=tuple(candidates), sign=sign)


def _by_total(page: FirstPage) -> Found | None:
    paging = _with_total(Paging(style="page_number"), page)
    total = told_total(paging, page.response, page.body)
    if total is None or total <= len(page.items) or not page.items:
        return None
    sign = f"{paging.total or paging.total_header} is {total:,}"
    if page.posts:
        return Found(sign=sign)
    others = [Paging(style="page_number", param="_page")]
    others += [Paging(style="offset", param=name) for name in ("skip", "start")]
    candidates = [_with_total(one, page) for one in (*_conventions(page), *others)]
    return Found(candidates=tuple(dict.fromkeys(candidates)), sign=sign)


def _only_a_sign(page: FirstPage) -> str:
    """Name a sign that nothing here can follow."""
    headers = page.response.headers
    for header in ("x-ms-continuation-nextpartitionkey", "x-ms-continuation-nextrowkey"):
        if headers.get(header):
            return f"the header {header} names a next page"
    if is_cursor(at(page.body, "continue"), in_body=True):
        return "continue names a next page"
    for path in ("link", "links", "_links"):
        for one in at(page.body, path) if isinstance(at(page.body, path), list) else ():
            if isinstance(one, dict) and "next" in (one.get("rel"), one.get("relation")):
                return f"{path} names a next page"
    return "the status is 206, a part of the content" if page.response.status == 206 else ""


def _told_end(page: FirstPage) -> End | None:
    """Return the end of a list of one page, where its answer says so."""
    body, headers = page.body, page.response.headers
    for path in (*_ADDRESSES, *(path for path, _ in _TOKENS if path not in {"cursor", "after"})):
        if is_there(body, path) and at(body, path) in (None, "", False, 0, [], {}):
            return whole(f"{path} names no next page")
    for path, last in (*((path, False) for path in _MORE), *((path, True) for path in _ENDS)):
        if at(body, path) is last:
            return whole(f"{path} says that it is the last page")
    if "x-next-page" in headers:
        return whole("the header X-Next-Page names no next page")
    told = [(path, whole_number(at(body, path))) for path in _PAGES]
    told += [(name, whole_number(headers.get(name))) for name in _PAGES_HEADERS]
    for path, pages in told:
        if pages is not None and pages <= 1:
            return whole(f"{path} is {pages}")
    told = [(path, whole_number(at(body, path))) for path in _TOTALS if path not in _OF_THE_PAGE]
    told += [(name, told_total(Paging(total_header=name), page.response, None)) for name in _TOTAL_HEADERS]
    reached = next((path for path, total in told if total is not None and total == len(page.items)), None)
    return whole(f"{reached} is reached") if reached else None


def _with_total(paging: Paging, page: FirstPage) -> Paging:
    """Add where the total stands, if the answer tells one and the paging does not name it."""
    if paging.total or paging.total_header:
        return paging
    path = _total_path(page)
    if path:
        return msgspec.structs.replace(paging, total=path)
    for header in _TOTAL_HEADERS:
        told = told_total(Paging(total_header=header), page.response, None)
        if told is not None and told > len(page.items):
            return msgspec.structs.replace(paging, total_header=header)
    return paging


def _total_path(page: FirstPage) -> str | None:
    """Return where the total stands. A number that is not above the page's own items may be their count."""
    if not isinstance(page.body, dict):
        return None
    found = ((path, whole_number(at(page.body, path))) for path in _TOTALS)
    return next((path for path, told in found if told is not None and told > len(page.items)), None)


def _conventions(page: FirstPage) -> tuple[Paging, ...]:
    """Return the usual ways to ask for a second page; first the one whose parameter the first page was asked with."""
    asked, body = page.asked(), page.body
    pages = [name for name in _PAGE_PARAMS if name in asked]
    offsets = [name for name in _OFFSET_PARAMS if name in asked]
    numbered = Paging(
        style="page_number",
        param=pages[0] if pages else None,
        start=whole_number(asked[pages[0]]) if pages else _current(page, ""),
    )
    counted = Paging(
        style="offset",
        param=offsets[0] if offsets else "offset",
        start=(whole_number(asked[offsets[0]]) if offsets else None) or None,
    )
    by_offset = offsets or (isinstance(body, dict) and "limit" in asked and not pages)
    return (counted, numbered) if by_offset else (numbered, counted)


def _page_param(page: FirstPage, path: str) -> str | None:
    if path.startswith("meta.pagination.pageCount"):
        return "pagination[page]"
    return next((name for name in _PAGE_PARAMS if name in page.asked()), None)


def _current(page: FirstPage, path: str) -> int | None:
    """Return the number that the first page has, as its answer tells it beside the number of pages."""
    holder = path.rpartition(".")[0]
    for name in _CURRENT:
        number = whole_number(at(page.body, f"{holder}.{name}" if holder else name))
        if number is not None and number < 10**6:
            return number
    return None


def _flag(body: Any, paths: Sequence[str]) -> str | None:
    return next((path for path in paths if isinstance(at(body, path), bool)), None)


def is_round(items: int) -> bool:
    """Say whether a number of items is a usual size of a page, so that the list may have been cut there."""
    return items in _ROUND or (items >= 10 and items % 10 == 0) or (items >= 25 and items % 25 == 0)
