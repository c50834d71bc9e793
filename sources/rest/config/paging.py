"""The table `paging` of an endpoint: how its list continues."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from sources.common.links import PAGE_CAP
from sources.rest.config.types import RESERVED_HEADERS, HeaderName, JsonPath, Many, Word
from sources.rest.json_paths import compile_path, put, takes_many

Style = Literal["auto", "none", "link_header", "page_number", "offset", "cursor", "cursor_body", "keyset"]
MAX_PAGES: Final = 1000
"""The bound of a walk where nobody wrote one."""
_NEEDS: Final = {"offset": ("size",), "cursor_body": ("next",), "keyset": ("item",)}
_PLACES: Final = ("param", "in_header", "in_body")
_NUMBERED: Final = frozenset({"page_number", "offset"})
_CURSOR: Final = frozenset({"cursor", "cursor_body"})
_PLACED: Final = _NUMBERED | _CURSOR | {"keyset"}
_READ_BY: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(_PLACES, _PLACED),
    **dict.fromkeys(("more", "end"), _PLACED),
    **dict.fromkeys(("start", "last", "pages", "pages_header"), _NUMBERED),
    "next": _CURSOR,
    "header": _CURSOR | _NUMBERED,
    "item": frozenset({"keyset"}),
}
"""The styles that read a key, where these are not all of them. `auto` takes every key as a hint."""
_OWN_PARAMS: Final = {"page_number": "page", "offset": "offset"}
"""The parameter of the page where nobody names one."""
_ONE_VALUE: Final = ("more", "end", "last", "pages", "total")
"""Keys that are read as one flag or number."""
_IN_BODY: Final = ("next", "more", "end", "last", "pages", "total")
"""Keys whose paths lead into the body of an answer."""


class Paging(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """The table `paging` of an endpoint: how its list continues."""

    style: Style = "auto"
    param: Word | None = None
    """Parameter for the page number, the offset, the cursor or the last item."""
    start: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    """Number of the first page, or the first offset."""
    size_param: Word | None = None
    size: Many | None = None
    """Items asked for on a page. A server may send fewer: what arrives counts."""
    next: JsonPath | None = None
    """Body path of the next cursor or address; null, false, 0 or "" at the end."""
    more: JsonPath | None = None
    """Body path of a flag that there is another page."""
    end: JsonPath | None = None
    """Body path of a flag that this is the last page."""
    last: JsonPath | None = None
    """Body path of the last page's number; it takes precedence over `more`."""
    total: JsonPath | None = None
    """Body path of the number of items on all pages."""
    header: HeaderName | None = None
    """cursor: the header with the next cursor. page_number: one that is empty or absent on the last page
    ("X-Next-Page")."""
    item: JsonPath | None = None
    """keyset: path in the last item whose value is the cursor."""
    order: Literal["asc", "desc"] = "asc"
    """Kept for earlier configurations. A walk makes progress with every page that was not seen before, in any order."""
    max_pages: Annotated[int, Meta(ge=1, le=PAGE_CAP)] | None = None
    in_header: HeaderName | None = None
    """Request header for what `param` would hold."""
    in_body: JsonPath | None = None
    """Path in the request's JSON body for what `param` would hold."""
    pages: JsonPath | None = None
    """Body path of the number of pages."""
    pages_header: HeaderName | None = None
    """Header with the number of pages."""
    total_header: HeaderName | None = None
    """Header with the number of items on all pages."""
    short_page_ends: bool = False
    """A page with fewer items than `size` is the last one. Only for a server that fills every other page."""
    parallel: bool = True
    """Whether pages whose number is known are requested at the same time."""

    @property
    def page_limit(self) -> int:
        return MAX_PAGES if self.max_pages is None else self.max_pages

    @property
    def numbered(self) -> bool:
        """Whether every page can be named without reading the one before."""
        return self.style in {"page_number", "offset"}


def problems(at: str, paging: Paging) -> Iterator[str]:
    yield from _keys(at, paging)
    placed = [key for key in _PLACES if getattr(paging, key)]
    if len(placed) > 1:
        yield f"{at}.{placed[1]}: a cursor goes to one place, and {placed[0]} names one already; leave one out"
    if paging.style == "cursor" and bool(paging.next) == bool(paging.header):
        both = f'"{paging.next}" is there, and header = "{paging.header}" too; ' if paging.next else ""
        yield f'{at}.next: {both}style = "cursor" needs either next (a path in the body) or header (a header\'s name)'
    if paging.size_param and paging.size_param == (paging.param or _OWN_PARAMS.get(paging.style)):
        yield f'{at}.size_param: "{paging.size_param}" is the parameter of the page too; name two parameters'
    if paging.style == "keyset" and not placed:
        yield f'{at}.param: is missing; style = "keyset" needs it, or in_header or in_body'
    if paging.style == "cursor" and paging.header and not placed:
        yield f"{at}.param: is missing; a cursor from a header needs it, or in_header or in_body"
    if paging.in_header and paging.in_header.lower() in RESERVED_HEADERS:
        yield f'{at}.in_header: "{paging.in_header}" is no place for a cursor; name the header that the API documents'
    if paging.short_page_ends and not paging.size:
        yield f"{at}.size: is missing; short_page_ends compares a page with it"
    # A body can carry a cursor of several values; a parameter or a header cannot.
    for key in _ONE_VALUE if paging.in_body else (*_ONE_VALUE, "next", "item"):
        path = getattr(paging, key)
        if path is not None and takes_many(path):
            yield f'{at}.{key}: "{path}" may be several values, and it is read as one; name one, as in a.b[0]'


def _keys(at: str, paging: Paging) -> Iterator[str]:
    """Yield the keys that a style lacks, and those that it does not read."""
    for key in _NEEDS.get(paging.style, ()):
        if getattr(paging, key) is None:
            yield f'{at}.{key}: is missing; style = "{paging.style}" needs it'
    for key, styles in _READ_BY.items():
        if paging.style not in {"auto", *styles} and getattr(paging, key) is not None:
            said = msgspec.json.encode(getattr(paging, key)).decode()
            way_out = f"leave it out, or set style to {' or '.join(sorted(styles - {'cursor_body'}))}"
            yield f'{at}.{key}: {said} has no use with style = "{paging.style}"; {way_out}'


def placed_problems(at: str, in_body: str | None, *, json: Any, form: Any) -> Iterator[str]:
    """Yield why a JSON body has no one place at the path `in_body`."""
    if in_body is None or form is not None:
        return
    path = compile_path(in_body)
    try:
        put(json, path, 0)
    except ValueError as error:
        yield f'{at}.in_body: "{in_body}" is no place in the body: {error}; name one member, as in variables.after'
    if not path:
        yield f'{at}.in_body: "{in_body}" is the whole body; name one member of it, as in variables.after'


def body_problems(at: str, paging: Paging, kind: str) -> Iterator[str]:
    """Yield the paths into a body that has none: a list would seem to end with its first page."""
    for key in _IN_BODY if kind in {"jsonl", "csv"} else ():
        path = getattr(paging, key)
        if path is not None:
            way_out = "leave it out, or name a header with header, pages_header or total_header"
            yield f'{at}.{key}: "{path}" leads nowhere with format = "{kind}", which is items alone; {way_out}'
