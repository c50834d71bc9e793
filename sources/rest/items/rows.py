"""Items of any API as rows of the endpoint's tables."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.model.source import Column, Record, Replacement, Table
from sources.common.json_values import Row
from sources.rest.config.columns import rules
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.windows import PLACES
from sources.rest.items.columns import Columns
from sources.rest.items.decoded import MapItem
from sources.rest.items.gone import with_column
from sources.rest.items.transforms import array_tables
from sources.rest.json_paths import MAP_KEY

_DIGEST: Final = "digest"


class Rows:
    """The tables of one endpoint, and what makes an item a row."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._columns = Columns(rules(endpoint.columns, endpoint.key))
        # Without a configured key, a digest of the item is its key.
        own = self._columns.declared if endpoint.key else (*self._columns.declared, Column(_DIGEST))
        self.table = with_column(Table(name, tuple(own), endpoint.key or (_DIGEST,)), endpoint)
        self._arrays = array_tables(name, endpoint, self.table)

    @property
    def tables(self) -> Sequence[Table]:
        """The table of the endpoint, and those of the lists in its items."""
        return (self.table, *(each.table for each in self._arrays))

    def record(self, item: Row, known: Mapping[str, Any]) -> Record | None:
        """Return an item's row; None where a part of its key is missing, or the item is null.

        `known` holds what is known beside the item, by placeholder: values of the items above and of the slice.
        """
        if item.value is None:
            return None
        if isinstance(item, MapItem):
            known = beside(item, known)
        data = self._columns.read(item.value, known)
        if not self._endpoint.key:
            # An item of two windows is one item.
            lists = {name: value for name, value in known.items() if name not in PLACES}
            data[_DIGEST] = blake2b(item.raw + msgspec.json.encode(lists), digest_size=12).hexdigest()
        else:
            for column in self._endpoint.key:
                if data[column] is None:
                    return None
        return Record(table=self.table.name, data=data, raw=item.raw)

    def below(
        self, kept: Iterable[tuple[Row, Record]], known: Mapping[str, Any]
    ) -> tuple[Sequence[Record], Sequence[Replacement]]:
        """Return the rows of the lists in some items, and the rows that these replace."""
        if not self._arrays:
            return (), ()
        # Of an item that is there twice the last one counts, for its lists as for its row.
        last = {tuple(row.data[column] for column in self.table.key): (item, row) for item, row in kept}
        found: list[Record] = []
        for array in self._arrays:
            records = (
                each for item, row in last.values() for each in array.records(item.value, row, beside(item, known))
            )
            found += distinct(records, array.table.key)
        return found, [array.replaced(row for _, row in last.values()) for array in self._arrays]


def beside(item: Row, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is known beside an item, with its key where it came out of a map."""
    return {**known, MAP_KEY: item.key} if isinstance(item, MapItem) else known


def distinct(records: Iterable[Record], key: tuple[str, ...]) -> list[Record]:
    """Keep the last of several rows with the same key."""
    if len(key) == 1:
        return list({each.data[key[0]]: each for each in records}.values())
    return list({tuple(each.data[column] for column in key): each for each in records}.values())
