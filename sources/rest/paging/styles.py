"""Where a list continues after a page, or why it ends there. One function for each style of paging. Pure.

Progress is a page that was not seen before; see `sources.rest.paging.walk`. No order of ids or numbers is expected.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from engine.model.source import Request, Response
from engine.model.walk import Completeness
from sources.common.json_values import Row, whole_number
from sources.common.links import joined, next_link, same_origin
from sources.rest.config.paging import Paging
from sources.rest.json_paths import above, find, lookup
from sources.rest.paging.placement import as_text, exact, is_cursor, is_sendable, is_too_long, stored_as

_LAST: Final = re.compile(r"<([^<>]*)>[^<,]*\brel=\"?last\b")
_IN_LINKS: Final = ("href", "url", "link")
EMPTY_PAGES: Final = 10
"""Empty pages in a row after which a flag or a total is no longer believed that there is more."""
Params = Mapping[str, str | int]


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
    offset: int = 0
    """The items before this page, as the API counts."""
    widest: int = 0
    """The most items that one page has brought so far.

    A page of the server is at least as large; fewer items are a filter or the end. Steps of this size skip nothing.
    """
    arrived: int | None = 0
    """Items that have arrived, with this page; None where pages were read at the same time and nobody counted."""
    empty_pages: int = 0
    """Empty pages in a row, with this one."""
    filled: int = 0
    """Items that earlier parts of this page have brought: see `sources.rest.paging.gaps`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPage:
    """The next page: an address, or what its request carries."""

    params: Params = field(default_factory=dict)
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    in_body: tuple[str, Any] | None = None
    """A path in the JSON body, and the value there."""
    cursor: str = ""
    """What `params`, `headers` or `in_body` say, as text."""
    offset: int = 0
    sure: bool = False
    """The API says that this page exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a walk."""

    completeness: Completeness
    reason: str


def whole(reason: str) -> End:
    return End(completeness=Completeness.WHOLE, reason=reason)


def unconfirmed(reason: str) -> End:
    return End(completeness=Completeness.UNCONFIRMED, reason=reason)


def cut(reason: str) -> End:
    return End(completeness=Completeness.CUT, reason=reason)


def first_page_params(paging: Paging) -> dict[str, str | int]:
    """Return the parameters of a first page."""
    params: dict[str, str | int] = {}
    in_params = not (paging.in_header or paging.in_body)
    if paging.size_param and paging.size:
        params[paging.size_param] = paging.size
    elif paging.style == "offset" and paging.size and in_params:
        params["limit"] = paging.size
    if paging.style == "page_number" and paging.start is not None and in_params:
        params[paging.param or "page"] = paging.start
    if paging.style == "offset" and paging.start and in_params:
        params[paging.param or "offset"] = paging.start
    return params


def next_page(paging: Paging, seen: Seen) -> NextPage | End:
    """Decide where a walk continues after a page, or why it ends."""
    going = _STYLES[paging.style](paging, seen)
    if isinstance(going, NextPage) and seen.number >= paging.page_limit:
        written = paging.max_pages is not None
        return End(
            completeness=Completeness.BOUNDED if written else Completeness.CUT,
            reason=f"still no end after {seen.number:,} pages (max_pages)",
        )
    return going


def told_total(paging: Paging, response: Response, body: Any) -> int | None:
    """Return the number of items that an answer tells."""
    if paging.total_header:
        # The total stands behind the slash of a Content-Range ("items 0-24/319").
        return whole_number(response.headers.get(paging.total_header.lower(), "").rpartition("/")[2])
    return whole_number(at(body, paging.total)) if paging.total else None


def told_pages(paging: Paging, response: Response, body: Any) -> int | None:
    """Return the number of pages that an answer tells."""
    last = whole_number(at(body, paging.last)) if paging.last else None
    if last is not None:
        return last - _first_number(paging) + 1
    if paging.pages_header:
        return whole_number(response.headers.get(paging.pages_header.lower()))
    return whole_number(at(body, paging.pages)) if paging.pages else None


def pages_of_link(header: str) -> int | None:
    """Return the number of pages that a Link header tells by the address of the last one."""
    link = _LAST.search(header)
    try:
        asked = parse_qs(urlsplit(link[1]).query) if link else {}
    except ValueError:
        return None
    return whole_number(asked.get("page", [""])[0])


def at(body: Any, path: str) -> Any:
    """Return the value at a path of a body. A member whose name is the whole path comes first ("@odata.nextLink")."""
    return body[path] if isinstance(body, dict) and path in body else find(body, path)


def next_value(body: Any, path: str) -> Any:
    """Return the next cursor or address at a path.

    A link is a string or an object with it (https://jsonapi.org/format/#document-links), and may change from one page
    to the next.
    """
    found = at(body, path)
    if isinstance(found, dict):
        return next((found[name] for name in _IN_LINKS if isinstance(found.get(name), str)), found)
    holder, name = above(path)
    link = lookup(body, holder) if found is None and name in _IN_LINKS and holder else None
    return link if isinstance(link, str) else found


def _based(target: str, body: Any, path: str) -> str:
    """Return a link that is relative to a `base` beside it, as Confluence sends them; any other as it is."""
    holder, _ = above(path)
    base = lookup(body, (*holder, "base")) if holder and target.startswith("/") else None
    return base.rstrip("/") + target if isinstance(base, str) else target


def is_there(body: Any, path: str) -> bool:
    """Say whether a body has a member at a path, even if it is null."""
    if at(body, path) is not None or (isinstance(body, dict) and path in body):
        return True
    above_it, name = above(path)
    holder = lookup(body, above_it)
    return isinstance(holder, dict) and name in holder


def page_at(paging: Paging, number: int, offset: int, *, sure: bool = False) -> NextPage:
    """Name a page by its number in the walk, or by its offset."""
    value = offset if paging.style == "offset" else _first_number(paging) + number - 1
    name = paging.param or ("offset" if paging.style == "offset" else "page")
    going = _placed(paging, value, name)
    return NextPage(
        params=going.params, headers=going.headers, in_body=going.in_body, cursor=going.cursor, offset=offset, sure=sure
    )


def without(url: str, name: str | None) -> str:
    """Remove a parameter from an address, so that a secret repeated by a server is not stored."""
    parts = urlsplit(url)
    if not name or name not in parts.query:
        return url
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode(kept)))


# Numbered pages: by page number or offset.


def _numbered(paging: Paging, seen: Seen) -> NextPage | End:
    told = _told(paging, seen)
    if isinstance(told, End):
        return told
    if not seen.items and not told:
        return unconfirmed("an empty page, and the API does not say that it is the end")
    if not told and _is_short(paging, seen):
        return unconfirmed(f"a page of fewer than {paging.size:,} items")
    if paging.style == "offset" and not seen.widest:
        return cut("the API says that there is more, but the first page is empty")
    return page_at(paging, seen.number + 1, seen.offset + seen.widest, sure=bool(told))


def _told(paging: Paging, seen: Seen) -> End | bool:
    """Return the end where the API says that this is it, else whether it says that there is more.

    The surest sign counts: the number of the last page, a header, the flags, the total.
    """
    pages = told_pages(paging, seen.response, seen.body)
    if pages is not None:
        if seen.number < pages:
            return True
        if not seen.items and seen.number > 1:
            # Numbers from 0 that are taken for numbers from 1 end like this, with the second page unread.
            return unconfirmed(f"page {seen.number:,} of {pages:,} is empty")
        return whole(f"page {seen.number:,} of {pages:,} is the last one")
    if paging.header:
        header = seen.response.headers.get(paging.header.lower())
        if header is not None and header.strip():
            return _believed(seen, f"the header {paging.header}")
        if header is not None or seen.number > 1:
            return whole(f"the header {paging.header} names no next page")
    flagged = flags(paging, seen)
    if flagged is True:
        return _believed(seen, paging.more or paging.end or "")
    return flagged or _total(paging, seen)


def flags(paging: Paging, seen: Seen) -> End | bool:
    """Judge by `more` and `end`. Where only one of them says that it is the end, it is."""
    found = [(path, at(seen.body, path), wanted) for path, wanted in ((paging.more, False), (paging.end, True)) if path]
    told = [(path, bool(value) is wanted) for path, value, wanted in found if value is not None]
    for path, ends in told:
        if ends:
            return whole(f"{path} says that it is the last page")
    return bool(told)


def _believed(seen: Seen, sign: str) -> End | bool:
    if seen.empty_pages >= EMPTY_PAGES:
        return cut(f"{sign} says that there is more, but {seen.empty_pages} pages in a row are empty")
    return True


def _total(paging: Paging, seen: Seen) -> End | bool:
    """Judge by the total, and the position that has been reached at least."""
    total = told_total(paging, seen.response, seen.body)
    if total is None or (seen.arrived is not None and seen.arrived > total):
        return False  # more than the total has arrived, so it is no total
    before = seen.offset - (paging.start or 0) if paging.style == "offset" else (seen.number - 1) * seen.widest
    if before + seen.widest < total and (seen.items or seen.filled):
        return True
    if before >= total or before + len(seen.items) > total:
        return False  # the list goes on beyond it
    if seen.arrived == total or (paging.style == "offset" and (seen.items or seen.filled)):
        return whole(f"the total of {total:,} is reached")
    if seen.items:
        # Where pages are read at the same time, all of them together show whether it is reached.
        return False if seen.arrived is not None else unconfirmed(f"the last page of a total of {total:,}")
    if before + max(seen.widest, paging.size or 0) >= total:
        return cut(f"the API tells {total:,} items, but the last page is empty")
    return _believed(seen, "the total")


def _is_short(paging: Paging, seen: Seen) -> bool:
    return paging.short_page_ends and paging.size is not None and len(seen.items) < paging.size


# Pages that only the one before names: by address, cursor or last item.


def _link_header(_paging: Paging, seen: Seen) -> NextPage | End:
    target = next_link(seen.response.headers.get("link", ""))
    if target:
        return _address(target, seen)
    reason = "the Link header names no next page"
    return whole(reason) if seen.number > 1 or "link" in seen.response.headers else unconfirmed(NO_SIGN)


def _cursor(paging: Paging, seen: Seen) -> NextPage | End:
    flagged = flags(paging, seen)
    if isinstance(flagged, End):
        return flagged
    total = told_total(paging, seen.response, seen.body)
    if not seen.items and total is not None and seen.arrived == total:
        return whole(f"the total of {total:,} is reached")  # some APIs, such as Crossref, never stop naming a cursor
    source = paging.header or paging.next or ""
    header = seen.response.headers.get(paging.header.lower()) if paging.header else None
    found = header if paging.header else next_value(seen.body, source)
    found = exact(found, seen.response.body, lambda body: next_value(body, source))
    named = bool(paging.param or paging.in_header or paging.in_body)
    if isinstance(found, str) and (not named or found.startswith(("http://", "https://"))) and found:
        return _address(_based(found, seen.body, source), seen)
    if is_cursor(found, in_body=bool(paging.in_body)) and named:
        return _unused(paging, found, seen)
    if found not in (None, "", False, 0, [], {}):
        return cut(f"what {source} names is no cursor that can be sent: {as_text(found)[:60]}")
    if flagged is True and paging.more:
        return cut(f"{paging.more} says that there is more, but {source} names no next page")
    told = seen.number > 1 or header is not None or is_there(seen.body, source)
    return whole(f"{source} names no next page") if told else unconfirmed(NO_SIGN)


def _keyset(paging: Paging, seen: Seen) -> NextPage | End:
    flagged = flags(paging, seen)
    if isinstance(flagged, End):
        return flagged
    total = told_total(paging, seen.response, seen.body)
    if total is not None and seen.arrived == total:
        return whole(f"the total of {total:,} is reached")
    if not seen.items:
        if flagged is True:
            return cut("the API says that there is more, but an empty page has no last item to go on from")
        return unconfirmed("an empty page, and the API does not say that it is the end")
    if flagged is not True and _is_short(paging, seen):
        return unconfirmed(f"a page of fewer than {paging.size:,} items")
    last, item = seen.items[-1], paging.item or ""
    found = exact(at(last.value, item), last.raw, lambda value: at(value, item))
    if not is_cursor(found, in_body=bool(paging.in_body)) and found != 0:
        return cut(f"the last item has no {paging.item} to go on from")
    return _unused(paging, found, seen)


def _unused(paging: Paging, value: Any, seen: Seen) -> NextPage | End:
    if as_text(value) == seen.cursor:
        return cut(f"the next cursor is the one just used: {as_text(value)[:60]}")
    if paging.in_header and is_too_long(as_text(value)):
        return cut(f"the next cursor is too long for a header: {len(as_text(value)):,} characters")
    if paging.in_header and not is_sendable(as_text(value)):
        return cut(f"the next cursor holds a character that no header may hold: {as_text(value)[:60]!r}")
    return _placed(paging, value, paging.param or "")


def _placed(paging: Paging, value: Any, param: str) -> NextPage:
    text = as_text(value)
    if paging.in_header:
        return NextPage(headers={paging.in_header.lower(): text}, cursor=text)
    if paging.in_body:
        return NextPage(in_body=(paging.in_body, stored_as(value)), cursor=text)
    return NextPage(params={param: stored_as(value) if isinstance(value, int) else text}, cursor=text)


def _address(target: str, seen: Seen) -> NextPage | End:
    try:
        url = joined(seen.response.url or seen.base_url, target)
    except ValueError:
        return cut(f"the next page is no address: {target[:100]}")
    if not same_origin(url, seen.base_url):
        return cut(f"the next page leaves {seen.base_url}: {target[:100]}")
    if url in {seen.request.url, seen.response.url}:
        return cut(f"the next page is the one just read: {target[:100]}")
    return NextPage(url=url)


def _none(_paging: Paging, _seen: Seen) -> NextPage | End:
    return whole("a list of one page, as its configuration says")


def _first_number(paging: Paging) -> int:
    return 1 if paging.start is None or paging.style == "offset" else paging.start


def pages_of(total: int, widest: int) -> int:
    """Return how many pages hold a number of items, at most."""
    return max(1, math.ceil(total / widest)) if widest else 1


NO_SIGN: Final = "the only page that the answer shows, and the API does not say that it is all"


_STYLES: Final[Mapping[str, Callable[[Paging, Seen], NextPage | End]]] = {
    "none": _none,
    "auto": _none,
    "link_header": _link_header,
    "page_number": _numbered,
    "offset": _numbered,
    "cursor": _cursor,
    "cursor_body": _cursor,
    "keyset": _keyset,
}
