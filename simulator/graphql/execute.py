"""Executes a GraphQL query over objects with resolvers, and measures beforehand how much it requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.graphql.document import Directive, Document, Field, Selection, Spread, Variable

Arguments = Mapping[str, Any]
Resolver = Callable[[Arguments], Any]
"""Returns a field's value: JSON, a Node, or a list of either."""


@dataclass(frozen=True, slots=True)
class Node:
    """An object: its types and its fields."""

    types: tuple[str, ...]
    fields: Mapping[str, Resolver | Any]
    """Values, or functions of the field's arguments."""


class FieldError(Exception):
    """A field has no value; the response's errors say why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Invalid(Exception):
    """The query selects what no object has, so nothing of it is executed."""


@dataclass(slots=True)
class Size:
    """How much a query requests."""

    requests: int = 0
    """Connections; a nested one counts once per object that its parent may return."""
    nodes: int = 0
    """Objects that the connections may return."""


@dataclass(slots=True)
class Execution:
    """One query and its errors."""

    document: Document
    variables: Mapping[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)

    def run(self, root: Node) -> dict[str, Any]:
        """Execute from the root object.

        Raises:
            Invalid: a field does not exist.
        """
        return self._object(root, self.document.selections, ())

    def size(self) -> Size:
        """Measure what the query requests, assuming that every page is full.

        Raises:
            Invalid: a fragment does not exist.
        """
        size = Size()
        self._measure(self.document.selections, 1, size)
        return size

    def _measure(self, selections: Sequence[Selection], around: int, size: Size) -> None:
        for each in selections:
            if not self._wanted(each.directives):
                continue
            if isinstance(each, Spread):
                self._measure(self._fragment(each).selections, around, size)
                continue
            arguments = self._arguments(each)
            many = arguments.get("first", arguments.get("last"))
            if isinstance(many, int):
                size.requests += around
                size.nodes += around * many
            self._measure(each.selections, around * many if isinstance(many, int) else around, size)

    def _object(self, node: Node, selections: Sequence[Selection], path: tuple[str | int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in selections:
            if not self._wanted(each.directives):
                continue
            if isinstance(each, Field):
                found[each.alias] = self._field(node, each, (*path, each.alias))
            elif self._applies(node, each):
                found |= self._object(node, self._fragment(each).selections, path)
        return found

    def _field(self, node: Node, asked: Field, path: tuple[str | int, ...]) -> Any:
        if asked.name == "__typename":
            return node.types[0]
        if asked.name not in node.fields:
            raise Invalid(f"Field '{asked.name}' doesn't exist on type '{node.types[0]}'")
        value = node.fields[asked.name]
        try:
            return self._value(value(self._arguments(asked)) if callable(value) else value, asked, path)
        except FieldError as told:
            self.errors.append({"type": told.kind, "path": list(path), "message": told.message})
            return None

    def _value(self, value: Any, asked: Field, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, FieldError):
            self.errors.append({"type": value.kind, "path": list(path), "message": value.message})
            return None
        if isinstance(value, Node):
            return self._object(value, asked.selections, path)
        if isinstance(value, list):
            return [self._value(each, asked, (*path, nth)) for nth, each in enumerate(value)]
        return value

    def _applies(self, node: Node, spread: Spread) -> bool:
        on = self._fragment(spread).on
        return not on or on in node.types

    def _fragment(self, spread: Spread) -> Spread:
        """Return the fragment of a spread, or the inline fragment itself."""
        if not spread.name:
            return spread
        if spread.name not in self.document.fragments:
            raise Invalid(f"Fragment {spread.name} was used, but not defined")
        return self.document.fragments[spread.name]

    def _wanted(self, directives: Sequence[Directive]) -> bool:
        for directive in directives:
            condition = bool(self._given(directive.arguments.get("if")))
            if condition is not (directive.name == "include"):
                return False
        return True

    def _arguments(self, asked: Field) -> dict[str, Any]:
        return {name: self._given(value) for name, value in asked.arguments.items()}

    def _given(self, value: Any) -> Any:
        if isinstance(value, Variable):
            return self.variables.get(value.name, self.document.defaults.get(value.name))
        if isinstance(value, dict):
            return {name: self._given(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._given(each) for each in value]
        return value
