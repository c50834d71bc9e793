"""The simulator's GraphQL parser against graphql-core: docs/decisions/0020-the-simulators-own-graphql.md."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from simulator.graphql.document import Directive, Document, Field, Spread, SyntaxRefused, Variable, parse
from sources.github.queries import HYGIENE, REVIEWS, more_reviews

VALUES = r"""query Values($first: Int = 5, $ids: [ID!]! = ["a", "b"], $deep: Deep = {on: true, by: [1, -2.5e3]}) {
  # a comment, and commas that mean nothing
  every: value(a: 0, b: -1, c: 1.5, d: "q\"u\n\u00e9\\", e: true, f: null, g: ENUM, h: [$first, [], {}], i: {j: $ids})
  ... @include(if: $first) { a @skip(if: false) @include(if: true) { b } }
  ... on Thing @skip(if: true) { query: fragment, on }
  ...Named @include(if: $deep)
}
fragment Named on Thing { type: __typename ...Other }
fragment Other on Thing { true: null }"""


QUERIES = {"reviews": REVIEWS, "hygiene": HYGIENE, "one": more_reviews(1), "twenty": more_reviews(20), "values": VALUES}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_is_read_as_graphql_core_reads_it(query: str) -> None:
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")

    assert parse(query) == _document(graphql.parse(query))


@pytest.mark.parametrize(
    "query", ["{", "{ a(b: ) }", "{ a: }", "{ ... on }", "query Q($a: Int = ) { a }", "{ a(b: %) }"]
)
def test_what_graphql_core_refuses_is_refused(query: str) -> None:
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")

    with pytest.raises(graphql.GraphQLSyntaxError):
        graphql.parse(query)
    with pytest.raises(SyntaxRefused):
        parse(query)


def _document(parsed: Any) -> Document:
    operations = [each for each in parsed.definitions if each.kind == "operation_definition"]
    fragments = [each for each in parsed.definitions if each.kind == "fragment_definition"]
    variables = operations[-1].variable_definitions
    return Document(
        _selections(operations[-1].selection_set),
        {each.variable.name.value: _value(each.default_value) for each in variables or () if each.default_value},
        {
            each.name.value: Spread(on=each.type_condition.name.value, selections=_selections(each.selection_set))
            for each in fragments
        },
    )


def _selections(selected: Any) -> tuple[Field | Spread, ...]:
    return tuple(_selection(each) for each in selected.selections) if selected else ()


def _selection(node: Any) -> Field | Spread:
    directives = tuple(Directive(each.name.value, _arguments(each.arguments)) for each in node.directives or ())
    match node.kind:
        case "field":
            alias = (node.alias or node.name).value
            return Field(
                node.name.value, alias, _arguments(node.arguments), directives, _selections(node.selection_set)
            )
        case "fragment_spread":
            return Spread(name=node.name.value, directives=directives)
    on = node.type_condition.name.value if node.type_condition else ""
    return Spread(on=on, directives=directives, selections=_selections(node.selection_set))


def _arguments(nodes: Iterable[Any] | None) -> Mapping[str, Any]:
    return {each.name.value: _value(each.value) for each in nodes or ()}


def _value(node: Any) -> Any:
    match node.kind:
        case "variable":
            return Variable(node.name.value)
        case "list_value":
            return [_value(each) for each in node.values]
        case "object_value":
            return {each.name.value: _value(each.value) for each in node.fields}
        case "null_value":
            return None
        case "int_value":
            return int(node.value)
        case "float_value":
            return float(node.value)
    return node.value
