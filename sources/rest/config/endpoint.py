"""An endpoint of a REST configuration: `[sources.NAME.endpoints.TABLE]`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sources.rest.config import column_names, paging, refresh, slices
from sources.rest.config.limits import CORE
from sources.rest.config.paging import Paging
from sources.rest.config.refresh import Refresh
from sources.rest.config.since import Since
from sources.rest.config.slices import Values, is_slice
from sources.rest.config.types import ColumnPath, JsonPath, Name, Scalar, Status, UrlPath, Word
from sources.rest.config.windows import Windows
from sources.rest.json_paths import PARENT, places

GONE: Final = "gone"

NOTHING_THERE: Final = (404, 410, 451)


class Endpoint(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A list or object, and the table of its items: `[sources.NAME.endpoints.TABLE]`."""

    path: UrlPath
    params: dict[Word, Scalar] = {}
    items: JsonPath | Literal["auto"] = "auto"
    key: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    columns: dict[Name, ColumnPath] = {}
    parent: Name | None = None
    """The endpoint that is the parent: this one is requested for each of its items."""
    recursive: bool = False
    """Whether its own items are parents too, as the comments on a comment are."""
    values: Values = ()
    """What the endpoint is walked for, one after the other; or a list in the parent's item: "parent.kids"."""
    windows: Windows | None = None
    """Spans of time that the endpoint is walked for, each remembered once it is whole."""
    paging: Paging = Paging()
    since: Since | None = None
    refresh: Refresh | None = None
    """When it is worth reading again. Without it, every run reads it."""
    mark_gone: bool = False
    """Whether rows that a whole list names no more get `gone` = 1. Without it they stay as they were."""
    error: JsonPath | None = None
    """Path in a body with status 200; a value there means an error."""
    skip: tuple[Status, ...] | None = None
    """Statuses that mean "nothing there". None for the default: `NOTHING_THERE` on the first page below a parent, where
    an item may have no list. Elsewhere they mean that the path is wrong, or that a page of the list is lost."""
    stop: tuple[Status, ...] = ()
    """Statuses that stop the whole source."""
    retry: tuple[Status, ...] = ()
    """Further statuses to retry, besides those that always are (408, 425, 429, 500, 502 to 504, ...)."""
    resource: Name = CORE
    """The limits its requests draw on, and so their lane: a table `resources.NAME`, or the source's own."""
    cost: Annotated[float, Meta(gt=0, le=1_000_000, description="units that a request takes from its limits")] = 1.0

    @property
    def sliced(self) -> bool:
        """Whether it is walked for values or windows, so that `{slice}` means something."""
        return bool(self.values) or self.windows is not None


def skipped(endpoint: Endpoint, page: int) -> tuple[int, ...]:
    """Return the statuses that mean "nothing there" on a page of a list, the first being 1."""
    if endpoint.skip is not None:
        return endpoint.skip
    return NOTHING_THERE if endpoint.parent is not None and page == 1 else ()


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
    own = column_names.OWN | ({GONE} if endpoint.mark_gone else set())
    yield from column_names.problems(at, endpoint.columns, endpoint.key, own)
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
            if not (endpoint.sliced and is_slice(place)):
                yield from _place(f"{at}.{key}", place, len(parents))
    for column, path in endpoint.columns.items():
        if path.startswith(PARENT):
            yield from _place(f"{at}.columns.{column}", path.partition(":")[0], len(parents))
    named = [place for _, template in templates for place in places(template)]
    of_item = isinstance(endpoint.values, str) or any(place.startswith(PARENT) for place in named)
    if endpoint.parent and not of_item:
        yield f"{at}.path: it is the same for every item of {endpoint.parent}; name one with {{parent.id}}, say"
    yield from _walks(at, endpoint, named)
    yield from paging.problems(f"{at}.paging", endpoint.paging)


def _walks(at: str, endpoint: Endpoint, used: Sequence[str]) -> Iterator[str]:
    spans, parent = endpoint.windows, endpoint.parent
    if endpoint.recursive and not parent:
        yield f"{at}.recursive: has no parent; name the endpoint whose items come first"
    if endpoint.recursive and any(place.startswith(PARENT * 2) for place in used):
        yield f"{at}.recursive: {{parent.parent}} is another item on each level; use {{parent.PATH}} only"
    yield from slices.problems(at, endpoint.values, spans, endpoint.since, parent, used)
    if endpoint.refresh:
        yield from refresh.problems(f"{at}.refresh", endpoint.refresh, parent, windows=spans is not None)


def _place(at: str, place: str, parents: int) -> Iterator[str]:
    depth, rest = 0, place
    while rest.startswith(PARENT):
        depth, rest = depth + 1, rest.removeprefix(PARENT)
    if not depth or not rest:
        yield f"{at}: {{{place}}} means nothing here; want {{parent.PATH}}, such as {{parent.id}}"
    elif depth > parents:
        yield f"{at}: {{{place}}} wants {depth} parents, and there are {parents}; set parent"
