"""What of a configuration finds nothing in a page: columns without a value, placeholders without one. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from engine.common.text import counted
from sources.common.json_values import Row
from sources.rest.config.columns import Rule, rules
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.slices import is_slice
from sources.rest.items.decoded import MapItem
from sources.rest.json_paths import MAP_KEY, PARENT, compile_path, find, meant
from sources.rest.nesting import below, needed
from sources.rest.templates import fits_in_address


def page_gaps(
    name: str, endpoints: Mapping[str, Endpoint], found: Sequence[Row], known: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Say what the items of a page have nothing for, by the endpoint that asks for it.

    Args:
        name: the endpoint of the page.
        endpoints: all endpoints.
        found: the items of the page.
        known: what is known beside the items, by placeholder.
    """
    items = [item for item in found if item.value is not None]
    if not items:
        return {}
    gaps = {name: [*_columns(endpoints[name], items, known)]}
    gaps |= {child: [*_places(endpoints[child], name, items)] for child in below(name, endpoints) if child != name}
    return {each: said for each, said in gaps.items() if said}


def _columns(endpoint: Endpoint, items: Sequence[Row], known: Mapping[str, Any]) -> Iterator[str]:
    """Name the columns whose path leads to nothing in any item."""
    for rule in rules(endpoint.columns, endpoint.key):
        if rule.value is None and not _is_found(rule, items, known):
            path = compile_path(rule.path)
            quoted = next(filter(None, (meant(item.value, path) for item in items)), "")
            kind = "" if rule.type == "text" else f":{rule.type}"
            hint = f": write {_toml(f'{quoted}{kind}')}" if quoted else ""
            yield f"column {rule.name} finds nothing at {_toml(rule.path)} in {counted(len(items), 'item')}{hint}"


def _is_found(rule: Rule, items: Sequence[Row], known: Mapping[str, Any]) -> bool:
    if rule.path.startswith(PARENT) or is_slice(rule.path):
        return known.get(rule.path, rule.path not in known) is not None
    is_key = rule.path == MAP_KEY
    return any((is_key and isinstance(item, MapItem)) or find(item.value, rule.path) is not None for item in items)


def _places(endpoint: Endpoint, parent: str, items: Sequence[Row]) -> Iterator[str]:
    """Name the placeholders of a list below that no item of its parent fills."""
    for place in dict.fromkeys(needed(endpoint)):
        path = place.removeprefix(PARENT)
        if not place.startswith(PARENT) or path.startswith(PARENT) or is_slice(path):
            continue
        if not any(_fills(item, path) for item in items):
            keys = _keys(items)
            yield f"nothing fills {{{place}}}: {counted(len(items), 'item')} of {parent} have no such value{keys}"


def _fills(item: Row, path: str) -> bool:
    return (path == MAP_KEY and isinstance(item, MapItem)) or fits_in_address(find(item.value, path))


def _keys(items: Sequence[Row]) -> str:
    names = [*items[0].value][:12] if isinstance(items[0].value, dict) else []
    return f", they have {', '.join(names)}" if names else ""


def _toml(path: str) -> str:
    return msgspec.json.encode(path).decode()
