"""The table `columns` of an endpoint: which value goes into which column, and as what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from engine.model.source import ColumnType
from sources.rest.config.types import TYPES, ColumnPath, JsonPath, Name, Scalar, Type


class ColumnTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """A column that a path alone does not describe."""

    path: JsonPath | None = None
    value: Scalar | None = None
    """The same value in every row, instead of a path."""
    type: Type = "text"
    format: Annotated[str, Meta(min_length=2, max_length=100, description='a format such as "%d.%m.%Y"')] | None = None
    """How the API writes times, in the codes of strftime, with type = "time"."""
    flatten: Annotated[tuple[ColumnPath, ...], Meta(max_length=100)] = ()
    """Members of the object at `path`, each a column of its own: NAME_MEMBER."""


_SOME_TIME: Final = datetime(2024, 2, 29, 13, 14, 15, 16, UTC)
Columns = dict[Name, ColumnPath | ColumnTable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One column, however it was written."""

    name: str
    path: str = ""
    """"" where `value` stands for all rows."""
    value: Scalar | None = None
    type: Type = "text"
    format: str | None = None

    @property
    def stored_as(self) -> ColumnType:
        """The column's type in the database. Times are text, as ISO 8601 in UTC."""
        if self.value is not None:
            number = isinstance(self.value, int | float)
            return "text" if not number else "real" if isinstance(self.value, float) else "integer"
        if self.type in {"integer", "boolean"}:
            return "integer"
        return "real" if self.type == "real" else "text"


def rules(columns: Mapping[str, str | ColumnTable], key: tuple[str, ...]) -> list[Rule]:
    """Return every column. A key column is text at its own name unless configured."""
    configured = [rule for name, column in columns.items() for rule in _rules(name, column)]
    known = {rule.name for rule in configured}
    return [*(Rule(name=name, path=name) for name in key if name not in known), *configured]


def paths(columns: Mapping[str, str | ColumnTable]) -> list[str]:
    """List the paths that columns are read from."""
    return [rule.path for rule in rules(columns, ()) if rule.path]


def problems(at: str, columns: Mapping[str, str | ColumnTable]) -> Iterator[str]:
    """Yield what contradicts itself."""
    for name, column in columns.items():
        if isinstance(column, str):
            continue
        if column.path is None and column.value is None:
            yield f'{at}.{name}: wants either path or value, and has neither; add path = "{name}", say'
        elif column.path is not None and column.value is not None:
            yield f'{at}.{name}: wants either path or value, and path = "{column.path}" is there too; leave one out'
        elif column.flatten and column.path is None:
            yield f'{at}.{name}.flatten: "{column.flatten[0]}" is a member of the object at path; set path'
        elif column.value is not None and column.type != "text":
            yield f'{at}.{name}.type: "{column.type}" has no use with value, which is stored as it is; leave it out'
        elif column.format and column.type != "time":
            yield f'{at}.{name}.format: "{column.format}" is how times are written; set type = "time", or leave it out'
        elif column.format and not _reads_times(column.format):
            yield f'{at}.{name}.format: "{column.format}" reads no times; want the codes of strptime, as in "%d.%m.%Y"'
    named = [rule.name for rule in rules(columns, ())]
    for name in dict.fromkeys(each for each in named if named.count(each) > 1):
        yield f"{at}.{name}: is there twice, once through flatten; rename one"


def split(column: str) -> tuple[str, Type]:
    """Return the path and the type of a column written as a text."""
    path, _, said = column.rpartition(":")
    for each in TYPES:
        if path and said == each:
            return path, each
    return column, "text"


def _rules(name: str, column: str | ColumnTable) -> Iterator[Rule]:
    if isinstance(column, str):
        path, kind = split(column)
        yield Rule(name=name, path=path, type=kind)
    elif column.flatten:
        for member in column.flatten:
            inner, kind = split(member)
            yield Rule(name=f"{name}_{_word(inner)}", path=f"{column.path}.{inner}", type=kind, format=column.format)
    else:
        yield Rule(name=name, path=column.path or "", value=column.value, type=column.type, format=column.format)


def _reads_times(written: str) -> bool:
    """Say whether times can be read as they are written. A format without a code reads the same text only."""
    try:
        return "%" in written and bool(datetime.strptime(_SOME_TIME.strftime(written), written))  # noqa: DTZ007 -- only whether it can be read
    except ValueError:
        return False


def _word(path: str) -> str:
    """Return a column name for a path: "Login" and "login" are one column in a database."""
    kept = "".join(each if each.isascii() and each.isalnum() else "_" for each in path.lower())
    return kept.strip("_")
