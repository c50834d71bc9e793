"""What a JSON Schema says of an answer: its list, the members of an item, and a small sample of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.model.source import ColumnType
from sources.rest.proposal.columns import MOST, NAMING, WRAPPERS, writable
from sources.rest.proposal.items import find_items
from sources.rest.proposal.openapi.document import Document, list_of

Schema = Mapping[str, Any]
_ALTERNATIVES: Final = ("oneOf", "anyOf")
_DEEPEST: Final = 5
_LEVELS: Final = 3
_MOST_PATHS: Final = 400
_TYPES: Final[Mapping[str, ColumnType]] = {"integer": "integer", "number": "real"}


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

    def kind(self, schema: Any, depth: int = 0) -> str:
        """Return the type of what a schema describes; "" where it says none."""
        found = self._document.resolve(schema)
        said = found.get("type")
        if isinstance(said, list):
            said = next((one for one in said if isinstance(one, str) and one != "null"), "")
        if isinstance(said, str) and said:
            return said
        if "properties" in found or "additionalProperties" in found:
            return "object"
        if "items" in found:
            return "array"
        kinds = [self.kind(one, depth + 1) for one in self._parts(found)] if depth < _DEEPEST else []
        return next(filter(None, kinds), "")

    def members(self, schema: Any, depth: int = 0) -> dict[str, Any]:
        """Return the members of an object, with those of everything that it is made of."""
        found = self._document.resolve(schema)
        made: dict[str, Any] = {}
        if depth < _DEEPEST:
            for part in self._parts(found):
                made |= {name: one for name, one in self.members(part, depth + 1).items() if name not in made}
        own = found.get("properties")
        return (own | {name: one for name, one in made.items() if name not in own}) if isinstance(own, dict) else made

    def required(self, schema: Any, depth: int = 0) -> set[str]:
        """Return the members that are always there."""
        found = self._document.resolve(schema)
        own = {name for name in list_of(found.get("required")) if isinstance(name, str)}
        if depth < _DEEPEST:
            for part in list_of(found.get("allOf")):
                own |= self.required(part, depth + 1)
        return own

    def element(self, schema: Any) -> Any:
        """Return the schema of a list's elements."""
        found = self._document.resolve(schema)
        if "items" in found:
            return found["items"]
        return next((self.element(part) for part in self._parts(found) if self.kind(part) == "array"), {})

    def find_list(self, schema: Any, word: str) -> ListSchema | None:
        """Find the list of an answer, as `find_items` finds it in an answer; None where there is none."""
        if self.kind(schema) == "array":
            return ListSchema(path="$", item=self.element(schema), sure=True, why="the body is the list")
        sample = self._shape(schema, 0)
        if not isinstance(sample, dict):
            return None
        found = find_items(sample, word, maps=False)
        if found.path == "$":
            return None
        step = schema
        for name in found.path.split("."):
            step = self.members(step).get(name, {})
        return ListSchema(path=found.path, item=self.element(step), sure=found.sure, why=found.why)

    def leaves(self, item: Any) -> dict[tuple[str, ...], ColumnType]:
        """Return the scalars of an item and their types, with what `columns_of` takes from nested objects."""
        if self.kind(item) not in {"object", ""}:
            return {("$",): self.type(item)}
        return dict(self._leaves(item, (), 0))

    def scalars(self, item: Any) -> tuple[str, ...]:
        """Return the paths of an item's scalars, those of nested objects too, the shallowest first."""
        found: list[str] = []
        level: list[tuple[str, Any]] = [("", item)]
        for _ in range(_LEVELS):
            below: list[tuple[str, Any]] = []
            for above, schema in level:
                for name, one in self.members(schema).items():
                    if not writable(name) or len(found) + len(below) >= _MOST_PATHS:
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
        return self._shape(schema, 0)

    def type(self, schema: Any) -> ColumnType:
        return _TYPES.get(self.kind(schema), "text")

    def _parts(self, found: Schema) -> Iterator[Any]:
        yield from (one for one in list_of(found.get("allOf")) if isinstance(one, dict))
        for name in _ALTERNATIVES:
            yield from (one for one in list_of(found.get(name)) if isinstance(one, dict))

    def _leaves(self, item: Any, above: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], ColumnType]]:
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

    def _shape(self, schema: Any, depth: int) -> Any:
        kind = self.kind(schema)
        if kind == "array":
            return [self._shape(self.element(schema), depth + 1)] if depth < _DEEPEST else []
        if kind == "object":
            inner = self.members(schema).items() if depth < _DEEPEST else ()
            return {name: self._shape(one, depth + 1) for name, one in inner}
        if kind == "string" and str(self._document.resolve(schema).get("format", "")).startswith("ur"):
            return "https://api.example.org/next"
        return {"integer": 2, "number": 2, "boolean": True}.get(kind, "x")


_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
