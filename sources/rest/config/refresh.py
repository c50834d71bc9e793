"""The table `refresh` of an endpoint: when something that was read is worth reading again."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from sources.rest.config.types import JsonPath


class Refresh(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """The table `refresh` of an endpoint: it is asked for again when its parent's item moved, or when it is old."""

    when: JsonPath | None = None
    """Path in the parent's item of a value that changes whenever this has changed: "updated_at"."""
    max_age: Annotated[int, Meta(ge=0, description="seconds")] | None = None
    """Seconds after which it is asked for again in any case; without `when`, only then."""


def problems(at: str, refresh: Refresh, parent: str | None, *, windows: bool) -> Iterator[str]:
    if refresh.when is None and refresh.max_age is None:
        yield f'{at}: is empty; name a field with when = "updated_at", or an age with max_age = 86400'
    if refresh.when and not parent:
        yield f'{at}.when: "{refresh.when}" is a field of the parent\'s item; set parent, or use max_age'
    if windows:
        yield f"{at}: has no use with windows, which remember by themselves what was read"
