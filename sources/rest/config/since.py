"""The table `since` of an endpoint: how a later run asks only for changes."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sources.rest.config.types import JsonPath, Scalar, Word


class Since(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table `since` of an endpoint: how a later run asks only for changes."""

    param: Word
    item: JsonPath
    """Path in an item of its time of change, or of a growing number."""
    format: Literal["iso", "date", "unix", "unix_ms", "number"] = "iso"
    # Items are asked for again within the look-back, because lists lag behind and clocks differ.
    look_back: Annotated[int, Meta(ge=0, description="seconds, or as many numbers, asked for once more")] = 300
    start: Scalar | None = None
    """What the first run asks from; without it the first run asks for everything."""


def problems(at: str, since: Since) -> Iterator[str]:
    """Yield a start that is not written as the increments are."""
    if since.start is None or since.format in {"iso", "date"}:
        return
    if isinstance(since.start, bool) or (isinstance(since.start, str) and not since.start.isdecimal()):
        said = msgspec.json.encode(since.start).decode()
        yield f'{at}.start: {said} is no number, as format = "{since.format}" wants; write one, or another format'
