"""Where a list continues after a page, in any of six styles. Each ends on an empty page, and on no progress."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from engine.model.source import Request, Response
from sources.common.json_values import Row, integer
from sources.common.links import follow, next_link, same_origin
from sources.rest.config.paging import Paging
from sources.rest.json_paths import find, is_scalar

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
Params = Mapping[str, str | int]


# Detection: how a list continues, judged by its first page, where the configuration does not say.


def detect(configured: Paging, response: Response, body: Any) -> Paging:
    """Return a list's paging, judged by its first page. Configured keys other than the style are kept."""
    found = _header(response) or _body(body)
    given = msgspec.structs.asdict(configured)
    kept = {name: value for name, value in given.items() if name != "style" and value != getattr(Paging(), name)}
    return msgspec.structs.replace(found, **kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One page, and the position of its walk."""

    request: Request
    response: Response
    body: Any
    items: Sequence[Row]
    number: int
    """The page's number, from 1."""
    cursor: str
    """The cursor the page was requested with; "" on the first page."""
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPage:
    """The next page, by parameters or by address; neither at the end."""

    params: Params = field(default_factory=dict)
    url: str = ""
    problem: str = ""
    """Why the walk ends, where that is not the list's true end."""


def first_page_params(paging: Paging) -> dict[str, str | int]:
    """Return the parameters of a first page."""
    params: dict[str, str | int] = {}
    if paging.size_param and paging.size:
        params[paging.size_param] = paging.size
    elif paging.style == "offset" and paging.size:
        params["limit"] = paging.size
    if paging.style == "page_number" and paging.start is not None:
        params[paging.param or "page"] = paging.start
    if paging.style == "offset" and paging.start:
        params[paging.param or "offset"] = paging.start
    return params


def next_page(paging: Paging, seen: Seen) -> NextPage:
    """Decide where a walk continues after a page."""
    going = _STYLES[paging.style](paging, seen)
    if going == END or going.problem:
        return going
    if not seen.items:
        # Numbered pages end with an empty one. A cursor after an empty page is a server error.
        numbered = paging.style in {"page_number", "offset"}
        return END if numbered else NextPage(problem="an empty page names a next one")
    if seen.number >= paging.max_pages:
        return NextPage(problem=f"still no end after {seen.number} pages (max_pages)")
    return going


def without(url: str, name: str | None) -> str:
    """Remove a parameter from an address, so that a secret repeated by a server is not stored."""
    parts = urlsplit(url)
    if not name or name not in parts.query:
        return url
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode(kept)))


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


def _link_header(_paging: Paging, seen: Seen) -> NextPage:
    found = follow(seen.request, seen.response, seen.base_url, seen.number)
    return NextPage(url=found.url, problem=found.problem)


def _page_number(paging: Paging, seen: Seen) -> NextPage:
    if _is_last(paging, seen):
        return END
    start = 1 if paging.start is None else paging.start
    return NextPage(params={paging.param or "page": start + seen.number})


def _offset(paging: Paging, seen: Seen) -> NextPage:
    if _is_last(paging, seen):
        return END
    return NextPage(params={paging.param or "offset": (paging.start or 0) + seen.number * (paging.size or 1)})


def _is_last(paging: Paging, seen: Seen) -> bool:
    """Judge by the surest sign available: a header, the last page's number, the flags, the total, a short page."""
    last = integer({"last": find(seen.body, paging.last)}, "last") if paging.last else None
    total = integer({"total": find(seen.body, paging.total)}, "total") if paging.total else None
    start = 1 if paging.start is None or paging.style == "offset" else paging.start
    if paging.header:
        return not seen.response.headers.get(paging.header.lower(), "").strip()
    if last is not None:
        return start + seen.number - 1 >= last
    if paging.more or paging.end:
        return _says_end(paging, seen)
    if total is not None and paging.size:
        return seen.number * paging.size >= total
    return paging.size is not None and len(seen.items) < paging.size


def _says_end(paging: Paging, seen: Seen) -> bool:
    more = not paging.more or bool(find(seen.body, paging.more))
    return not more or bool(paging.end and find(seen.body, paging.end))


def _cursor_body(paging: Paging, seen: Seen) -> NextPage:
    found = find(seen.body, paging.next or "")
    if not is_scalar(found) or _says_end(paging, seen):
        return END
    if paging.param is None or (isinstance(found, str) and found.startswith(("http://", "https://"))):
        return _address(str(found), seen)
    if str(found) == seen.cursor:
        return NextPage(problem=f"the next cursor is the one just used: {str(found)[:60]}")
    return NextPage(params={paging.param: found if isinstance(found, int) else str(found)})


def _address(target: str, seen: Seen) -> NextPage:
    try:
        url = urljoin(seen.response.url or seen.base_url, target)
    except ValueError:
        return NextPage(problem=f"the next page is no address: {target[:100]}")
    if not same_origin(url, seen.base_url):
        return NextPage(problem=f"the next page leaves {seen.base_url}: {target[:100]}")
    if url in {seen.request.url, seen.response.url}:
        return NextPage(problem=f"the next page is the one just read: {target[:100]}")
    return NextPage(url=url)


def _keyset(paging: Paging, seen: Seen) -> NextPage:
    if not seen.items or _says_end(paging, seen) or (paging.size and len(seen.items) < paging.size):
        return END
    found = find(seen.items[-1].value, paging.item or "")
    if not is_scalar(found):
        return NextPage(problem=f"the last item has no {paging.item}")
    if seen.cursor and not _moves(seen.cursor, found, paging.order):
        return NextPage(problem=f"{paging.item} goes from {seen.cursor[:40]} to {str(found)[:40]}: no progress")
    return NextPage(params={paging.param or "": found if isinstance(found, int) else str(found)})


def _moves(old: str, new: Any, order: str) -> bool:
    """Say whether a cursor moves in its order: numbers by value, anything else as text."""
    try:
        before, after = float(old), float(new)
    except (ValueError, OverflowError):
        return str(new) > old if order == "asc" else str(new) < old
    return after > before if order == "asc" else after < before


def _none(_paging: Paging, _seen: Seen) -> NextPage:
    return END


END: Final = NextPage()


_STYLES: Final[Mapping[str, Callable[[Paging, Seen], NextPage]]] = {
    "none": _none,
    "auto": _none,
    "link_header": _link_header,
    "page_number": _page_number,
    "offset": _offset,
    "cursor_body": _cursor_body,
    "keyset": _keyset,
}
