"""The first page of a list whose paging nobody configured: what is known of it, and the totals and flags in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from engine.model.source import Request, Response
from sources.common.json_values import Row, whole_number
from sources.rest.config.paging import Paging
from sources.rest.paging.styles import End, at, told_total

TOTALS: Final = (
    "total", "total_count", "totalCount", "totalResults", "total_results", "totalElements", "total_items",
    "totalItems", "totalSize", "numFound", "nbHits", "meta.total", "meta.total_count", "meta.totalCount",
    "pagination.total", "pagination.total_count", "pagination.totalCount", "pagination.items.total", "paging.total",
    "page.totalElements", "response.numFound", "meta.pagination.total", "@odata.count", "count", "meta.count",
)  # fmt: skip
OF_THE_PAGE: Final = frozenset({"count", "meta.count"})
"""Totals that some APIs use for the items of the page."""
TOTAL_HEADERS: Final = ("x-total-count", "x-total", "x-wp-total", "total-count", "content-range")
MORE: Final = (
    "has_more", "hasMore", "has_next", "hasNext", "hasNextPage", "has_next_page", "more", "pagination.has_more",
    "pagination.hasMore", "pagination.has_next", "pagination.hasNext", "pagination.has_next_page",
    "pagination.hasNextPage", "meta.has_more", "meta.hasMore", "meta.has_next_page", "paging.has_more",
    "paging.hasMore", "additional_data.pagination.more_items_in_collection", "exceededTransferLimit", "truncated",
    "is_truncated", "isTruncated", "IsTruncated",
)  # fmt: skip
ENDS: Final = ("isLast", "is_last", "isLastPage", "is_last_page", "last", "page.last", "done")


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


def with_total(paging: Paging, page: FirstPage) -> Paging:
    """Add where the total stands, if the answer tells one and the paging does not name it."""
    if paging.total or paging.total_header:
        return paging
    path = total_path(page)
    if path:
        return msgspec.structs.replace(paging, total=path)
    for header in TOTAL_HEADERS:
        told = told_total(Paging(total_header=header), page.response, None)
        if told is not None and told > len(page.items):
            return msgspec.structs.replace(paging, total_header=header)
    return paging


def total_path(page: FirstPage) -> str | None:
    """Return where the total stands. A number that is not above the page's own items may be their count."""
    if not isinstance(page.body, dict):
        return None
    found = ((path, whole_number(at(page.body, path))) for path in TOTALS)
    return next((path for path, told in found if told is not None and told > len(page.items)), None)


def flag(body: Any, paths: Sequence[str]) -> str | None:
    """Return the first of the paths at which there is a boolean."""
    return next((path for path in paths if isinstance(at(body, path), bool)), None)
