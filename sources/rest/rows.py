"""Items of any API as rows: which part of a response they are, and which value goes into which column."""

import math
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Column, ColumnType, Record, Response, Table
from sources.common.json_values import Row, integer, part, real, row
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.windows import PLACES
from sources.rest.json_paths import PARENT, find

_USUAL: Final = ("data", "items", "results", "records", "rows", "entries", "docs", "hits")
_DIGEST: Final = "digest"


def table(name: str, endpoint: Endpoint) -> Table:
    """Declare the table of an endpoint. Without a configured key, a digest of the item is its key."""
    kinds = _kinds(endpoint)
    columns = tuple(Column(column, kind) for column, (_, kind) in kinds.items())
    if not endpoint.key:
        return Table(name, (*columns, Column(_DIGEST)), (_DIGEST,))
    return Table(name, columns, endpoint.key)


def items(endpoint: Endpoint, response: Response) -> list[Row]:
    """Return the items of a response, each with its bytes.

    Raises:
        BadBody: it is not JSON, or has nothing at the items' path.
    """
    body = row(response.json(msgspec.Raw), response.url)
    found = _guess(body) if endpoint.items == "auto" else _at(body, endpoint.items)
    if found is None or found.value is None:
        raise BadBody(f"{response.url}: there are no items at {endpoint.items}")
    if isinstance(found.value, list):
        return [row(raw, response.url) for raw in msgspec.json.decode(found.raw, type=list[msgspec.Raw])]
    if not isinstance(found.value, dict):
        raise BadBody(f"{response.url}: {endpoint.items} is neither a list nor an object")
    return [found]


def record(name: str, endpoint: Endpoint, item: Row, parent: Mapping[str, Any]) -> Record | None:
    """Return an item's row; None where a part of its key is missing, or the item is null.

    `parent` holds what is known beside the item, by placeholder: values of the items above and of the slice.
    """
    if item.value is None:
        return None
    data = {column: _value(item.value, path, kind, parent) for column, (path, kind) in _kinds(endpoint).items()}
    if not endpoint.key:
        # An item of two windows is one item.
        lists = {name: value for name, value in parent.items() if name not in PLACES}
        data[_DIGEST] = blake2b(item.raw + msgspec.json.encode(lists), digest_size=12).hexdigest()
    elif any(data[column] is None for column in endpoint.key):
        return None
    return Record(table=name, data=data, raw=item.raw)


def distinct(records: Iterable[Record], key: tuple[str, ...]) -> list[Record]:
    """Keep the last of several rows with the same key."""
    return list({tuple(each.data[column] for column in key): each for each in records}.values())


def _kinds(endpoint: Endpoint) -> dict[str, tuple[str, ColumnType]]:
    """Return the path and the type of each column. A key column is text at its own name unless configured."""
    kinds: dict[str, tuple[str, ColumnType]] = {}
    for column, said in endpoint.columns.items():
        path, _, kind = said.partition(":")
        kinds[column] = (path, "integer" if kind == "integer" else "real" if kind == "real" else "text")
    return {**{column: (column, "text") for column in endpoint.key if column not in kinds}, **kinds}


def _value(item: Any, path: str, kind: ColumnType, parent: Mapping[str, Any]) -> Any:
    found = parent.get(path) if path.startswith(PARENT) or path in parent else find(item, path)
    holder = {"value": found}
    if kind == "integer":
        return integer(holder, "value")
    return real(holder, "value") if kind == "real" else _text(found)


def _text(value: Any) -> str | None:
    """Format any JSON value as text: a string as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return msgspec.json.encode(value).decode()


def _at(body: Row, path: str) -> Row | None:
    raw = body.raw
    for name in [] if path == "$" else path.split("."):
        raw = part(raw, name)
    return row(msgspec.Raw(raw), path) if raw else None


def _guess(body: Row) -> Row | None:
    """Find the list: the body itself, a usual name, or the only list there is; else the whole object is the item."""
    if not isinstance(body.value, dict):
        return body
    lists = [name for name, value in body.value.items() if isinstance(value, list)]
    named = [name for name in _USUAL if name in lists] or (lists if len(lists) == 1 else [])
    return _at_name(body, named[0]) if named else body


def _at_name(body: Row, name: str) -> Row:
    return row(msgspec.Raw(part(body.raw, name)), name)
