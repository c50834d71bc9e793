"""How lists hang on the items of other lists, and what a request must carry of the items above it."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sources.rest.config import Endpoint, Paging, RestOptions
from sources.rest.json_paths import PARENT, find, places


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of one list: the context of its request."""

    endpoint: str
    path: str
    """With its places filled."""
    started: str
    parent: dict[str, Any] = {}
    """What of the item above is needed here and below, by "parent.PATH"."""
    page: int = 1
    paging: Paging | None = None
    """Found out on the first page; None while it is to be found out."""
    since: str | int | float | bool | None = None
    newest: float | None = None
    cursor: str = ""
    digest: str = ""
    """Of the page before."""
    mark: str = ""
    """A cursor or address met some pages ago: a walk that comes by again goes in circles."""


def needed(endpoint: Endpoint) -> list[str]:
    """List what an endpoint's path and parameters take from the item above."""
    params = [value for value in endpoint.params.values() if isinstance(value, str)]
    return [place for template in (endpoint.path, *params) for place in places(template)]


def carried(name: str, options: RestOptions) -> list[str]:
    """List what a request of an endpoint must carry of the items above it: for itself, and for the lists below it."""
    endpoint = options.endpoints[name]
    columns = [path.partition(":")[0] for path in endpoint.columns.values()]
    own = [*needed(endpoint), *(path for path in columns if path.startswith(PARENT))]
    below = [child for child, one in options.endpoints.items() if one.parent == name]
    deeper = [path.removeprefix(PARENT) for child in below for path in carried(child, options)]
    return list(dict.fromkeys([*own, *(path for path in deeper if path.startswith(PARENT))]))


def values(wanted: Iterable[str], item: Any, parent: Mapping[str, Any]) -> dict[str, Any]:
    """Take from an item, or from what its own request carried, what a child carries."""
    taken = {}
    for path in wanted:
        rest = path.removeprefix(PARENT)
        found = parent.get(rest) if rest.startswith(PARENT) else find(item, rest)
        taken[path] = found if isinstance(found, str | int | float) else None
    return taken
