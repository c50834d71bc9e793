"""The table `since` of an endpoint: how a later run asks only for changes."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from sources.rest.config.types import RESERVED_HEADERS, HeaderName, JsonPath, Scalar, Word
from sources.rest.json_paths import takes_many

_PLACES: Final = ("param", "in_header", "in_body")
_BY_NUMBER: Final = frozenset({"unix", "unix_ms", "number"})


class Since(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table `since` of an endpoint: how a later run asks only for changes."""

    param: Word | None = None
    """The parameter that asks for what changed."""
    item: JsonPath
    """Path in an item of its time of change, or of a growing number."""
    format: Literal["iso", "date", "unix", "unix_ms", "number"] = "iso"
    # Items are asked for again within the look-back, because lists lag behind and clocks differ.
    look_back: Annotated[int, Meta(ge=0, description="seconds, or as many numbers, asked for once more")] = 300
    start: Scalar | None = None
    """What the first run asks from; without it the first run asks for everything."""
    in_header: HeaderName | None = None
    """Request header for what `param` would hold."""
    in_body: JsonPath | None = None
    """Path in the request's JSON body, or its form field, for what `param` would hold."""


def problems(at: str, since: Since, *, json: Any, form: Any) -> Iterator[str]:
    """Yield what contradicts itself, and where a request has no place for it."""
    placed = [key for key in _PLACES if getattr(since, key)]
    if not placed:
        yield f"{at}.param: is missing; name the parameter that asks for changes, or set in_header or in_body"
    if len(placed) > 1:
        yield f"{at}.{placed[1]}: since goes to one place, and {placed[0]} names one already; leave one out"
    if since.in_header and since.in_header.lower() in RESERVED_HEADERS:
        yield f'{at}.in_header: "{since.in_header}" is no place for since; name the header that the API documents'
    if since.in_header and isinstance(since.start, str) and not (since.start.isascii() and since.start.isprintable()):
        yield f"{at}.start: a header cannot hold {since.start!r}; want letters, digits and signs of ASCII"
    if since.in_body and form is None and not isinstance(json, dict):
        yield f"{at}.in_body: the endpoint's requests have no body to put it into; set json or form"
    if takes_many(since.item):
        yield f'{at}.item: "{since.item}" may be several values, and it is read as one; name one, as in a.b[0]'
    number = isinstance(since.start, int | float) and not isinstance(since.start, bool)
    if since.start is not None and since.format in _BY_NUMBER and not number and not str(since.start).isdecimal():
        said = msgspec.json.encode(since.start).decode()
        yield f'{at}.start: {said} is no number, as format = "{since.format}" wants; write one, or another format'
