"""Nested lists: an endpoint requested for each item of another, and the values its requests carry from above."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sources.rest.config import columns
from sources.rest.config.endpoint import Endpoint, array_paths
from sources.rest.config.options import RestOptions
from sources.rest.config.paging import Paging
from sources.rest.config.slices import is_slice
from sources.rest.json_paths import PARENT, find
from sources.rest.templates import places


class EndpointStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of one list: the context of its request."""

    endpoint: str
    path: str
    """The filled-in path."""
    started: str
    parent: dict[str, Any] = {}
    """Values of the item above that are needed here and below, by "parent.PATH"."""
    slice: dict[str, Any] = {}
    """Values of the entry of `values` and of the window, by "slice", "slice.PATH", "slice.start" and "slice.end"."""
    list_key: str = ""
    """What tells this list from others of its endpoint: its path, and the parameters with values from above. All
    windows of a list have the same. "" in requests of earlier versions."""
    variant: str = ""
    """What the names end with under which the list is remembered; see `slices.remembered`."""
    span: tuple[int, int] | None = None
    """Start and end of its window of time, in seconds since the epoch."""
    span_label: str = ""
    moved: str | None = None
    """What the parent's item had in `refresh.when`, as `sources.rest.slices.refresh` remembers it."""
    backfill: int | None = None
    """Where the windows of a backfill end and this increment begins, in seconds since the epoch."""
    depth: int = 0
    """Lists of its own endpoint above it, where that is recursive."""
    page: int = 1
    paging: Paging | None = None
    """The paging found on the first page, where it differs from the configured one."""
    since: str | int | float | bool | None = None
    newest: float | None = None
    older: bool = False
    """A page before brought rows older than `since`, and that was noted."""
    cursor: str = ""
    digest: str = ""
    """Digest of the page before."""
    mark: str = ""
    """A cursor or address met some pages ago. A walk that meets it again is in a cycle: `paging.walk`."""
    landmark: str = ""
    """Digest of a page met some pages ago, for the same purpose."""
    offset: int = 0
    """The page's offset, with style offset."""
    widest: int = 0
    """The most items that one page has brought so far."""
    arrived: int | None = 0
    """Items that came before this page; None where pages are read at the same time."""
    empty_pages: int = 0
    """Empty pages in a row before this one."""
    filled: int = 0
    """Items of this page that have come already: it is the rest of one that brought too few. See `paging.gaps`."""
    total: int | None = None
    """Items of the whole list, as it was told last."""
    sure: bool = False
    """The API said that this page exists."""
    trial: bool = False
    """This is a second page, and its paging is a guess; see `sources.rest.paging.detect`."""
    untried: tuple[Paging, ...] = ()
    """Guesses that are left if this one is wrong."""
    sign: str = ""
    """What showed on the first page that there is more, where the paging is a guess."""
    window: int = 0
    """The first page of those read at the same time as this one; 0 if none are. see `paging.page_windows`."""
    tail: bool = False
    """The last page of its window, read when the others are there."""
    told: tuple[int | None, int | None] = (None, None)
    """Pages and items of the list, as told when the window began."""
    settled: int = 1
    """The first page since the list was read again, because it had changed; 1 if it was not."""
    again: int = 0
    """The last page of a window that is read for the second time, because the list changed meanwhile; 0 for none."""
    doubt: str = ""
    """What an earlier page lacks, so that the walk cannot be whole."""

    @property
    def known(self) -> dict[str, Any]:
        """The values that templates and columns can name."""
        return {**self.parent, **self.slice}

    @property
    def list_name(self) -> str:
        """The name of the list, unique within the source and the same in every run."""
        return f"{self.endpoint} {self.list_key}"

    @property
    def memory_name(self) -> str:
        """The name under which later runs remember the list."""
        return f"{self.list_name}{self.variant}"

    @property
    def walk_name(self) -> str:
        """The name of this walk: that of the list, with the window."""
        return f"{self.list_name} {self.span_label}".rstrip()


def below(name: str, endpoints: Mapping[str, Endpoint]) -> list[str]:
    """List the endpoints that are requested for each item of one, with itself where it is recursive."""
    return [child for child, one in endpoints.items() if one.parent == name or (child == name and one.recursive)]


def needed(endpoint: Endpoint) -> list[str]:
    """List the placeholders in an endpoint's path, parameters, headers and body."""
    return [place for _, template in endpoint.templates for place in places(template)]


def _paths(endpoint: Endpoint) -> list[str]:
    """List what the columns of an endpoint and of its lists want beside the item."""
    # The item is the first parent of an element of its lists.
    inner = [path.removeprefix(PARENT) for array in endpoint.arrays.values() for path in array_paths(array)]
    beside = [path for path in inner if path.startswith(PARENT)]
    own = [path for array in endpoint.arrays.values() for path in array_paths(array) if is_slice(path)]
    return [*columns.paths(endpoint.columns), *beside, *own]


def slice_places(endpoint: Endpoint) -> list[str]:
    """List what an endpoint's templates and columns want of its slices."""
    return [place for place in (*needed(endpoint), *_paths(endpoint)) if is_slice(place)] if endpoint.sliced else []


def carried(name: str, options: RestOptions) -> list[str]:
    """List the values that a request must carry from the items above: for its endpoint and the lists below it."""
    endpoint = options.endpoints[name]
    own = [path for path in (*needed(endpoint), *_paths(endpoint)) if path.startswith(PARENT)]
    below = [child for child, one in options.endpoints.items() if one.parent == name and child != name]
    deeper = [path.removeprefix(PARENT) for child in below for path in carried(child, options)]
    return list(dict.fromkeys([*own, *(path for path in deeper if path.startswith(PARENT))]))


def values(wanted: Iterable[str], item: Any, parent: Mapping[str, Any]) -> dict[str, Any]:
    """Take the wanted values from an item, or from what its own request carried."""
    taken = {}
    for path in wanted:
        rest = path.removeprefix(PARENT)
        found = parent.get(rest) if rest.startswith(PARENT) or rest in parent else find(item, rest)
        taken[path] = found if isinstance(found, str | int | float) else None
    return taken
