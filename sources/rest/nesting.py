"""Nested lists: an endpoint requested for each item of another, and the values its requests carry from above."""

from collections.abc import Iterable, Mapping
from typing import Any

from sources.rest.config import columns
from sources.rest.config.endpoint import Endpoint, array_paths
from sources.rest.config.options import RestOptions
from sources.rest.config.slices import is_slice
from sources.rest.json_paths import PARENT, find
from sources.rest.templates import places


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
