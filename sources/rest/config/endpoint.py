"""An endpoint of a REST configuration: `[sources.NAME.endpoints.TABLE]`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sources.rest.config import column_names, paging
from sources.rest.config.paging import Paging
from sources.rest.config.since import Since
from sources.rest.config.types import ColumnPath, JsonPath, Name, Scalar, Status, UrlPath, Word
from sources.rest.json_paths import PARENT, places


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


def above(name: str, endpoints: Mapping[str, Endpoint]) -> Iterator[str]:
    """Yield the endpoints above one, nearest first. A cycle ends where it closes."""
    seen: set[str] = set()
    parent = endpoints[name].parent
    while parent is not None and parent in endpoints and parent not in seen:
        seen.add(parent)
        yield parent
        parent = endpoints[parent].parent


def problems(name: str, endpoint: Endpoint, endpoints: Mapping[str, Endpoint]) -> Iterator[str]:
    at = f"endpoints.{name}"
    yield from column_names.problems(at, endpoint.columns, endpoint.key)
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
    yield from paging.problems(f"{at}.paging", endpoint.paging)


def _place(at: str, place: str, parents: int) -> Iterator[str]:
    depth, rest = 0, place
    while rest.startswith(PARENT):
        depth, rest = depth + 1, rest.removeprefix(PARENT)
    if not depth or not rest:
        yield f"{at}: {{{place}}} means nothing here; want {{parent.PATH}}, such as {{parent.id}}"
    elif depth > parents:
        yield f"{at}: {{{place}}} wants {depth} parents, and there are {parents}; set parent"
