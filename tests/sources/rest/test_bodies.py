"""What an endpoint sends: method, bodies, headers and lists of parameters, with values of the items above."""

from typing import Any

import msgspec
import pytest

from engine.model.source import Request
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.sources.driver import Driver, respond


def source(**endpoints: dict[str, Any]) -> Rest:
    table = {"base_url": "https://api.test", "endpoints": endpoints}
    return Rest(msgspec.convert(table, RestOptions))


def requests(made: Rest, answer: Any) -> list[Request]:
    """Play a source against an answer for each request; return what it sent."""
    sent: list[Request] = []

    def answering(request: Request) -> Any:
        sent.append(request)
        return respond(answer(request))

    driver = Driver(made, answering)
    driver.begin()
    driver.land(20)
    return sent


def first(**endpoint: Any) -> Request:
    return requests(source(item={"path": "/items", "paging": {"style": "none"}, **endpoint}), lambda _: [])[0]


def test_a_body_makes_a_request_a_post_unless_a_method_is_written() -> None:
    assert first(json={"size": 5}).method == "POST"
    assert first(form={"size": "5"}).method == "POST"
    assert first(method="POST").method == "POST"
    assert first().method == "GET"


def test_the_query_of_graphql_is_sent_as_it_is_written_beside_its_variables() -> None:
    query = "query($first: Int) { items(first: $first) { id name } }"

    sent = first(json={"query": query, "variables": {"first": 20}})

    assert sent.json == {"query": query, "variables": {"first": 20}}


def test_a_value_of_the_item_above_keeps_its_type_where_it_is_the_whole_text() -> None:
    made = source(
        user={"path": "/users", "key": ["id"], "columns": {"id": "id:integer"}, "paging": {"style": "none"}},
        post={
            "path": "/search",
            "parent": "user",
            "json": {"author": "{parent.id}", "text": "by {parent.id}", "braces": "{{literal}} {other}"},
            "paging": {"style": "none"},
        },
    )

    _, sent = requests(made, lambda request: [{"id": 7}] if request.url == "/users" else [])

    assert sent.json == {"author": 7, "text": "by 7", "braces": "{{literal}} {other}"}


def test_a_list_is_sent_as_one_parameter_for_each_value() -> None:
    assert first(params={"include": ["labels", "users"], "page": 1}).params == {
        "include": ("labels", "users"),
        "page": 1,
    }


def test_what_stands_behind_a_question_mark_of_the_path_is_a_parameter() -> None:
    sent = first(path="/items?kind=a&kind=b&empty=")

    assert sent.url == "/items"
    assert sent.params == {"kind": ("a", "b"), "empty": ""}


def test_an_endpoint_has_headers_of_its_own() -> None:
    assert first(headers={"X-Version": "2026-01"}).headers["x-version"] == "2026-01"


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ({"json": {"a": 1}, "form": {"a": "1"}}, "a request has one body"),
        ({"method": "GET", "form": {"a": "1"}}, '"GET" sends no form'),
        ({"headers": {"Authorization": "Bearer x"}}, "a secret never stands in a configuration"),
    ],
)
def test_a_body_that_contradicts_itself_is_refused_with_the_way_out(endpoint: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        source(item={"path": "/items", **endpoint})
