"""The parts of a REST configuration: how a client proves itself, an endpoint, its paging and what is new since."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sources.common.links import PAGE_CAP

PATH: Final = r"^(\$|[^.\s:]+(\.[^.\s:]+)*)\Z"
Name = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,40}\Z", description="lower-case letters, digits and underscores")
]
JsonPath = Annotated[str, Meta(pattern=PATH, description='names and numbers joined by dots, or "$" for all of it')]
ColumnPath = Annotated[
    str,
    Meta(
        pattern=r"^(\$|[^.\s:]+(\.[^.\s:]+)*)(:(text|integer|real))?\Z",
        description='a JSON path, with a type where it is not text, such as "stats.views:integer"',
    ),
]
UrlPath = Annotated[str, Meta(pattern=r"^/[^\s?#]*\Z", description="a path below base_url, beginning with a slash")]
HeaderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z", description="the name of a header")]
Word = Annotated[str, Meta(pattern=r"^[^\s&=?#]+\Z", description="the name of a query parameter")]
Status = Annotated[int, Meta(ge=300, le=599, description="an HTTP status")]
Many = Annotated[int, Meta(ge=1, le=1_000_000)]
Style = Literal["auto", "none", "link_header", "page_number", "offset", "cursor_body", "keyset"]
Scalar = str | int | float | bool


class Access(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How the secret travels: the table `auth`. Where it is kept is said by token_env, token_file or token_command."""

    type: Literal["bearer", "header", "basic", "query"]
    name: Word | None = None
    """The header ("X-Api-Key") or the query parameter."""
    prefix: str = ""
    """Before the secret, in a header."""
    env: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z", description="an environment variable")] | None = None
    required: bool = True
    hint: str = ""


class Paging(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """How one list goes on: the table `paging` of an endpoint."""

    style: Style = "auto"
    param: Word | None = None
    """The parameter that names the page, the offset, the cursor or the last item."""
    start: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    """The number of the first page, or the first offset."""
    size_param: Word | None = None
    size: Many | None = None
    """How many items a full page has."""
    next: JsonPath | None = None
    """In the body: the next cursor or address; null, false or "" at the end."""
    more: JsonPath | None = None
    """In the body: whether there is another page."""
    end: JsonPath | None = None
    """In the body: whether this is the last page."""
    last: JsonPath | None = None
    """In the body: the number of the last page; it is believed before `more`."""
    total: JsonPath | None = None
    """In the body: how many items there are on all pages."""
    header: HeaderName | None = None
    """A header that is empty or absent on the last page ("X-Next-Page")."""
    item: JsonPath | None = None
    """keyset: what of the last item goes into `param`."""
    order: Literal["asc", "desc"] = "asc"
    """keyset: which way it moves."""
    max_pages: Annotated[int, Meta(ge=1, le=PAGE_CAP)] = 1000


class Since(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a later run leaves out: the table `since` of an endpoint."""

    param: Word
    item: JsonPath
    """Where an item says when it changed, or its growing number."""
    format: Literal["iso", "date", "unix", "unix_ms", "number"] = "iso"
    look_back: Annotated[int, Meta(ge=0, description="seconds, or as many numbers, asked for once more")] = 300
    start: Scalar | None = None
    """What the first run asks for; it asks for everything without."""


class Endpoint(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One list or object, and the table its items land in: `[sources.NAME.endpoints.TABLE]`."""

    path: UrlPath
    params: dict[Word, Scalar] = {}
    items: JsonPath | Literal["auto"] = "auto"
    key: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    columns: dict[Name, ColumnPath] = {}
    parent: Name | None = None
    """The endpoint whose every item is asked about here."""
    paging: Paging = Paging()
    since: Since | None = None
    error: JsonPath | None = None
    """In a body with status 200: what is there means that it is an error."""
    skip: tuple[Status, ...] = (404, 410, 451)
    """Statuses that mean "nothing there"."""
    stop: tuple[Status, ...] = ()
    """Statuses that stop the whole source."""
    retry: tuple[Status, ...] = ()
    """Statuses worth a second attempt, beside those that always are (408, 425, 429, 500, 502 to 504, ...)."""
