"""Find out from a first page how a list goes on, where the configuration does not say."""

from typing import Any, Final

import msgspec

from engine.model.source import Response
from sources.common.links import next_link
from sources.rest.config import Paging
from sources.rest.json_paths import find

_ADDRESSES: Final = (
    "next", "next_url", "next_page_url", "nextLink", "@odata.nextLink", "links.next", "links.next.href", "_links.next",
    "_links.next.href", "paging.next", "pagination.next", "pagination.next_url", "meta.next", "info.next",
)  # fmt: skip
_TOKENS: Final = (
    ("next_cursor", "cursor"), ("nextCursor", "cursor"), ("meta.next_cursor", "cursor"),
    ("pagination.next_cursor", "cursor"),
    ("response_metadata.next_cursor", "cursor"), ("next_page_token", "page_token"), ("nextPageToken", "pageToken"),
    ("nextToken", "nextToken"), ("next_token", "next_token"),
)  # fmt: skip
_NUMBERED: Final = (
    Paging(style="page_number", last="pagination.last_visible_page", more="pagination.has_next_page"),
    Paging(style="page_number", last="pagination.total_pages"),
    Paging(style="page_number", last="meta.last_page"),
    Paging(style="page_number", last="meta.total_pages"),
    Paging(style="page_number", last="last_page"),
    Paging(style="page_number", last="total_pages"),
    Paging(style="page_number", more="has_next_page"),
    Paging(style="page_number", more="has_more"),
)


def detect(configured: Paging, response: Response, body: Any) -> Paging:
    """Return the paging of a list by its first page; what was configured beside the style stays."""
    found = _header(response) or _body(body)
    given = msgspec.structs.asdict(configured)
    kept = {name: value for name, value in given.items() if name != "style" and value != getattr(Paging(), name)}
    return msgspec.structs.replace(found, **kept)


def _header(response: Response) -> Paging | None:
    if next_link(response.headers.get("link", "")):
        return Paging(style="link_header")
    return Paging(style="page_number", header="X-Next-Page") if response.headers.get("x-next-page") else None


def _body(body: Any) -> Paging:
    for path in _ADDRESSES:
        found = find(body, path)
        if isinstance(found, str) and found.startswith(("http://", "https://", "/")):
            return Paging(style="cursor_body", next=path)
    for path, param in _TOKENS:
        if isinstance(find(body, path), str | int) and find(body, path) not in {"", False}:
            return Paging(style="cursor_body", next=path, param=param)
    for paging in _NUMBERED:
        if find(body, paging.last or paging.more or "") is not None:
            return paging
    return Paging(style="none")
