"""The keys `where` and `arrays` of an endpoint: which items become rows, and which lists in them become tables."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from sources.rest.config import columns
from sources.rest.config.columns import Columns
from sources.rest.config.types import JsonPath, KeyColumn, Name, Scalar


class Condition(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """What a field of an item must be. All that is said must hold."""

    path: JsonPath
    equals: Scalar | tuple[Scalar, ...] | None = None
    """A value, or a list of which it must be one."""
    differs: Scalar | tuple[Scalar, ...] | None = None
    at_least: int | float | str | None = None
    below: int | float | str | None = None
    exists: bool | None = None
    """Whether there is a value other than null."""


class Array(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """A list in each item, whose elements are rows of a table of their own."""

    path: JsonPath
    key: Annotated[tuple[KeyColumn, ...], Meta(max_length=8)] = ()
    """What tells the elements of one item apart. Without it, their position does."""
    columns: Columns = {}


Where = tuple[Condition, ...]
Arrays = dict[Name, Array]
POSITION = "position"


def problems(at: str, where: Where, arrays: Mapping[str, Array]) -> Iterator[str]:
    """Yield what contradicts itself. Names of tables and placeholders are judged by the endpoint."""
    for number, one in enumerate(where):
        said = (one.equals, one.differs, one.at_least, one.below, one.exists)
        if all(each is None for each in said):
            yield f"{at}.where[{number}]: says nothing of {one.path}; add equals, differs, at_least, below or exists"
    for name, array in arrays.items():
        yield from columns.problems(f"{at}.arrays.{name}.columns", array.columns)
