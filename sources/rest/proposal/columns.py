"""Columns of items: their paths, types and the key, as a number of items or a schema shows them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sources.rest.config import column_names
from sources.rest.config.types import Type
from sources.rest.json_paths import MAP_KEY, compile_path, find, write
from sources.rest.proposal.names import distinct, singular, snake

MOST: Final = 40
"""Columns proposed for one table. `raw` has everything anyway."""
WRAPPERS: Final = ("attributes", "fields", "_source", "properties", "node", "spec", "metadata")
"""Members that hold an item's own values, as in JSON:API, Airtable, Elasticsearch, GeoJSON and GraphQL."""
NAMING: Final = ("id", "mal_id", "uuid", "name", "login", "username", "key", "slug", "title", "code", "value")
"""Members of a nested object that say which one it is."""
IDENTIFIES: Final = ("id", "_id", "uuid", "guid", "mal_id", "sha", "slug", "node_id", "iid")
"""Members that only one item has. What lies beside them is a part of it, such as the labels of an issue."""
_OF_ELEMENTS: Final = ("#text", *(f"@{each}" for each in (*NAMING, "href")))
"""Members of an XML element that has attributes: its text, and the attributes that say which one it is."""
_KEYS: Final = (
    "id", "_id", "uuid", "guid", "gid", "uid", "ID", "Id", "key", "mal_id", "objectID", "objectId", "pk", "sha",
    "node_id", "url_slug", "slug", "code", "full_name", "iid", "number", "sys_id", "name", "username", "login", "email",
    "href", "url", "loc", "html_url", "web_url", "link", "symbol", "title", "date", "timestamp",
)  # fmt: skip
_NOT_OWN: Final = frozenset({"parent", "slice"})
"""First words of paths that a configuration reads as the parent's item or a slice, not as a member of the item."""
_LONGEST_NAME: Final = 60
_LIKE_TOML: Final = frozenset("'\"\\=")
_INT64: Final = 1 << 63
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_REAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedColumn:
    name: str
    path: str
    type: Type = "text"
    comment: str = ""
    guess: bool = False

    @property
    def said(self) -> str:
        """The column as the configuration writes it."""
        return self.path if self.type == "text" else f"{self.path}:{self.type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedKey:
    columns: tuple[str, ...]
    why: str


def writable(name: str) -> bool:
    """Say whether a member's name can be part of a path in a configuration, with quotes if need be.

    "$" stands for the item itself, and a name with a quote or an equals sign reads like TOML.
    """
    if name == "$" or not _LIKE_TOML.isdisjoint(name):
        return False
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and compile_path(write((name,))) == (name,)


def placeable(name: str) -> bool:
    """Say whether a member's name can be part of a placeholder, "{parent.NAME}", as it is."""
    return writable(name) and write((name,)) == name and {"{", "}"}.isdisjoint(name)


def columns_of(items: Sequence[Any], *, of_texts: bool = False) -> list[ProposedColumn]:
    """Return the columns of items: their scalars, those of wrappers, and what names a nested object.

    `of_texts` says that numbers are written as texts, as in CSV and XML.
    """
    if items and not any(isinstance(item, dict) for item in items):
        return [_numbers(ProposedColumn(name="id", path="$", type=_type(items)))]
    values: dict[tuple[str, ...], list[Any]] = {}
    for item in items:
        for path, value in _leaves(item, (), 0):
            values.setdefault(path, []).append(value)
    kind = _type_of_texts if of_texts else _type
    columns = named_columns({path: kind(found) for path, found in values.items() if _is_column(found)})
    return [_numbers(one) for one in columns]


def _numbers(column: ProposedColumn) -> ProposedColumn:
    """Mark the type of a column as a guess: a later page may have something else."""
    if column.type == "text":
        return column
    what = "flags" if column.type == "boolean" else "numbers"
    return replace(column, comment=f"{what} on the first page", guess=True)


def map_columns(own: Sequence[ProposedColumn], *, numbered: bool) -> list[ProposedColumn]:
    """Return the columns of a map's items: their names in it, and their own."""
    if [column.path for column in own] == ["$"]:
        own = [replace(own[0], name="value")]
    name = distinct("key", {column.name for column in own})
    return [_numbers(ProposedColumn(name=name, path=MAP_KEY, type="integer" if numbered else "text")), *own]


def named_columns(types: Mapping[tuple[str, ...], Type]) -> list[ProposedColumn]:
    """Name columns after their paths; members of wrappers carry the name of the member alone."""
    made: dict[str, ProposedColumn] = {}
    own_members = [(path, kind) for path, kind in types.items() if len(path) == 1 or path[0] not in _NOT_OWN]
    for path, kind in own_members[:MOST]:
        own = [step for step in path[:-1] if step not in WRAPPERS]
        named = own if own and path[-1] == "#text" else [*own, path[-1]]
        name = snake("_".join(named), "column")
        name = f"{name}_" if column_names.problem(name) else name
        name = distinct(name, made)
        made[name] = ProposedColumn(name=name, path="$" if path == ("$",) else write(path), type=kind)
    return list(made.values())


def key_of(items: Sequence[Any], columns: Sequence[ProposedColumn], table: str) -> ProposedKey | None:
    """Return the columns that identify an item, or None where no member does."""
    if not items:
        return None
    objects = [item for item in items if isinstance(item, dict)]
    if not objects:
        plain = _unique(items) and all(isinstance(item, str | int) and item != "" for item in items)
        return ProposedKey(columns=("id",), why="the values themselves") if plain else None
    for column in by_likelihood(columns, table):
        found = [at(item, column.path) for item in items]
        if any(not isinstance(value, str | int) or isinstance(value, bool) or value == "" for value in found):
            continue
        if _unique(found):
            many = f"differs in all {len(found)} items" if len(found) > 1 else "names the one item there is"
            return ProposedKey(columns=(column.name,), why=f"{column.path} {many}")
    return None


def by_likelihood(columns: Sequence[ProposedColumn], table: str) -> Iterator[ProposedColumn]:
    """Yield the columns whose name says that they may identify an item, the likeliest first."""
    own = {f"{singular(table)}_id", f"{singular(table)}id", f"{table}_id"}
    ranks = {name: number for number, name in enumerate(_KEYS)}
    likely: list[tuple[int, ProposedColumn]] = []
    for column in columns:
        path = column.path.removesuffix(".#text")
        last = path.rpartition(".")[2].removeprefix("@")
        depth = 100 * path.count(".") if not path.startswith(WRAPPERS) else 1
        if last in ranks:
            likely.append((ranks[last] + depth, column))
        elif not depth and snake(last) in own:
            likely.append((10, column))
        elif not depth and re.search(r"(_id|Id|ID|_key|_uuid|_code)$", last):
            likely.append((60, column))
    # A value of a nested object (the owner's id) is the same for many items, and says nothing of one.
    yield from (column for rank, column in sorted(likely, key=lambda each: each[0]) if rank < 100)


def at(item: Any, path: str) -> Any:
    """Return the value at the path of a proposed column."""
    return find(item, path)


def _leaves(item: Any, above: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(item, dict):
        return
    for name, value in item.items():
        if not writable(name):
            continue
        path = (*above, name)
        if not isinstance(value, dict):
            yield path, value
        elif name in WRAPPERS and depth < 2:
            yield from _leaves(value, path, depth + 1)
        elif depth < 2:
            for inner in (*NAMING, *_OF_ELEMENTS):
                if inner in value and not isinstance(value[inner], dict | list):
                    yield (*path, inner), value[inner]


def _is_column(values: Sequence[Any]) -> bool:
    """Say whether a member becomes a column: some value, and no objects in it."""
    known = [value for value in values if value is not None]
    lists = [value for value in known if isinstance(value, list)]
    return bool(known) and not any(isinstance(each, dict | list) for value in lists for each in value)


def _type(values: Sequence[Any]) -> Type:
    """Return the type that holds every value. A number written as text stays text."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "boolean"
    if known and all(isinstance(value, int) and not isinstance(value, bool) for value in known):
        return "integer" if all(-_INT64 <= value < _INT64 for value in known) else "text"
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
    return "real" if known and numbers else "text"


def _type_of_texts(values: Sequence[Any]) -> Type:
    """Return the type of numbers and flags that are written as texts. A number with a leading zero is a code."""
    known = [value for value in values if value not in {None, ""}] if all(map(_hashable, values)) else []
    if not known or not all(isinstance(value, str) for value in known):
        return "text"
    if all(value.lower() in {"true", "false"} for value in known):
        return "boolean"
    if all(_INTEGER.match(value) for value in known):
        return "integer"
    return "real" if all(_REAL.match(value) for value in known) else "text"


def _hashable(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _unique(values: Sequence[Any]) -> bool:
    return len({str(value) for value in values}) == len(values)
