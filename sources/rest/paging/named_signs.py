"""Signs in a first page that name the next one: an address, a token, a header, a cursor object. Pure."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from sources.common.json_values import integer
from sources.rest.config.paging import Paging
from sources.rest.paging.first_page import MORE, FirstPage, Found
from sources.rest.paging.placement import is_cursor
from sources.rest.paging.styles import at, next_value

ADDRESSES: Final = (
    "next", "next_url", "nextUrl", "next_page_url", "nextPageUrl", "nextLink", "@odata.nextLink", "odata.nextLink",
    "d.__next", "next_href", "nextRecordsUrl", "nextPageLink", "links.next", "_links.next", "paging.next",
    "pagination.next", "pagination.next_url",
    "pagination.nextUrl", "pagination.next_page_url", "meta.next", "meta.next_url", "info.next",
)  # fmt: skip
_SURELY_ADDRESSES: Final = re.compile(r"(?i)(url|link|href|__next)$")
TOKENS: Final = (
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
_AFTER: Final = re.compile(r"\bafter\s*:\s*\$(\w+)")
_DEEPEST: Final = 6
"""Levels of a GraphQL answer that are searched for `pageInfo`."""
STRIPE: Final = Paging(style="keyset", param="starting_after", item="id", more="has_more")


def next_is_named(page: FirstPage) -> Found | None:
    """Return how the next page is asked for, where the answer names it."""
    for looked in (_header_tokens, _addresses, _graphql, _search_after, _objects, _tokens, _lists):
        if found := looked(page):
            return found
    return None


def _header_tokens(page: FirstPage) -> Found | None:
    headers = page.response.headers
    if headers.get("x-next-page", "").strip():
        return Found(candidates=(Paging(style="page_number", header="X-Next-Page"),), sign="X-Next-Page names a page")
    for header, paging in _HEADER_TOKENS:
        if headers.get(header, "").strip():
            return Found(candidates=(paging,), sign=f"the header {header} names a next page")
    return None


def _addresses(page: FirstPage) -> Found | None:
    for path in ADDRESSES:
        if follows(next_value(page.body, path), path):
            return Found(candidates=(Paging(style="cursor", next=path),), sign=f"{path} names a next page")
    return None


def follows(found: Any, path: str) -> bool:
    """Say whether what stands at the path is an address."""
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
    for path, params in (*TOKENS, *((("offset", ("offset",)),) if isinstance(offset, str) else ())):
        found = at(page.body, path)
        if not is_cursor(found, in_body=False):
            continue
        if path == "cursor" and str(found) == page.asked().get("cursor"):
            continue  # the cursor of this page
        names = ("start_cursor", *params) if at(page.body, "object") == "list" and path == "next_cursor" else params
        placed = [Paging(in_body=name) if page.posts else Paging(param=name) for name in names]
        more = next((flag for flag in MORE if isinstance(at(page.body, flag), bool)), None)
        candidates = [msgspec.structs.replace(one, style="cursor", next=path, more=more) for one in placed]
        return Found(candidates=tuple(candidates), sign=f"{path} names a next page")
    return None


def _lists(page: FirstPage) -> Found | None:
    """Recognise Stripe: the id of the last item is the cursor."""
    is_list = at(page.body, "object") == "list" and at(page.body, "has_more") is True
    if not is_list or not page.items or not is_cursor(at(page.items[-1].value, "id"), in_body=False):
        return None
    return Found(candidates=(STRIPE,), sign="has_more is true")
