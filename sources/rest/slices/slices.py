"""The walks of one endpoint: one for each of its values and each of its windows, and the increment beside them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from engine.model.source import Covered, Memory
from sources.common.json_values import instant
from sources.rest.config.columns import rules
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.slices import SLICE, is_entry
from sources.rest.config.types import Scalar
from sources.rest.config.windows import PLACES, Windows
from sources.rest.endpoint_step import EndpointStep
from sources.rest.json_paths import PARENT, find
from sources.rest.nesting import slice_places
from sources.rest.slices.incremental import start_value
from sources.rest.slices.refresh import remembered
from sources.rest.slices.remembered import asked_name
from sources.rest.slices.time_windows import Window, format_time, is_final, open_windows, told, windows
from sources.rest.templates import fill_param, fill_path, places, plain_param

_WINDOWS: Final = " windows"
_JOINS: Final = re.compile("[&=]")
ANY: Final[Mapping[str, Any]] = dict.fromkeys(PLACES, "*")
"""What stands for a window's ends in the name of a list, which is the same for all of its windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One walk of a list, besides what its parent's item says."""

    window: Window | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """The window's ends as the API is told them, by placeholder."""
    since: Scalar | None = None
    backfill: int | None = None
    """Where the windows of a backfill end and the increment begins, in seconds since the epoch."""
    newest: float | None = None
    """What the increment knows before its first item: that there is nothing to ask for before the windows' end."""


def entries(endpoint: Endpoint, item: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the values of each entry of an endpoint's `values`, by placeholder; once nothing where it has none.

    Args:
        endpoint: the endpoint to walk.
        item: its parent's item, in which `values = "parent.PATH"` names a list.
    """
    if not endpoint.values:
        yield {}
        return
    listed: Any = endpoint.values
    if isinstance(listed, str):
        listed = find(item, listed.removeprefix(PARENT))
    names = [name for name in slice_places(endpoint) if is_entry(name)]
    for entry in listed if isinstance(listed, list | tuple) else ():
        yield {name: _word(find(entry, name.removeprefix(SLICE).removeprefix(".") or "$")) for name in names}


def _word(value: Any) -> Any:
    return plain_param(value) if isinstance(value, bool) else value


def walks(name: str, endpoint: Endpoint, memory: Memory) -> Iterator[Slice]:
    """Yield the walks that a run has to make of a list, by what earlier runs remember of it under `name`.

    A backfill and its increment: the increment begins with the window in which the first run began, and the windows
    before that are the backfill. Where it began is remembered, so that later runs add no window to the backfill.
    """
    cursor = None if memory.full else memory.cursors.get(since_name(name))
    since, spans = endpoint.since, endpoint.windows
    if spans is None:
        yield Slice(since=start_value(since, cursor) if since else None)
        return
    every: Sequence[Window] = windows(spans, memory.started)
    border = _border(name, every, memory)
    if since:
        known_from = start_value(since, cursor)
        began = format_time(datetime.fromtimestamp(border, UTC), since.format)
        every = [one for one in every if one.seconds[1] <= border]
        if known_from is None:
            yield Slice(since=began, backfill=border, newest=float(border))
        else:
            yield Slice(since=known_from, backfill=border)
    known = () if memory.full else memory.covered.get(windows_name(name), ())
    for one in open_windows(every, known):
        yield Slice(window=one, values=_ends(spans, one))


def walks_of_an_item(name: str, endpoint: Endpoint, memory: Memory) -> tuple[int, int | None]:
    """Return how many walks of an endpoint each item of its parent brings, least and most; None if nobody knows.

    Once a list has windows that are whole, only its newest one is sure to be asked for.
    """
    if isinstance(endpoint.values, str):
        return 0, None
    many = len(endpoint.values) or 1
    spans = len(windows(endpoint.windows, memory.started)) if endpoint.windows else 1
    known = not memory.full and any(
        scope.startswith(f"{name} ") and scope.endswith(_WINDOWS) for scope in memory.covered
    )
    beside = 1 if endpoint.windows and endpoint.since else 0
    return many * (min(1, spans) if known else spans), None if endpoint.recursive else many * (spans + beside)


def since_name(name: str) -> str:
    """Return the name of a list's cursor."""
    return f"{name} since"


def backfill_name(name: str) -> str:
    """Return the name under which the beginning of a list's increment is remembered."""
    return f"{name} backfill"


def windows_name(name: str) -> str:
    """Return the scope under which a list's finished windows are remembered, in seconds since the epoch."""
    return f"{name}{_WINDOWS}"


def _border(name: str, every: Sequence[Window], memory: Memory) -> int:
    stored = "" if memory.full else memory.cursors.get(backfill_name(name), "")
    if stored.isascii() and stored.isdigit() and len(stored) < 12:
        return int(stored)
    return every[-1].seconds[0] if every else int(memory.started.timestamp())


def _ends(spans: Windows, window: Window) -> dict[str, Any]:
    return dict(zip(PLACES, told(spans, window), strict=True))


def parameters(endpoint: Endpoint, values: Mapping[str, Any]) -> Iterable[tuple[str, str | int]]:
    """Yield the parameters that tell an API the ends of a window."""
    if endpoint.windows and PLACES[0] in values:
        for param, place in zip((endpoint.windows.start_param, endpoint.windows.end_param), PLACES, strict=True):
            if param:
                yield param, values[place]


def list_key(endpoint: Endpoint, known: Mapping[str, Any]) -> str:
    """Return what tells a list from the others of its endpoint: its path, and parameters with values from above."""
    known = {**known, **ANY}
    path = fill_path(endpoint.path, known)
    told = [
        f"{at.removeprefix('params.')}={apart(fill_param(template, known))}"
        for at, template in sorted(endpoint.templates)
        if at != "path" and not set(PLACES).issuperset(places(template))
    ]
    told += [f"{place}={apart(str(known.get(place)))}" for place in in_key_only(endpoint)]
    return f"{path}?{'&'.join(told)}" if told else path


def in_key_only(endpoint: Endpoint) -> list[str]:
    """List the values from above that are in a row's key and in no request: lists of two items may have one address."""
    read = {rule.name: rule.path for rule in rules(endpoint.columns, endpoint.key)}
    sent = {place for _, template in endpoint.templates for place in places(template)}
    wanted = [read[column] for column in endpoint.key]
    return [path for path in wanted if path.startswith(PARENT) and path not in sent]


def apart(value: str) -> str:
    """Write a value so that it cannot be taken for two: "1&b=2" is one."""
    return value.replace("%", "%25").replace("&", "%26").replace("=", "%3D") if _JOINS.search(value) else value


def named(step: EndpointStep, endpoint: Endpoint) -> EndpointStep:
    """Name the list of a page, where an earlier version stored its request without."""
    return step if step.list_key else msgspec.structs.replace(step, list_key=list_key(endpoint, step.known))


def earned(step: EndpointStep, endpoint: Endpoint, digest: str) -> dict[str, str]:
    """Return what a walk that came to its end lets the next run know. Only the increment moves the cursor.

    `digest` is that of the endpoint's configuration: without it nobody could tell later whether the cursor still holds.
    """
    remembers = endpoint.since or endpoint.windows or endpoint.refresh
    asked = {asked_name(step.endpoint): digest} if remembers and not step.variant else {}
    if step.span is not None:
        return asked
    told = {**asked, **remembered(step, endpoint)}
    told |= {} if step.backfill is None else {backfill_name(step.memory_name): str(step.backfill)}
    return told if step.newest is None else {**told, since_name(step.memory_name): repr(step.newest)}


def finished(step: EndpointStep, endpoint: Endpoint) -> Sequence[Covered]:
    """Return the span of a window that came to its end, unless items may still be added to it."""
    started = instant(step.started)
    if step.span is None or endpoint.windows is None or started is None:
        return ()
    low, end = step.span
    final = is_final(end, started, endpoint.windows.look_back)
    return [Covered(windows_name(step.memory_name), low, end - 1)] if final else ()
