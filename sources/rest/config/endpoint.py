"""An endpoint of a REST configuration: `[sources.NAME.endpoints.TABLE]`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from engine.common.text import nearest
from sources.rest.config import bodies, column_names, columns, formats, paging, refresh, since, slices, transforms
from sources.rest.config.columns import Columns
from sources.rest.config.formats import Csv, Format
from sources.rest.config.limits import CORE
from sources.rest.config.paging import Paging
from sources.rest.config.refresh import Refresh
from sources.rest.config.since import Since
from sources.rest.config.slices import Values, is_slice
from sources.rest.config.transforms import Array, Arrays, Where
from sources.rest.config.types import (
    HeaderName,
    HeaderValue,
    JsonPath,
    KeyColumn,
    Name,
    ParamValue,
    Status,
    UrlPath,
    Word,
)
from sources.rest.config.windows import Windows
from sources.rest.json_paths import PARENT
from sources.rest.templates import places, stray_brace, texts

GONE: Final = "gone"

NOTHING_THERE: Final = (404, 410, 451)


class Endpoint(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A list or object, and the table of its items: `[sources.NAME.endpoints.TABLE]`."""

    path: UrlPath
    """What stands behind a "?" is moved to `params`."""
    params: dict[Word, ParamValue] = {}
    method: Literal["GET", "POST"] | None = None
    """None for POST where there is a body, and GET elsewhere."""
    headers: dict[HeaderName, HeaderValue] = {}
    """Headers of this endpoint's requests. Never a secret."""
    json: dict[str, Any] | list[Any] | None = None
    """The JSON body. Texts in it that name a value of the items above are templates."""
    form: dict[Word, ParamValue] | None = None
    """The fields of a form, as the body instead of `json`."""
    items: JsonPath | Literal["auto"] = "auto"
    key: Annotated[tuple[KeyColumn, ...], Meta(max_length=8)] = ()
    columns: Columns = {}
    where: Where = ()
    """Conditions for an item to become a row. All must hold."""
    arrays: Arrays = {}
    """Lists in each item, whose elements are rows of tables of their own, by table."""
    format: Format = "json"
    csv: Csv = Csv()
    parent: Name | None = None
    """The endpoint that is the parent: this one is requested for each of its items."""
    recursive: bool = False
    """Whether its own items are parents too, as the comments on a comment are."""
    max_depth: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    """Levels of a recursive endpoint that are followed. Without it they are 100, and a list that goes deeper is cut."""
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

    def __post_init__(self) -> None:
        """Move what stands behind the "?" of the path to the parameters.

        Raises:
            ValueError: a parameter is in both places.
        """
        path, _, query = self.path.partition("?")
        found: dict[str, Any] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name in self.params:
                raise ValueError(f'path: "{name}" is behind the ? and in params too; leave one out')
            found[name] = value if name not in found else (*_several(found[name]), value)
        if found:
            msgspec.structs.force_setattr(self, "path", path)
            msgspec.structs.force_setattr(self, "params", {**found, **self.params})

    @property
    def templates(self) -> Sequence[tuple[str, str]]:
        """The texts that may name values of the items above, each with its place in the configuration."""
        listed = [("path", self.path)]
        for table, entries in (("params", self.params), ("form", self.form or {}), ("headers", self.headers)):
            listed += [
                (f"{table}.{name}", each)
                for name, value in entries.items()
                for each in _several(value)
                if isinstance(each, str)
            ]
        return [*listed, *texts(self.json, "json")]

    @property
    def sends_body(self) -> bool:
        """Whether its requests have a body."""
        return self.json is not None or self.form is not None

    @property
    def sliced(self) -> bool:
        """Whether it is walked for values or windows, so that `{slice}` means something."""
        return bool(self.values) or self.windows is not None


def _several(value: ParamValue) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


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
    named = [each.name for each in columns.rules(endpoint.columns, ())]
    yield from column_names.problems(at, named, endpoint.key, own)
    parents = list(above(name, endpoints))
    yield from _names(at, name, endpoint, endpoints, parents)
    yield from _templates(at, endpoint, len(parents))
    for rule in columns.rules(endpoint.columns, ()):
        if rule.path.startswith(PARENT):
            yield from _place(f"{at}.columns.{rule.name}", rule.path, len(parents))
    yield from _arrays(at, name, endpoint, endpoints, len(parents))
    named = [place for _, template in endpoint.templates for place in places(template)]
    of_item = isinstance(endpoint.values, str) or any(place.startswith(PARENT) for place in named)
    if endpoint.parent and not of_item:
        yield f"{at}.path: it is the same for every item of {endpoint.parent}; name one with {{parent.id}}, say"
    yield from columns.problems(f"{at}.columns", endpoint.columns)
    yield from transforms.problems(at, endpoint.where, endpoint.arrays)
    yield from formats.problems(at, endpoint.format, endpoint.items, endpoint.csv)
    yield from bodies.problems(at, method=endpoint.method, json=endpoint.json, form=endpoint.form)
    yield from bodies.header_problems(f"{at}.headers", endpoint.headers)
    yield from _walks(at, endpoint, named)
    yield from paging.problems(f"{at}.paging", endpoint.paging)
    yield from paging.body_problems(f"{at}.paging", endpoint.paging, endpoint.format)
    yield from paging.placed_problems(f"{at}.paging", endpoint.paging.in_body, json=endpoint.json, form=endpoint.form)


def _names(
    at: str, name: str, endpoint: Endpoint, endpoints: Mapping[str, Endpoint], parents: Sequence[str]
) -> Iterator[str]:
    """Yield a key, a path and a parent that cannot be."""
    if len(set(endpoint.key)) < len(endpoint.key):
        yield f"{at}.key: {_twice(endpoint.key)}"
    if ".." in endpoint.path.split("/"):
        yield f'{at}.path: "{endpoint.path}" leads out of base_url; leave ".." out'
    if endpoint.parent and endpoint.parent not in endpoints:
        guess, known = nearest(endpoint.parent, {*endpoints} - {name}), ", ".join(sorted(endpoints))
        way_out = f'did you mean "{guess}"? There are {known}' if guess else f"there are {known}"
        yield f'{at}.parent: there is no endpoint "{endpoint.parent}"; {way_out}'
    if name in parents:
        yield f'{at}.parent: "{endpoint.parent}" leads back to {name}; one endpoint must have no parent'


def _templates(at: str, endpoint: Endpoint, parents: int) -> Iterator[str]:
    """Yield the placeholders that mean nothing, and braces that may have been meant as such."""
    for key, template in endpoint.templates:
        for place in places(template):
            if not is_slice(place):
                yield from _place(f"{at}.{key}", place, parents)
            elif why := slices.place_problem(place, endpoint.values, endpoint.windows):
                yield f"{at}.{key}: {why}"
        if stray_brace(template) and not key.startswith("json"):
            yield f'{at}.{key}: "{template}" has a single brace; want {{parent.PATH}}, or {{{{ and }}}} for braces'


def _twice(names: Sequence[str]) -> str:
    return f'"{next(each for each in names if names.count(each) > 1)}" is there twice; leave one out'


def array_paths(array: Array) -> list[str]:
    """List the paths that the columns of a list's table are read from."""
    return [rule.path for rule in columns.rules(array.columns, array.key) if rule.path]


def _arrays(at: str, name: str, endpoint: Endpoint, endpoints: Mapping[str, Endpoint], parents: int) -> Iterator[str]:
    taken = {*endpoints, *(each for other, one in endpoints.items() if other != name for each in one.arrays)}
    above = {f"{name}_{column}" for column in endpoint.key or ("digest",)}
    for each, array in endpoint.arrays.items():
        where = f"{at}.arrays.{each}"
        if len(set(array.key)) < len(array.key):
            yield f"{where}.key: {_twice(array.key)}"
        if each in taken:
            yield f"{where}: there is a table {each} already; choose another name"
        named = [*(rule.name for rule in columns.rules(array.columns, array.key))]
        own = above if array.key else above | {transforms.POSITION}
        yield from column_names.problems(where, named, array.key, column_names.OWN | own)
        for rule in columns.rules(array.columns, array.key):
            if rule.path.startswith(PARENT):
                # The item is the first parent of its elements.
                yield from _place(f"{where}.columns.{rule.name}", rule.path, parents + 1)


def _walks(at: str, endpoint: Endpoint, used: Sequence[str]) -> Iterator[str]:
    spans, parent = endpoint.windows, endpoint.parent
    if endpoint.recursive and not parent:
        yield f"{at}.recursive: has no parent; name the endpoint whose items come first"
    if endpoint.max_depth and not endpoint.recursive:
        yield f"{at}.max_depth: is for lists below themselves; set recursive = true, or leave it out"
    if endpoint.recursive and any(place.startswith(PARENT * 2) for place in used):
        yield f"{at}.recursive: {{parent.parent}} is another item on each level; use {{parent.PATH}} only"
    yield from slices.problems(at, endpoint.values, spans, endpoint.since, parent, used)
    if endpoint.since:
        yield from since.problems(f"{at}.since", endpoint.since, json=endpoint.json, form=endpoint.form)
        yield from paging.placed_problems(f"{at}.since", endpoint.since.in_body, json=endpoint.json, form=endpoint.form)
    if endpoint.refresh:
        yield from refresh.problems(f"{at}.refresh", endpoint.refresh, parent, windows=spans is not None)


def _place(at: str, place: str, parents: int) -> Iterator[str]:
    depth, rest = 0, place
    while rest.startswith(PARENT):
        depth, rest = depth + 1, rest.removeprefix(PARENT)
    if not depth or not rest:
        want = "want {parent.PATH}, such as {parent.id}, or {{ and }} for braces"
        yield f"{at}: {{{place}}} means nothing here; {want}"
    elif depth > parents:
        yield f"{at}: {{{place}}} wants {depth} parents, and there are {parents}; set parent"
