"""Where `items = "auto"` finds items: one list on any level, the answer itself, or a refusal that names the lists."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.common.errors import BadBody
from engine.model.source import Page
from sources.rest.source import Rest
from tests.sources.rest.test_source import ask, first, make

THINGS = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
OTHERS = [{"id": 8, "name": "x"}, {"id": 9, "name": "y"}]
BUCKETS = [{"key": "a", "doc_count": 4}]
UNKEYED: dict[str, Any] = {"key": [], "columns": {"name": "name"}}


def of_things(endpoint: Mapping[str, Any] | None = None) -> Rest:
    return make({"columns": {"id": "id:integer", "name": "name"}, **(endpoint or {})})


def ids(page: Page) -> list[int]:
    return [record.data["id"] for record in page.records]


def edges(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"cursor": str(number), "node": item} for number, item in enumerate(items)]


def connection(**lists: object) -> dict[str, Any]:
    return {"totalCount": 2, **lists, "pageInfo": {"hasNextPage": False, "endCursor": None}}


@pytest.mark.parametrize(
    "body",
    [
        {"took": 1, "hits": {"total": {"value": 2}, "hits": THINGS}, "aggregations": {"names": {"buckets": BUCKETS}}},
        {"response": {"data": {"items": THINGS, "facets": BUCKETS}}},
        {"data": {"things": connection(edges=edges(THINGS))}},
        {"data": {"things": connection(nodes=THINGS)}},
        {"data": {"things": connection(edges=edges(THINGS), nodes=THINGS)}},
        {"data": {"viewer": {"organization": {"repositories": connection(nodes=THINGS)}}}},
        {"errors": [], "data": {"things": THINGS}},
        {"warnings": ["slow"], "payload": {"shipments": THINGS}},
        {"messages": [{"level": "info"}], "payload": {"shipments": THINGS}},
        {"data": {"a.b": {"the 'things'": THINGS}}},
        {"response": {"docs": THINGS, "highlighted": OTHERS}},
    ],
    ids=range(11),
)
def test_the_only_list_whose_items_have_the_key_is_found_on_any_level(body: object) -> None:
    assert ids(ask(of_things(), body)) == [1, 2]


def test_what_is_read_says_whether_an_edge_or_its_node_is_the_item() -> None:
    body = {"data": {"things": connection(edges=edges(THINGS))}}
    of_edge = make({"columns": {"id": "node.id:integer", "cursor": "cursor"}})

    assert [record.data for record in ask(of_edge, body).records] == [
        {"id": 1, "cursor": "0"},
        {"id": 2, "cursor": "1"},
    ]


def test_without_a_key_a_list_has_to_know_more_of_the_columns_than_the_answer_itself() -> None:
    detail = {"name": "one", "address": {"phones": [{"name": "home"}, {"name": "work"}]}}

    assert [each.data["name"] for each in ask(make(UNKEYED), detail).records] == ["one"]
    assert len(ask(make(UNKEYED), {"meta": {"size": 2}, "result": {"things": THINGS}}).records) == 2


def test_without_key_and_columns_a_usual_name_is_needed() -> None:
    nothing: dict[str, Any] = {"key": [], "columns": {}}

    assert len(ask(make(nothing), {"hits": {"hits": THINGS}}).records) == 2
    assert len(ask(make(nothing), {"data": {"x": connection(edges=edges(THINGS))}}).records) == 2
    assert len(ask(make(nothing), {"settings": {"colours": THINGS}}).records) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"id": 7, "name": "one", "labels": {"nodes": THINGS}},
        {"id": 7, "name": "one", "first": THINGS, "second": OTHERS},
        {"id": 7, "name": "one", "tags": ["x", "y"]},
        {"id": 7, "data": {"related": {"items": THINGS}}},
    ],
    ids=range(4),
)
def test_an_answer_that_has_the_key_itself_is_the_item(body: object) -> None:
    assert ids(ask(of_things(), body)) == [7]


@pytest.mark.parametrize(
    ("body", "lists"),
    [
        (
            {"data": {"users": {"items": THINGS}, "teams": {"items": OTHERS}}},
            'arrays are at data.users.items and data.teams.items; set items = "data.users.items" or "data.teams.items"',
        ),
        ({"ships": THINGS, "ports": OTHERS}, 'arrays are at ships and ports; set items = "ships" or "ports"'),
        (
            {"data": {"a": connection(nodes=THINGS), "b": connection(edges=edges(OTHERS))}},
            'arrays are at data.a.nodes and data.b.edges[*].node; set items = "data.a.nodes" or "data.b.edges[*].node"',
        ),
        (
            {"x": dict.fromkeys("abcde", THINGS)},
            'arrays are at x.a, x.b, x.c and 2 more; set items = "x.a" or "x.b" or "x.c"',
        ),
        (
            {"x": {"a.b": THINGS, "c d": OTHERS}},
            """arrays are at x.'a.b' and x.'c d'; set items = "x.'a.b'" or "x.'c d'\"""",
        ),
    ],
    ids=range(5),
)
def test_of_two_lists_with_the_key_none_is_taken_and_both_are_named(body: object, lists: str) -> None:
    with pytest.raises(BadBody) as refused:
        ask(of_things(), body)

    assert str(refused.value).endswith(f"there are no items at auto; {lists}")


def test_a_path_that_a_refusal_names_is_one_that_can_be_set() -> None:
    body = {"x": {"a.b": THINGS, "c d": OTHERS}}

    assert ids(ask(of_things({"items": "x.'a.b'"}), body)) == [1, 2]
    assert ids(ask(of_things({"items": "x.'c d'"}), body)) == [8, 9]


def test_an_answer_that_may_be_the_item_or_hold_the_list_is_refused() -> None:
    detail = {"id": 7, "name": "one", "emails": [{"id": 1, "address": "a@example.org"}]}

    with pytest.raises(BadBody, match=r"the answer itself may be the item.*an array is at emails; set items = .emails"):
        ask(of_things(), detail)
    assert ids(ask(of_things({"items": "$"}), detail)) == [7]


def test_where_nothing_has_the_key_the_lists_are_named() -> None:
    with pytest.raises(BadBody, match=r"not one of 1 items has the key id; an array is at payload\.things; set items"):
        ask(of_things(), {"warnings": [], "payload": {"things": [{"ID": 1}]}})


@pytest.mark.parametrize(
    "body",
    [
        {"took": 1, "hits": {"total": {"value": 2}, "hits": []}, "aggregations": {"names": {"buckets": BUCKETS}}},
        {"data": {"things": connection(edges=[])}},
        {"data": []},
        {"ships": []},
    ],
    ids=range(4),
)
def test_an_empty_list_is_the_end_of_what_earlier_pages_had(body: object) -> None:
    page = ask(of_things(), body)

    assert (page.records, len(page.ends)) == ([], 1)


def test_an_empty_list_hides_no_items_that_have_no_key() -> None:
    for body in (
        {"warnings": [], "payload": {"things": [{"ID": 1}]}},
        {"docs": {"entries": []}, "hits": {"hits": [{"_id": 1}]}},
    ):
        with pytest.raises(BadBody, match="has the key id"):
            ask(of_things(), body)


def test_a_name_from_an_api_cannot_act_on_a_terminal() -> None:
    with pytest.raises(BadBody) as refused:
        ask(of_things(), {"x": {"\x1b[2J": THINGS, "[red]": OTHERS}})

    assert "\x1b" not in str(refused.value)


def test_an_answer_of_very_many_objects_is_not_searched() -> None:
    """Each may have a list, and none of them is the list of the answer."""
    body = {"of": {str(number): {"items": THINGS} for number in range(5_000)}}

    with pytest.raises(BadBody, match="has the key id"):
        ask(of_things(), body)


def test_a_connection_is_walked_to_its_end_without_items_and_paging() -> None:
    query = "query ($after: String) { things(first: 2, after: $after) { nodes { id name } pageInfo { hasNextPage } } }"
    endpoint = {"path": "/graphql", "method": "POST", "json": {"query": query}}
    source = of_things(endpoint)
    going: dict[str, Any] = {"nodes": THINGS, "pageInfo": {"hasNextPage": True, "endCursor": "abc"}}

    (second,) = ask(source, {"data": {"things": going}}, first(source)).more
    ended = ask(source, {"data": {"things": connection(nodes=OTHERS)}}, second)

    assert isinstance(second.json, dict)
    assert second.json["variables"] == {"after": "abc"}
    assert ids(ended) == [8, 9]
    assert [end.completeness.value for end in ended.ends] == ["whole"]
