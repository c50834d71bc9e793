"""The table `paging` of an endpoint: how its list continues."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sources.common.links import PAGE_CAP
from sources.rest.config.types import HeaderName, JsonPath, Many, Word

Style = Literal["auto", "none", "link_header", "page_number", "offset", "cursor_body", "keyset"]
_NEEDS: Final = {"page_number": (), "offset": ("size",), "cursor_body": ("next",), "keyset": ("param", "item")}


class Paging(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """The table `paging` of an endpoint: how its list continues."""

    style: Style = "auto"
    param: Word | None = None
    """Parameter for the page number, the offset, the cursor or the last item."""
    start: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    """Number of the first page, or the first offset."""
    size_param: Word | None = None
    size: Many | None = None
    """Items on a full page."""
    next: JsonPath | None = None
    """Body path of the next cursor or address; null, false or "" at the end."""
    more: JsonPath | None = None
    """Body path of a flag that there is another page."""
    end: JsonPath | None = None
    """Body path of a flag that this is the last page."""
    last: JsonPath | None = None
    """Body path of the last page's number; it takes precedence over `more`."""
    total: JsonPath | None = None
    """Body path of the number of items on all pages."""
    header: HeaderName | None = None
    """A header that is empty or absent on the last page ("X-Next-Page")."""
    item: JsonPath | None = None
    """keyset: path in the last item whose value goes into `param`."""
    order: Literal["asc", "desc"] = "asc"
    """keyset: the order of that value."""
    max_pages: Annotated[int, Meta(ge=1, le=PAGE_CAP)] = 1000


def problems(at: str, paging: Paging) -> Iterator[str]:
    for key in _NEEDS.get(paging.style, ()):
        if getattr(paging, key) is None:
            yield f'{at}.{key}: is missing; style = "{paging.style}" needs it'
    if paging.total and not paging.size:
        yield f'{at}.size: is missing; total = "{paging.total}" counts items, so the size of a page must be known'
