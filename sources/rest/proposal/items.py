"""Where the items of an answer are: the path of its list of objects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sources.rest.items.find import USUAL
from sources.rest.json_paths import compile_path, write
from sources.rest.proposal.columns import IDENTIFIES, writable
from sources.rest.proposal.maps import FoundMap, find_map

_USUAL: Final = (
    *USUAL, "value", "values", "objects", "list", "content", "elements", "edges", "nodes", "features", "resources",
    "_embedded", "item", "entry", "record", "row",
)  # fmt: skip
_DEEPEST: Final = 4
_SCALARS: Final = (str, int, float, bool)
_FEW: Final = 3
"""Members of an object whose only list may be one of plain values: {"ids": [4, 7], "total": 2}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItems:
    """The items of an answer, and where they are."""

    path: str
    """The value for `items`; "$" for the body itself."""
    items: Sequence[Any]
    why: str
    sure: bool = False
    """Whether nothing else in the answer could be meant."""
    of: FoundMap | None = None
    """The map whose members are the items."""


def find_items(body: Any, word: str = "", *, has_root: bool = False, maps: bool = True) -> FoundItems:
    """Find the list of an answer.

    Args:
        body: the answer.
        word: the last word of the address, which often names the list.
        has_root: whether the answer is one element around everything, as in XML. A feed may have an id, too.
        maps: whether to look for maps. An object that a schema describes member by member is none.
    """
    if isinstance(body, list):
        return FoundItems(path="$", items=body, why="the body is the list", sure=True)
    if not isinstance(body, dict):
        return FoundItems(path="$", items=[body], why="the body is one value")
    lists = sorted(_lists(body, (), word, int(has_root)), key=lambda each: each[0])
    found_map = find_map(body) if maps else None
    if found_map is not None and all(_is_below(path, found_map.path) for _, path, _ in lists):
        path = f"{write(found_map.path)}.*" if found_map.path else "*"
        why = f"the {len(found_map.members)} names there look like ids, so each is taken for an item"
        return FoundItems(path=path, items=list(found_map.members.values()), why=why, of=found_map)
    if not lists:
        return FoundItems(path="$", items=[body], why="the body is one object without a list of objects")
    (_, path, found) = lists[0]
    others = ", ".join(other for _, other, _ in lists[1:4])
    why = f"there are lists at {others} too" if others else "the only list of the answer"
    return FoundItems(path=path, items=found, why=why, sure=len(lists) == 1 and bool(found))


def _is_below(path: str, above: tuple[str, ...]) -> bool:
    return compile_path(path)[: len(above)] == above


Rank = tuple[int, int, bool, int, int]


def _lists(
    body: dict[str, Any], above: tuple[str, ...], word: str, roots: int
) -> Iterator[tuple[Rank, str, list[Any]]]:
    """Yield every list that may hold the items, with its rank: the lowest is the likeliest."""
    is_item = any(name in body and not isinstance(body[name], dict | list) for name in IDENTIFIES)
    if is_item and len(above) > roots:
        return  # its lists are parts of one item
    for name, value in body.items():
        if not writable(name):
            continue
        path = (*above, name)
        if isinstance(value, list):
            of_objects = bool(value) and all(isinstance(each, dict) for each in value)
            usual = _USUAL.index(name) if name in _USUAL else len(_USUAL)
            named = name.lower() == word.lower() or name.lower() in _USUAL
            alone = bool(value) and len(body) <= _FEW and all(isinstance(each, _SCALARS) for each in value)
            if named or (of_objects and not is_item) or alone:
                # Objects before ids before an empty list; then a name that says so; then names without quotes;
                # then what lies higher up.
                kind = 0 if of_objects else 1 if value else 2
                written = write(path)
                has_quotes = written != ".".join(path)
                yield (kind, 0 if named else 1, has_quotes, len(path), usual), written, value
        elif isinstance(value, dict) and len(path) < _DEEPEST and not is_item:
            yield from _lists(value, path, word, roots)
