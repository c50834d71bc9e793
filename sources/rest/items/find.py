"""Where `items = "auto"` finds the items of a JSON answer: one list, or a refusal that names those there are. Pure.

Lists are looked for through objects only. A usual name on the first level, or the only list there, is the list. Deeper
ones are told apart by what the endpoint reads from an item: its key, or else its columns. Where that leaves two,
nothing is guessed: rows of a wrong list look as good as those of the right one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from sources.rest.config.columns import rules
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.slices import is_slice
from sources.rest.json_paths import EVERY, MAP_KEY, PARENT, Path, compile_path, lookup, write

USUAL: Final = ("data", "items", "results", "records", "rows", "entries", "docs", "hits")
"""Names that lists of items have, the likeliest first."""
_CONNECTION: Final = ("nodes", "edges")
_DEEPEST: Final = 6
"""Levels that are searched: `data.viewer.organization.repositories.nodes` is on the fifth."""
_MOST_OBJECTS: Final = 500
"""Objects that are looked into. An answer with more of them is no envelope of one list."""
_SAMPLE: Final = 20
"""Items of a list that are compared with what the endpoint reads."""
_NAMED: Final = 3
"""Lists that a message names."""

_ANY: Final = msgspec.json.Decoder()
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_OPEN_ARRAY, _OPEN_OBJECT = b"["[0], b"{"[0]

Members = dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class _List:
    """A list in an answer."""

    path: Path
    name: str
    sample: Sequence[Any]
    """Its first items, without nulls."""
    empty: bool
    """Whether it has no item at all."""
    connected: bool
    """Whether it is a part of a GraphQL connection."""

    @property
    def usual(self) -> bool:
        return self.name in USUAL or self.connected

    @property
    def has_objects(self) -> bool:
        return any(isinstance(each, dict) for each in self.sample)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the endpoint reads from an item."""

    key: Sequence[Path]
    columns: Sequence[Path]

    def fits(self, each: _List) -> bool:
        """Say whether a list may hold the items: some have the key or, where there is none, the value of a column."""
        if self.key:
            return any(all(_has_value(lookup(item, path)) for path in self.key) for item in each.sample)
        return bool(each.sample) and (not self.columns or self.known(each) > 0)

    def known(self, each: _List) -> int:
        """Count the columns that have a value in one of the items."""
        return sum(any(lookup(item, path) is not None for item in each.sample) for path in self.columns)

    def is_item(self, body: Members) -> bool:
        """Say whether the whole answer has the key of an item."""
        return bool(self.key) and all(_has_value(_value(body, path)) for path in self.key)

    def known_of(self, body: Members) -> int:
        return sum(_value(body, path) is not None for path in self.columns)


def find_path(raw: msgspec.Raw, endpoint: Endpoint) -> Path:
    """Return the path of the items; () for the body itself, be it the list or the only item.

    Raises:
        BadBody: several lists may hold them.
    """
    if memoryview(raw)[0] != _OPEN_OBJECT:
        return ()
    body = _OBJECT.decode(raw)
    path = usual([name for name, each in body.items() if memoryview(each)[0] == _OPEN_ARRAY])
    if path and path[0] in USUAL:
        return path  # most APIs; nothing of it is decoded for this
    wanted = _wanted(endpoint)
    near = _list(path, body[str(path[0])], connected=False) if path else None
    if near and wanted.fits(near):
        if not wanted.is_item(body) or wanted.known_of(body) <= wanted.known(near):
            return near.path
        raise _refusal("the answer itself may be the item, it has the key and more of the columns", [near])
    return () if wanted.is_item(body) else _deep(body, near, wanted)


def usual(lists: Sequence[str]) -> Path:
    """Choose among the lists of one object: a usual name, or the only one there is; () for none."""
    named = [name for name in USUAL if name in lists] or (lists if len(lists) == 1 else [])
    return (named[0],) if named else ()


def where_lists_are(body: Any) -> str:
    """Say where the lists of an answer are, for a message; "" where there are none."""
    lists = _lists(_OBJECT.decode(msgspec.json.encode(body))) if isinstance(body, dict) else []
    return _said([each for each in lists if not each.empty])


def _deep(body: Members, near: _List | None, wanted: _Wanted) -> Path:
    """Choose among the lists of all levels, none of which is plainly the one."""
    lists = _lists(body)
    fitting = _without_doubles([one for each in lists if (one := _fitted(each, wanted)) is not None])
    if not wanted.key:
        # The answer itself may be the item. A list has to know more of it, or at least to be named like one.
        known = wanted.known_of(body)
        fitting = [each for each in fitting if (wanted.known(each) > known if wanted.columns else each.usual)]
    if len(fitting) > 1 and (named := _by_name(fitting)):
        return named.path
    if len(fitting) > 1:
        raise _refusal("", fitting)
    return fitting[0].path if fitting else _nowhere(body, lists, near, wanted)


def _nowhere(body: Members, lists: Sequence[_List], near: _List | None, wanted: _Wanted) -> Path:
    """Return the path where no list has an item that fits: that of an empty list, or the answer itself."""
    others = [each for each in lists if each.has_objects]
    if near and not (near.empty and others):
        return near.path
    if not wanted.key and wanted.known_of(body):
        return ()
    # An empty list is the end of what earlier pages had, unless another one has what was asked for under other names.
    empty = [each for each in lists if each.empty and each.usual]
    return empty[0].path if empty and not any(each.usual for each in others) else ()


def _fitted(each: _List, wanted: _Wanted) -> _List | None:
    """Return a list whose items fit; of a connection's `edges`, that may be the nodes in them."""
    nodes = _nodes(each) if each.name == "edges" else None
    if nodes is not None and (wanted.fits(nodes) if wanted.key or wanted.columns else True):
        return each if wanted.fits(each) and wanted.known(each) >= wanted.known(nodes) > 0 else nodes
    return each if wanted.fits(each) else None


def _nodes(each: _List) -> _List | None:
    nodes = [edge["node"] for edge in each.sample if isinstance(edge, dict) and isinstance(edge.get("node"), dict)]
    return replace(each, path=(*each.path, EVERY, "node"), sample=nodes) if nodes else None


def _without_doubles(lists: Sequence[_List]) -> list[_List]:
    """Leave out the `edges` of a connection that has the same items as `nodes`."""
    nodes = {each.path[:-1] for each in lists if each.name == "nodes"}
    of_edges = {each.path: each.path[: -3 if EVERY in each.path else -1] for each in lists if each.name == "edges"}
    return [each for each in lists if of_edges.get(each.path) not in nodes]


def _by_name(lists: Sequence[_List]) -> _List | None:
    """Choose among the lists of one object by their names; None where that says nothing."""
    path = usual([each.name for each in lists]) if len({each.path[:-1] for each in lists}) == 1 else ()
    return next((each for each in lists if (each.name,) == path), None)


def _lists(body: Members) -> list[_List]:
    """Return every list that no other list is around; those of the first level where there is too much to look into."""
    left = [_MOST_OBJECTS]
    found = list(_below(body, (), left))
    return found if left[0] >= 0 else [each for each in found if len(each.path) == 1]


def _below(body: Members, above: Path, left: list[int]) -> Iterator[_List]:
    left[0] -= 1
    for name, each in body.items():
        first = memoryview(each)[0]
        if first == _OPEN_ARRAY:
            yield _list((*above, name), each, connected="pageInfo" in body and name in _CONNECTION)
        elif first == _OPEN_OBJECT and len(above) + 1 < _DEEPEST and left[0] >= 0:
            yield from _below(_OBJECT.decode(each), (*above, name), left)


def _list(path: Path, raw: msgspec.Raw, *, connected: bool) -> _List:
    elements = _ARRAY.decode(raw)
    sample = [value for each in elements[:_SAMPLE] if (value := _ANY.decode(each)) is not None]
    return _List(path, str(path[-1]), sample, empty=not elements, connected=connected)


def _wanted(endpoint: Endpoint) -> _Wanted:
    """Return what is read from an item itself. What is known beside it says nothing of it."""
    own = {
        rule.name: compile_path(rule.path)
        for rule in rules(endpoint.columns, endpoint.key)
        if rule.path and not rule.path.startswith(PARENT) and not is_slice(rule.path) and rule.path != MAP_KEY
    }
    return _Wanted([own[name] for name in endpoint.key if name in own], list(own.values()))


def _value(body: Members, path: Path) -> Any:
    """Return a value of the whole answer, of which no more is decoded."""
    first = path[0] if path else None
    return lookup(_ANY.decode(body[first]), path[1:]) if isinstance(first, str) and first in body else None


def _has_value(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list)


# Messages.


def _refusal(why: str, lists: Sequence[_List]) -> BadBody:
    return BadBody(f"there are no items at auto{f': {why}' if why else ''}; {_said(lists)}")


def _said(lists: Sequence[_List]) -> str:
    """Say where lists are, and how to choose one."""
    shown = [write(each.path) for each in lists[:_NAMED]]
    if not shown:
        return ""
    more = f" and {len(lists) - _NAMED:,} more" if len(lists) > _NAMED else ""
    *others, last = shown
    listed = f"{', '.join(others)} and {last}" if others and not more else f"{', '.join(shown)}{more}"
    verb = "arrays are" if others else "an array is"
    return f"{verb} at {listed}; set items = {' or '.join(_quoted(each) for each in shown)}"


def _quoted(path: str) -> str:
    return f"'{path}'" if '"' in path else f'"{path}"'
