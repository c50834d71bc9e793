"""Details that are asked for again only when the row of their list moved, or when they are old. Pure.

What an earlier run read is remembered with the last page of its walk, in the same transaction: a detail that failed, or
whose walk was cut, is asked for again whatever its row says.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.model.source import Memory
from sources.common.json_values import instant
from sources.rest.config.endpoint import Endpoint
from sources.rest.endpoint_step import EndpointStep
from sources.rest.json_paths import find

_MARK: Final = " refreshed"
AVOIDED: Final = "details whose row did not move"


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a walk."""

    moved: str
    """What the parent's item had in `when`; "" without it."""
    at: int
    """When the run began that made the walk, in seconds since the epoch."""


def moved(endpoint: Endpoint, item: Any) -> str | None:
    """Return what an item has in `when`, as text; None if it has nothing there, so that nothing can be told by it."""
    if endpoint.refresh is None or endpoint.refresh.when is None:
        return ""
    found = find(item, endpoint.refresh.when)
    if found is None:
        return None
    text = found if isinstance(found, str) else msgspec.json.encode(found, order="deterministic").decode()
    return text if len(text) <= 40 else blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def is_fresh(endpoint: Endpoint, name: str, seen: str | None, memory: Memory) -> bool:
    """Say whether the list `name` need not be walked, because nothing moved since it was and it is not too old."""
    refresh = endpoint.refresh
    known = memory.cursors.get(mark_name(name))
    if refresh is None or memory.full or known is None or seen is None:
        return False
    try:
        mark = msgspec.json.decode(known, type=Mark)
    except msgspec.DecodeError:
        return False
    age = memory.started.timestamp() - mark.at
    return mark.moved == seen and (refresh.max_age is None or age < refresh.max_age)


def remembered(step: EndpointStep, endpoint: Endpoint) -> Mapping[str, str]:
    """Return what a walk that came to its end lets later runs know; nothing where the item could not tell."""
    started = instant(step.started)
    if endpoint.refresh is None or step.moved is None or started is None:
        return {}
    mark = Mark(step.moved, int(started.timestamp()))
    return {mark_name(step.memory_name): msgspec.json.encode(mark).decode()}


def known(endpoint: str, memory: Memory) -> int:
    """Return how many lists of an endpoint earlier runs remember."""
    return sum(name.startswith(f"{endpoint} ") and name.endswith(_MARK) for name in memory.cursors)


def mark_name(name: str) -> str:
    """Return the name of the cursor that remembers a walk."""
    return f"{name}{_MARK}"
