"""What a REST configuration must fulfil beyond the types of its keys. Each message names key, value and the way out."""

from collections.abc import Iterator, Mapping

from sources.rest.config import Access, Endpoint, Paging, Scalar
from sources.rest.json_paths import PARENT, places

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
