"""Signs in a first page that count or flag: pages, offsets, totals, "there is more". Pure."""

from typing import Final

import msgspec

from sources.common.json_values import whole_number
from sources.rest.config.paging import Paging
from sources.rest.paging.first_page import ENDS, MORE, FirstPage, Found, flag, total_path, with_total
from sources.rest.paging.named_signs import STRIPE
from sources.rest.paging.placement import is_cursor
from sources.rest.paging.styles import at, told_total

PAGES: Final = (
    "pagination.last_visible_page", "pagination.total_pages", "pagination.totalPages", "pagination.pages",
    "meta.last_page", "meta.total_pages", "meta.totalPages", "meta.pages", "meta.page_count", "_meta.pageCount",
    "meta.pagination.total_pages", "meta.pagination.pageCount", "meta.pagination.pages", "paging.pages",
    "paging.total_pages", "page.totalPages", "info.pages", "totalPages", "total_pages", "last_page", "lastPage",
    "nbPages", "num_pages", "page_count", "pageCount", "pages",
)  # fmt: skip
_CURRENT: Final = ("page", "number", "current_page", "currentPage", "current", "pageNumber", "page_number")
PAGES_HEADERS: Final = ("x-wp-totalpages", "x-total-pages", "x-page-count", "x-pagination-page-count")
_OFFSETS: Final = (
    ("startAt", "startAt"), ("startIndex", "startIndex"), ("start", "start"), ("skip", "skip"), ("offset", "offset"),
    ("from", "from"), ("meta.offset", "offset"), ("pagination.offset", "offset"), ("paging.offset", "offset"),
    ("response.start", "start"),
)  # fmt: skip
_PAGE_PARAMS: Final = ("page", "pageNumber", "page_number", "_page", "p", "pageIndex", "page[number]")
_OFFSET_PARAMS: Final = ("offset", "startAt", "skip", "start", "$skip", "_start", "startIndex")


def counted_or_flagged(page: FirstPage) -> Found | None:
    """Return how the next page is asked for, where numbers or flags in the answer say that there is one."""
    return _counted(page) or _flagged(page)


def _counted(page: FirstPage) -> Found | None:
    body, number = page.body, len(page.items)
    for path in PAGES:
        pages = whole_number(at(body, path))
        if pages is not None:
            first = _current(page, path)
            paging = Paging(style="page_number", param=_page_param(page, path), start=first)
            # A list whose numbers begin at 0 has a last page with a number one lower than their count.
            key = {"pages": path} if first == 0 else {"last": path}
            if pages > 1:
                return Found(candidates=(msgspec.structs.replace(paging, **key),), sign=f"{path} is {pages:,}")
    for header in PAGES_HEADERS:
        pages = whole_number(page.response.headers.get(header))
        if pages is not None and pages > 1:
            paging = Paging(style="page_number", pages_header=header, param=_page_param(page, ""))
            return Found(candidates=(paging,), sign=f"{header} is {pages:,}")
    for path, param in _OFFSETS:
        first = whole_number(at(body, path))
        if first is None or isinstance(at(body, path), str):
            continue
        total, end = total_path(page), flag(body, ENDS)
        more = flag(body, MORE)
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
    more = next((path for path in MORE if at(page.body, path) is True), None)
    end = next((path for path in ENDS if at(page.body, path) is False), None)
    if more is None and end is None:
        return None
    sign = f"{more} is true" if more else f"{end} is false"
    if page.posts:
        return Found(sign=sign)
    if more == "exceededTransferLimit":
        return Found(candidates=(Paging(style="offset", param="resultOffset", more=more),), sign=sign)
    candidates = [msgspec.structs.replace(one, more=more, end=end) for one in conventions(page)]
    if more and page.items and is_cursor(at(page.items[-1].value, "id"), in_body=False):
        candidates.append(msgspec.structs.replace(STRIPE, more=more))
    return Found(candidates=tuple(candidates), sign=sign)


def by_total(page: FirstPage) -> Found | None:
    """Return how the next page is asked for, where more items are told than the page has."""
    paging = with_total(Paging(style="page_number"), page)
    total = told_total(paging, page.response, page.body)
    if total is None or total <= len(page.items) or not page.items:
        return None
    sign = f"{paging.total or paging.total_header} is {total:,}"
    if page.posts:
        return Found(sign=sign)
    others = [Paging(style="page_number", param="_page")]
    others += [Paging(style="offset", param=name) for name in ("skip", "start")]
    candidates = [with_total(one, page) for one in (*conventions(page), *others)]
    return Found(candidates=tuple(dict.fromkeys(candidates)), sign=sign)


def conventions(page: FirstPage) -> tuple[Paging, ...]:
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
