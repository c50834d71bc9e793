"""The parts of a REST configuration: how a client proves itself, an endpoint, its paging and what is new since."""

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


# What a REST configuration must fulfil beyond the types of its keys. Each message names key, value and the way out.

_RESERVED = frozenset({"raw", "raw_page", "added_at", "changed_at", "seen_at", "digest"})
_NEEDS = {"page_number": (), "offset": ("size",), "cursor_body": ("next",), "keyset": ("param", "item")}
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "private-token"})


def problems(
    endpoints: Mapping[str, Endpoint], auth: Access | None, headers: Mapping[str, str], params: Mapping[str, Scalar]
) -> Iterator[str]:
    """Yield every contradiction of a configuration."""
    for name in headers:
        if name.lower() in _SECRETS:
            yield f"headers.{name}: a secret never stands in a configuration; describe it under auth"
    if auth:
        yield from _auth(auth, params)
    for name, endpoint in endpoints.items():
        yield from _endpoint(name, endpoint, endpoints)


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


def above(name: str, endpoints: Mapping[str, Endpoint]) -> Iterator[str]:
    """Yield the endpoints above one, the nearest first; a circle ends where it closes."""
    seen: set[str] = set()
    parent = endpoints[name].parent
    while parent is not None and parent in endpoints and parent not in seen:
        seen.add(parent)
        yield parent
        parent = endpoints[parent].parent


# The configuration of one REST API, whole.

QUESTIONS: Final = (
    Question(
        key="base_url", ask="address", help="scheme, host and path prefix of the API, as in https://api.example.org/v1"
    ),
    Question(key="endpoints.items.path", ask="list", help="the path of a list below that address, as in /articles"),
    Question(
        key="requests_per_second", ask="pace", help="requests a second, at most", unset="as the answers' headers say"
    ),
)


class RestOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a `[sources.NAME]` table with `kind = "rest"`."""

    base_url: BaseUrl
    endpoints: Annotated[dict[Name, Endpoint], Meta(min_length=1)]
    auth: Access | None = None
    limit_headers: dict[Literal["limit", "remaining", "reset"], HeaderName] = {}
    """What the API calls the headers that tell its limit; the usual names need no mention."""
    headers: dict[HeaderName, str] = {}
    params: dict[Word, Scalar] = {}
    terms: str = ""
    requests_per_second: Many | None = None
    requests_per_minute: Many | None = None
    requests_per_hour: Many | None = None
    min_interval: Annotated[float, Meta(gt=0, le=3600, description="seconds between two requests")] | None = None
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 4

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: naming the key, the value and what would be right.
        """
        for problem in problems(self.endpoints, self.auth, self.headers, self.params):
            raise ValueError(problem)
