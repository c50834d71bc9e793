"""The configuration of a REST API: authentication, endpoints, paging and incremental requests."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.model.capabilities import Question
from sources.common.links import PAGE_CAP, BaseUrl
from sources.rest.json_paths import PARENT, places

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
_RESERVED = frozenset({"raw", "raw_page", "added_at", "changed_at", "seen_at", "digest"})
_NEEDS = {"page_number": (), "offset": ("size",), "cursor_body": ("next",), "keyset": ("param", "item")}
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "private-token"})
QUESTIONS: Final = (
    Question(
        key="base_url", ask="address", help="scheme, host and path prefix of the API, as in https://api.example.org/v1"
    ),
    Question(key="endpoints.items.path", ask="list", help="the path of a list below that address, as in /articles"),
    Question(
        key="requests_per_second", ask="pace", help="requests a second, at most", unset="as the answers' headers say"
    ),
)


class Access(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table `auth`: how the secret is sent. Its place is given by token_env, token_file or token_command."""

    type: Literal["bearer", "header", "basic", "query"]
    name: Word | None = None
    """The header ("X-Api-Key") or the query parameter."""
    prefix: str = ""
    """Text before the secret, in a header."""
    env: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z", description="an environment variable")] | None = None
    required: bool = True
    hint: str = ""


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


class Since(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table `since` of an endpoint: how a later run asks only for changes."""

    param: Word
    item: JsonPath
    """Path in an item of its time of change, or of a growing number."""
    format: Literal["iso", "date", "unix", "unix_ms", "number"] = "iso"
    # Items are asked for again within the look-back, because lists lag behind and clocks differ.
    look_back: Annotated[int, Meta(ge=0, description="seconds, or as many numbers, asked for once more")] = 300
    start: Scalar | None = None
    """What the first run asks from; without it the first run asks for everything."""


class Endpoint(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A list or object, and the table of its items: `[sources.NAME.endpoints.TABLE]`."""

    path: UrlPath
    params: dict[Word, Scalar] = {}
    items: JsonPath | Literal["auto"] = "auto"
    key: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    columns: dict[Name, ColumnPath] = {}
    parent: Name | None = None
    """The endpoint that is the parent: this one is requested for each of its items."""
    paging: Paging = Paging()
    since: Since | None = None
    error: JsonPath | None = None
    """Path in a body with status 200; a value there means an error."""
    skip: tuple[Status, ...] = (404, 410, 451)
    """Statuses that mean "nothing there"."""
    stop: tuple[Status, ...] = ()
    """Statuses that stop the whole source."""
    retry: tuple[Status, ...] = ()
    """Further statuses to retry, besides those that always are (408, 425, 429, 500, 502 to 504, ...)."""


# Rules beyond the types of the keys. Each message names the key, the value and the way out.


def problems(
    endpoints: Mapping[str, Endpoint], auth: Access | None, headers: Mapping[str, str], params: Mapping[str, Scalar]
) -> Iterator[str]:
    """Yield every contradiction in a configuration."""
    for name in headers:
        if name.lower() in _SECRETS:
            yield f"headers.{name}: a secret never stands in a configuration; describe it under auth"
    if auth:
        yield from _auth(auth, params)
    for name, endpoint in endpoints.items():
        yield from _endpoint(name, endpoint, endpoints)


def above(name: str, endpoints: Mapping[str, Endpoint]) -> Iterator[str]:
    """Yield the endpoints above one, nearest first. A cycle ends where it closes."""
    seen: set[str] = set()
    parent = endpoints[name].parent
    while parent is not None and parent in endpoints and parent not in seen:
        seen.add(parent)
        yield parent
        parent = endpoints[parent].parent


class RestOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a `[sources.NAME]` table with `kind = "rest"`."""

    base_url: BaseUrl
    endpoints: Annotated[dict[Name, Endpoint], Meta(min_length=1)]
    auth: Access | None = None
    limit_headers: dict[Literal["limit", "remaining", "reset"], HeaderName] = {}
    """The API's own names of the rate-limit headers; standard names need no entry."""
    headers: dict[HeaderName, str] = {}
    params: dict[Word, Scalar] = {}
    terms: str = ""
    requests_per_second: Many | None = None
    requests_per_minute: Many | None = None
    requests_per_hour: Many | None = None
    min_interval: Annotated[float, Meta(gt=0, le=3600, description="seconds between two requests")] | None = None
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 4

    def __post_init__(self) -> None:
        """Refuse a configuration that contradicts itself.

        Raises:
            ValueError: its message names the key, the value and what would be right.
        """
        for problem in problems(self.endpoints, self.auth, self.headers, self.params):
            raise ValueError(problem)


def _auth(auth: Access, params: Mapping[str, Scalar]) -> Iterator[str]:
    if auth.type in {"header", "query"} and not auth.name:
        what = "header" if auth.type == "header" else "query parameter"
        yield f'auth.name: is missing; type = "{auth.type}" wants the name of the {what}'
    if auth.type in {"bearer", "basic"} and auth.name:
        yield f'auth.name: "{auth.name}" has no use with type = "{auth.type}", which is always the Authorization header'
    if auth.type == "query" and auth.name in params:
        yield f"params.{auth.name}: this parameter carries the secret, see auth.name; leave it out here"


def _endpoint(name: str, endpoint: Endpoint, endpoints: Mapping[str, Endpoint]) -> Iterator[str]:
    at = f"endpoints.{name}"
    for column in endpoint.columns:
        if column in _RESERVED:
            yield f'{at}.columns.{column}: every table has a column "{column}" of its own; choose another name'
    parents = list(above(name, endpoints))
    if endpoint.parent and endpoint.parent not in endpoints:
        known = ", ".join(sorted(endpoints))
        yield f'{at}.parent: there is no endpoint "{endpoint.parent}"; there are {known}'
    if name in parents:
        yield f'{at}.parent: "{endpoint.parent}" leads back to {name}; one endpoint must have no parent'
    templates = [("path", endpoint.path)]
    templates += [(f"params.{key}", value) for key, value in endpoint.params.items() if isinstance(value, str)]
    for key, template in templates:
        for place in places(template):
            yield from _place(f"{at}.{key}", place, len(parents))
    for column, path in endpoint.columns.items():
        if path.startswith(PARENT):
            yield from _place(f"{at}.columns.{column}", path.partition(":")[0], len(parents))
    if endpoint.parent and not any(places(template) for _, template in templates):
        yield f"{at}.path: it is the same for every item of {endpoint.parent}; name one with {{parent.id}}, say"
    yield from _paging(f"{at}.paging", endpoint.paging)


def _place(at: str, place: str, parents: int) -> Iterator[str]:
    depth, rest = 0, place
    while rest.startswith(PARENT):
        depth, rest = depth + 1, rest.removeprefix(PARENT)
    if not depth or not rest:
        yield f"{at}: {{{place}}} means nothing here; want {{parent.PATH}}, such as {{parent.id}}"
    elif depth > parents:
        yield f"{at}: {{{place}}} wants {depth} parents, and there are {parents}; set parent"


def _paging(at: str, paging: Paging) -> Iterator[str]:
    for key in _NEEDS.get(paging.style, ()):
        if getattr(paging, key) is None:
            yield f'{at}.{key}: is missing; style = "{paging.style}" needs it'
    if paging.total and not paging.size:
        yield f'{at}.size: is missing; total = "{paging.total}" counts items, so the size of a page must be known'
