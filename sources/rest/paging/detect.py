"""Paging that nobody configured, recognised by the first page (`style = "auto"`). Pure.

An answer shows where its list continues, or only that it does, or nothing. What it shows is tried: the second page
proves a way of paging, because a server that does not know it sends the first page again; see
`sources.rest.paging.walk`. docs/decisions/0023 says why.
"""

from typing import Final

import msgspec

from sources.common.json_values import integer, whole_number
from sources.common.links import next_link
from sources.rest.config.paging import Paging
from sources.rest.paging.counted_signs import PAGES, PAGES_HEADERS, by_total, conventions, counted_or_flagged
from sources.rest.paging.first_page import ENDS, MORE, OF_THE_PAGE, TOTAL_HEADERS, TOTALS, FirstPage, Found, with_total
from sources.rest.paging.named_signs import ADDRESSES, TOKENS, follows, next_is_named
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

_ROUND: Final = frozenset({12, 15, 16, 24, 32, 36, 48, 64, 75, 96, 128, 256, 512, 1024})


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
    for header in PAGES_HEADERS if configured.style == "page_number" and not any(told) else ():
        if integer(page.response.headers, header) is not None:
            return with_total(msgspec.structs.replace(configured, pages_header=header), page)
    return with_total(configured, page)


def first_total(page: FirstPage) -> int | None:
    """Return the number of items that a first page tells, if there are more than it has."""
    return told_total(with_total(Paging(), page), page.response, page.body)


def first_lengths(paging: Paging, page: FirstPage) -> tuple[int | None, int | None]:
    """Return the numbers of items and of pages that a first page tells: where its paging reads them, or as usual."""
    response, body = page.response, page.body
    pages = told_pages(paging, response, body)
    for header in PAGES_HEADERS if pages is None else ():
        pages = pages or told_pages(Paging(pages_header=header), response, body)
    if pages is None:
        pages = pages_of_link(response.headers.get("link", ""))
    return told_total(with_total(paging, page), response, body), pages


def unfollowed(page: FirstPage) -> str:
    """Say what shows that a list goes on, where its configured paging saw nothing; "" for nothing."""
    found = _detect(Paging(), page)
    return found.sign if not page.is_object else ""


def _detect(configured: Paging, page: FirstPage) -> Found:
    if next_link(page.response.headers.get("link", "")):
        return Found(candidates=(Paging(style="link_header"),), sign="the Link header names a next page")
    if page.is_object and not _hides_a_list(page):
        return Found(end=whole("one object, which has no pages"))
    if found := next_is_named(page) or counted_or_flagged(page):
        return Found(candidates=tuple(with_total(one, page) for one in found.candidates), sign=found.sign)
    if sign := _only_a_sign(page):
        return Found(sign=sign)
    if end := _told_end(page):
        return Found(end=end)
    if paging := by_total(page):
        return paging
    if not page.posts and (is_round(len(page.items)) or len(page.items) == configured.size) and not page.is_object:
        return Found(candidates=conventions(page))
    return Found(end=unconfirmed(NO_SIGN))


def _hides_a_list(page: FirstPage) -> bool:
    """Say whether an object holds a list of objects that was not found, and a sign of pages: it is no item then."""
    lists = [value for value in page.body.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return len(lists) > 1 and any(follows(next_value(page.body, path), path) for path in ADDRESSES)


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
    for path in (*ADDRESSES, *(path for path, _ in TOKENS if path not in {"cursor", "after"})):
        if is_there(body, path) and at(body, path) in (None, "", False, 0, [], {}):
            return whole(f"{path} names no next page")
    for path, last in (*((path, False) for path in MORE), *((path, True) for path in ENDS)):
        if at(body, path) is last:
            return whole(f"{path} says that it is the last page")
    if "x-next-page" in headers:
        return whole("the header X-Next-Page names no next page")
    told = [(path, whole_number(at(body, path))) for path in PAGES]
    told += [(name, whole_number(headers.get(name))) for name in PAGES_HEADERS]
    for path, pages in told:
        if pages is not None and pages <= 1:
            return whole(f"{path} is {pages}")
    told = [(path, whole_number(at(body, path))) for path in TOTALS if path not in OF_THE_PAGE]
    told += [(name, told_total(Paging(total_header=name), page.response, None)) for name in TOTAL_HEADERS]
    reached = next((path for path, total in told if total is not None and total == len(page.items)), None)
    return whole(f"{reached} is reached") if reached else None


def is_round(items: int) -> bool:
    """Say whether a number of items is a usual size of a page, so that the list may have been cut there."""
    return items in _ROUND or (items >= 10 and items % 10 == 0) or (items >= 25 and items % 25 == 0)
