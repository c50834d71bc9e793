"""Which items become rows (`where`), and the lists in items that fill tables of their own (`arrays`). Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from engine.model.source import Column, Record, Replacement, Table
from sources.rest.config.columns import rules
from sources.rest.config.endpoint import Endpoint, array_paths
from sources.rest.config.transforms import POSITION, Array, Condition, Where
from sources.rest.items.columns import Columns
from sources.rest.json_paths import PARENT, compile_path, find, lookup


def passes(where: Where, item: Any) -> bool:
    """Say whether an item is wanted."""
    return all(_holds(one, find(item, one.path)) for one in where)


def _holds(one: Condition, value: Any) -> bool:
    if one.exists is not None and (value is not None) is not one.exists:
        return False
    if one.equals is not None and not _is_one_of(value, one.equals):
        return False
    if one.differs is not None and _is_one_of(value, one.differs):
        return False
    above = one.at_least is None or _compares(value, one.at_least, lambda left, right: left >= right)
    return above and (one.below is None or _compares(value, one.below, lambda left, right: left < right))


def _is_one_of(value: Any, wanted: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    options = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in options)


def _compares(value: Any, bound: Any, holds: Callable[[Any, Any], bool]) -> bool:
    """Compare a number with a number, and a text with a text (times, as ISO 8601 sorts). Others do not compare."""
    if isinstance(bound, str):
        return isinstance(value, str) and holds(value, bound)
    return isinstance(value, int | float) and not isinstance(value, bool) and holds(value, bound)


class ArrayTable:
    """The table of a list in the items of an endpoint. Its key begins with the key of the item."""

    def __init__(self, name: str, array: Array, above: Table, endpoint: str) -> None:
        compiled = Columns(rules(array.columns, array.key))
        self._name = name
        self._path = compile_path(array.path)
        self._columns = compiled
        self._key_above = {column: f"{endpoint}_{column}" for column in above.key}
        self._parent_paths = [path for path in array_paths(array) if path.startswith(PARENT)]
        self._own_key = array.key or (POSITION,)
        types = {column.name: column.type for column in above.columns}
        self.table = Table(
            name,
            (
                *(Column(own, types[column]) for column, own in self._key_above.items()),
                *(() if array.key else (Column(POSITION, "integer"),)),
                *compiled.declared,
            ),
            (*self._key_above.values(), *self._own_key),
        )

    def replaced(self, rows: Iterable[Record]) -> Replacement:
        """Say that some items' lists are all that they have now: an element that has left its item has no row."""
        parents = [tuple(row.data[column] for column in self._key_above) for row in rows]
        return Replacement(table=self._name, parents=parents)

    def records(self, item: Any, above: Record, known: Mapping[str, Any]) -> Iterator[Record]:
        """Yield the rows of one item's list. Elements without a key of their own are left out."""
        found = lookup(item, self._path)
        elements = found if isinstance(found, list) else [] if found is None else [found]
        from_item = {path: self._above(path, item, known) for path in self._parent_paths}
        keys = {own: above.data[column] for column, own in self._key_above.items()}
        for number, element in enumerate(elements):
            if element is None:
                continue
            place = {POSITION: number} if self._own_key == (POSITION,) else {}
            data = {**keys, **place, **self._columns.read(element, {**known, **from_item})}
            if all(data[column] is not None for column in self._own_key):
                yield Record(table=self._name, data=data, raw=msgspec.json.encode(element))

    def _above(self, path: str, item: Any, known: Mapping[str, Any]) -> Any:
        rest = path.removeprefix(PARENT)
        return known.get(rest) if rest.startswith(PARENT) else find(item, rest)


def array_tables(name: str, endpoint: Endpoint, above: Table) -> list[ArrayTable]:
    """Return the tables of an endpoint's lists."""
    return [ArrayTable(each, array, above, name) for each, array in endpoint.arrays.items()]
