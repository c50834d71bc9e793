"""An answer that was read: its whole value, the items in it, and what can be said of the list at most."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from engine.model.walk import Completeness
from sources.common.json_values import Row
from sources.rest.items.weight import ITEM, Weight
from sources.rest.json_paths import EVERY, Path, step

EMPTY: Final = "the answer is empty, and an export that failed looks the same"


class MapItem(Row, frozen=True):
    """An item that came out of a map (`rates.*`), with its key there."""

    key: str


@dataclass(slots=True)
class Decoded:
    """An answer: its whole value, and the items in it."""

    weight: Weight
    body: Any = None
    items: list[Row] = field(default_factory=list)
    found: bool = False
    """Whether there is a list or an object at the items' path, be it empty."""
    scalar: bool = False
    """Whether there is something else."""
    at_most: Completeness = Completeness.WHOLE
    """What can be said of the list at most, after this answer."""
    doubt: str = ""
    """Why it is less than whole."""


def row_of(raw: bytes, value: Any, key: str | None) -> Row:
    """Return an item with its JSON, and with its key where it came out of a map."""
    return Row(raw, value) if key is None else MapItem(raw, value, key)


def unsure(decoded: Decoded, why: str) -> Decoded:
    """Say of an answer that its list may go on."""
    decoded.at_most, decoded.doubt = Completeness.UNCONFIRMED, why
    return decoded


def pick(value: Any, path: Path, into: Decoded, key: str | None, *, spread: bool = True) -> None:
    """Collect the items of a decoded value, as JSON is read without decoding it first."""
    if path:
        segment, rest = path[0], path[1:]
        if segment is not EVERY:
            pick(step(value, segment), rest, into, key)
            return
        into.found = into.found or isinstance(value, dict | list)
        for name, each in _members(value):
            pick(each, rest, into, name or key, spread=False)
    elif spread and isinstance(value, list):
        into.found = True
        into.weight.add(ITEM * len(value))
        into.items += [encoded(each, key) for each in value]
    elif not spread or isinstance(value, dict):
        into.found = True
        into.items.append(encoded(value, key))
    else:
        into.scalar = into.scalar or value is not None


def _members(value: Any) -> Iterator[tuple[str | None, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((None, each) for each in value)


def encoded(value: Any, key: str | None = None) -> Row:
    """Return an item that did not come as JSON, with the JSON it is kept as."""
    return row_of(msgspec.json.encode(value), value, key)
