"""What a JSON Schema says of an answer: its list, the members of an item, and a small sample of it."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from engine.common.text import clean
from sources.rest.config.types import Type
from sources.rest.json_paths import compile_path
from sources.rest.proposal.columns import MOST, NAMING, WRAPPERS, placeable, writable
from sources.rest.proposal.items import find_items
from sources.rest.proposal.openapi.document import Document, list_of

Schema = Mapping[str, Any]
T = TypeVar("T")
_ALTERNATIVES: Final = ("oneOf", "anyOf")
_DEEPEST: Final = 5
_MOST_PARTS: Final = 50
"""Schemas that are made of one another, one in the other."""
_MOST_VALUES: Final = 4_000
"""Values of a sample. The largest answer of GitHub's document has 990."""
_LEVELS: Final = 3
_MOST_PATHS: Final = 400
_TYPES: Final[Mapping[str, Type]] = {"integer": "integer", "number": "real", "boolean": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSchema:
    """The list in an answer."""

    path: str
    item: Schema
    sure: bool
    why: str


class Schemas:
    """Reads the schemas of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._read: list[Schema] = []
        self._depth = 0
        self._kinds: dict[int, str] = {}
        self._members_of: dict[int, Mapping[str, Any]] = {}
        self._required_of: dict[int, frozenset[str]] = {}
        self._elements: dict[int, Any] = {}

    def kind(self, schema: Any) -> str:
        """Return the type of what a schema describes; "" where it says none."""
        return self._once(self._kinds, schema, self._kind, "")

    def members(self, schema: Any) -> Mapping[str, Any]:
        """Return the members of an object, with those of everything that it is made of."""
        return self._once(self._members_of, schema, self._members, {})

    def required(self, schema: Any) -> frozenset[str]:
        """Return the members that are always there."""
        return self._once(self._required_of, schema, self._required, frozenset())

    def _once(self, known: dict[int, T], schema: Any, read: Callable[[Schema], T], inside: T) -> T:
        """Read a schema once. A schema that is made of itself adds nothing to itself: there it counts as `inside`.

        A document can name one schema in itself many times, and every path through them would be a reading.
        """
        found = self._document.resolve(schema)
        if id(found) in known:
            return known[id(found)]
        if self._depth >= _MOST_PARTS:
            return inside
        self._read.append(found)  # so that no other object gets its id
        known[id(found)] = inside
        self._depth += 1
        try:
            known[id(found)] = read(found)
        finally:
            self._depth -= 1
        return known[id(found)]

    def _kind(self, found: Schema) -> str:
        said = found.get("type")
        if isinstance(said, list):
            said = next((one for one in said if isinstance(one, str) and one != "null"), "")
        if isinstance(said, str) and said:
            return said
        if "properties" in found or "additionalProperties" in found:
            return "object"
        if "items" in found:
            return "array"
        return next(filter(None, map(self.kind, self._parts(found))), "")

    def _members(self, found: Schema) -> Mapping[str, Any]:
        made: dict[str, Any] = {}
        for part in self._parts(found):
            made |= {name: one for name, one in self.members(part).items() if name not in made}
        own = found.get("properties")
        return (own | {name: one for name, one in made.items() if name not in own}) if isinstance(own, dict) else made

    def _required(self, found: Schema) -> frozenset[str]:
        own = {name for name in list_of(found.get("required")) if isinstance(name, str)}
        return frozenset(own.union(*(self.required(part) for part in list_of(found.get("allOf")))))

    def element(self, schema: Any) -> Any:
        """Return the schema of a list's elements."""
        return self._once(self._elements, schema, self._element, {})

    def _element(self, found: Schema) -> Any:
        if "items" in found:
            return found["items"]
        return next((self.element(part) for part in self._parts(found) if self.kind(part) == "array"), {})

    def find_list(self, schema: Any, word: str) -> ListSchema | None:
        """Find the list of an answer, as `find_items` finds it in an answer; None where there is none."""
        if self.kind(schema) == "array":
            return ListSchema(path="$", item=self.element(schema), sure=True, why="the body is the list")
        sample = self._shape(schema)
        if not isinstance(sample, dict):
            return None
        found = find_items(sample, word, maps=False)
        if found.path == "$":
            return None
        step = schema
        for name in compile_path(found.path):
            step = self.members(step).get(str(name), {})
        return ListSchema(path=found.path, item=self.element(step), sure=found.sure, why=found.why)

    def leaves(self, item: Any) -> dict[tuple[str, ...], Type]:
        """Return the scalars of an item and their types, with what `columns_of` takes from nested objects."""
        if self.kind(item) not in {"object", ""}:
            return {("$",): self.type(item)}
        return dict(self._leaves(item, (), 0))

    def about(self, item: Any, path: str) -> str:
        """Return what the document says of the value at a path, if that is short; "" otherwise."""
        for name in compile_path(path):
            item = self.members(item).get(str(name), {})
        found = self._document.resolve(item)
        said = next((one for one in (found.get("description"), found.get("title")) if isinstance(one, str)), "")
        said = clean(" ".join(said.split()), _SHORT + 1).rstrip(".")
        return said if len(said) <= _SHORT else ""

    def scalars(self, item: Any) -> tuple[str, ...]:
        """Return the paths of an item's scalars that a template may name, the shallowest first."""
        found: list[str] = []
        level: list[tuple[str, Any]] = [("", item)]
        for _ in range(_LEVELS):
            below: list[tuple[str, Any]] = []
            for above, schema in level:
                for name, one in self.members(schema).items():
                    if not placeable(name) or len(found) + len(below) >= _MOST_PATHS:
                        continue
                    kind = self.kind(one)
                    if kind in _SCALARS:
                        found.append(f"{above}{name}")
                    elif kind == "object":
                        below.append((f"{above}{name}.", one))
            level = below
        return tuple(found)

    def sample(self, schema: Any) -> Any:
        """Return an answer in which every list has an element and every flag is set, to judge its paging by."""
        return self._shape(schema)

    def type(self, schema: Any) -> Type:
        return _TYPES.get(self.kind(schema), "text")

    def _parts(self, found: Schema) -> Iterator[Any]:
        yield from (one for one in list_of(found.get("allOf")) if isinstance(one, dict))
        for name in _ALTERNATIVES:
            yield from (one for one in list_of(found.get(name)) if isinstance(one, dict))

    def _leaves(self, item: Any, above: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Type]]:
        for number, (name, schema) in enumerate(self.members(item).items()):
            if not writable(name) or number > 4 * MOST:
                continue
            path, kind = (*above, name), self.kind(schema)
            if kind == "array":
                if self.kind(self.element(schema)) in _SCALARS:
                    yield path, "text"
            elif kind != "object":
                yield path, self.type(schema)
            elif name in WRAPPERS and depth < 2:
                yield from self._leaves(schema, path, depth + 1)
            elif depth < 2:
                inner = self.members(schema)
                yield from (
                    ((*path, each), self.type(inner[each])) for each in NAMING if self.kind(inner.get(each)) in _SCALARS
                )

    def _shape(self, schema: Any) -> Any:
        """Make a value level by level, so that what is left out of a very large one is the deepest."""
        top: list[Any] = [None]
        waiting: deque[tuple[Any, Any, Any, int]] = deque([(top, 0, schema, 0)])
        left = _MOST_VALUES
        while waiting:
            into, at, one, depth = waiting.popleft()
            left -= 1
            goes_on = depth < _DEEPEST and left > len(waiting)
            match self.kind(one):
                case "array":
                    into[at] = [None] if goes_on else []
                    waiting += [(into[at], 0, self.element(one), depth + 1)] if goes_on else []
                case "object":
                    members = self.members(one) if goes_on else {}
                    into[at] = dict.fromkeys(members)
                    waiting += [(into[at], name, each, depth + 1) for name, each in members.items()]
                case kind:
                    into[at] = self._plain(one, kind)
        return top[0]

    def _plain(self, schema: Any, kind: str) -> Any:
        if kind == "string" and str(self._document.resolve(schema).get("format", "")).startswith("ur"):
            return "https://api.example.org/next"
        return {"integer": 2, "number": 2, "boolean": True}.get(kind, "x")


_SHORT: Final = 60
"""Characters of a description that becomes a comment beside its column."""
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
