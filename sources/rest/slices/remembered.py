"""Whether what earlier runs remember of a list still holds for its configuration. Pure.

A cursor says what was read by the configuration of then. With another condition, another parameter, a column more or a
list below it, a run that asks only for what is new would leave out what the configuration of now wants as well. So the
configuration of an endpoint is remembered beside its cursors, as a digest. If it changes, the cursors go on under
names of their own, and the lists are read from their beginning once. If it changes back, the earlier ones hold again.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.model.source import Memory
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.options import RestOptions
from sources.rest.nesting import below

_SAME_ITEMS: Final = frozenset(
    {"values", "windows", "since", "paging", "refresh", "mark_gone", "error", "skip", "stop", "retry"}
    | {"resource", "cost", "recursive"}
)
"""Keys of an endpoint that do not change which rows its lists have, or that name other lists."""


def digests(options: RestOptions) -> Mapping[str, str]:
    """Return the digest of each endpoint's configuration, with the endpoints below it."""
    return {name: _digest(name, options) for name in options.endpoints}


def asked_name(endpoint: str) -> str:
    """Return the name of the cursor that remembers the configuration of an endpoint."""
    return f"{endpoint} asked"


def variant(endpoint: str, digest: str, memory: Memory) -> str:
    """Return what the names of an endpoint's cursors end with; "" for the configuration that was there first.

    A database of an earlier version has cursors and no digest: they are trusted, as they were then.
    """
    first = memory.cursors.get(asked_name(endpoint))
    return "" if first in {None, digest} else f" #{digest}"


def _digest(name: str, options: RestOptions) -> str:
    endpoint = options.endpoints[name]
    told: dict[str, Any] = {"base_url": options.base_url, "params": options.params, "headers": options.headers}
    told["endpoint"] = _told(endpoint)
    if endpoint.since:
        told["since"] = [endpoint.since.item, endpoint.since.format]
    told["below"] = {child: _digest(child, options) for child in below(name, options.endpoints) if child != name}
    return blake2b(msgspec.json.encode(told, order="deterministic"), digest_size=6).hexdigest()


def _told(endpoint: Endpoint) -> dict[str, Any]:
    """Return the keys that differ from their defaults, so that a key of a later version changes no digest."""
    bare = msgspec.to_builtins(Endpoint(path=endpoint.path))
    return {
        key: value
        for key, value in msgspec.to_builtins(endpoint).items()
        if key not in _SAME_ITEMS and (key == "path" or value != bare[key])
    }
