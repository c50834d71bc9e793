"""The keys `values` and `windows` of an endpoint, which is then walked several times: what may stand where."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from msgspec import Meta

from sources.rest import templates
from sources.rest.config import windows
from sources.rest.config.since import Since
from sources.rest.config.types import Name, Scalar
from sources.rest.config.windows import Windows
from sources.rest.json_paths import PATTERN

SLICE: Final = templates.SLICE
"""The entry of `values` in templates and columns; {slice.name} is a value of an entry that is a table."""
Entry = Scalar | dict[Name, Scalar]
Values = Annotated[tuple[Entry, ...], Meta(min_length=1)] | str
"""A list, or its path in the parent's item. The path is checked below and not by a pattern of its type: msgspec 0.22
frees the pattern of a text in a union with a list once too often, and the process dies of it."""
_NO_SEGMENTS: Final = ("", ".", "..")
"""Texts that would change the path they stand in; requests are not made of them."""
_PARENT_LIST: Final = re.compile(rf"parent\.{PATTERN}")


def is_slice(place: str) -> bool:
    """Say whether a placeholder stands for an entry of `values` or an end of a window."""
    return place == SLICE or place.startswith(f"{SLICE}.")


def is_entry(place: str) -> bool:
    """Say whether a placeholder stands for an entry of `values`."""
    return is_slice(place) and place not in windows.PLACES


def place_problem(place: str, values: Values, spans: Windows | None) -> str:
    """Say why a placeholder of a slice means nothing; "" if it does."""
    if place in windows.PLACES:
        return "" if spans else f"{{{place}}} means nothing here; it is an end of a window: add a table windows"
    if values:
        return ""
    ends = ", or write {slice.start} or {slice.end}, the ends of a window" if spans else ""
    return f'{{{place}}} means nothing here; it is an entry of values: add values = ["a", "b"]{ends}'


def problems(
    at: str, values: Values, spans: Windows | None, since: Since | None, parent: str | None, used: Sequence[str]
) -> Iterator[str]:
    """Yield what contradicts itself. `used` are the placeholders of the endpoint's templates."""
    places = [place for place in used if is_entry(place)]
    if isinstance(values, str) and not _PARENT_LIST.fullmatch(values):
        way_out = "want a list, or the path of one in the parent's item, such as parent.kids"
        yield f'{at}.values: got "{values}", {way_out}'
    if values and not places:
        yield f"{at}.values: nothing uses them; name one with {{slice}} in path or params"
    if isinstance(values, str) and not parent:
        yield f'{at}.values: "{values}" is a list in the item of a parent; set parent'
    for number, entry in enumerate(() if isinstance(values, str) else values):
        yield from _entry(f"{at}.values.{number}", entry, places)
    if spans:
        yield from windows.problems(f"{at}.windows", spans, used, since=since is not None)
    if spans and since and since.format == "number":
        yield f'{at}.since.format: "number" is no time, and windows are times; choose iso, date, unix or unix_ms'
    if spans and since and since.start is not None:
        yield f"{at}.since.start: has no use with windows, which fetch all that is older; leave it out"


def _entry(at: str, entry: Entry, places: Sequence[str]) -> Iterator[str]:
    keys = entry if isinstance(entry, Mapping) else {}
    for value in keys.values() if keys else [entry]:
        if value in _NO_SEGMENTS:
            yield f'{at}: "{value}" can be no part of an address; leave it out'
    if keys and SLICE in places:
        yield f"{at}: is a table, and {{slice}} is one value; name one of it, {{slice.KEY}}"
    if not {"start", "end"}.isdisjoint(keys):
        yield f'{at}: "start" and "end" are the ends of a window; choose other names'
    for key in dict.fromkeys(place.removeprefix(f"{SLICE}.") for place in places if place != SLICE):
        if key not in keys:
            yield f'{at}: has no "{key}", which {{slice.{key}}} wants'
