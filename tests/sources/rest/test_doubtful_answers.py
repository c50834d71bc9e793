"""Answers with status 200 or 204 that are no list, or only a part of one: never called the whole."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.common.errors import BadBody
from engine.model.source import Page, Response
from engine.model.walk import Completeness
from sources.rest.source import Rest
from tests.sources.driver import Driver
from tests.sources.rest.test_source import BASE, ask, first, make

QUERY = {"query": "{ issues { nodes { id } } }"}
ERRORS = [{"message": "node 7: \x1b[31mtimeout"}, {"message": "node 8: timeout"}]
CURSOR = {"style": "cursor", "next": "data.next", "param": "after"}
NUMBERED = {"style": "page_number", "pages": "pages", "parallel": True}


def graphql(**keys: Any) -> Rest:
    return make({"items": "data.issues.nodes", "paging": {"style": "none"}, **keys})


def ended(page: Page) -> tuple[Completeness, str]:
    (end,) = page.ends
    return end.completeness, end.reason


def child() -> Rest:
    below = {"path": "/items/{parent.id}", "parent": "items", "key": ["id"], "paging": {"style": "none"}}
    return make({"paging": {"style": "none"}}, endpoints={"items": {"path": "/items", "key": ["id"]}, "below": below})


@pytest.mark.parametrize(
    ("status", "body", "said"), [(204, b"", "204"), (200, b"", "an empty answer"), (200, b" ", "")]
)
def test_an_answer_without_a_body_below_a_parent_means_that_nothing_is_there(
    status: int, body: bytes, said: str
) -> None:
    source = child()
    (request,) = ask(source, [{"id": 1}]).more

    page = ask(source, body, request, status=status)

    assert f"{said}, nothing there" in page.note
    assert (len(page.records), ended(page)[0]) == (0, Completeness.WHOLE)


@pytest.mark.parametrize("kind", ["json", "csv", "jsonl", "xml"])
@pytest.mark.parametrize("paging", [{"style": "none"}, {"style": "auto"}, {"style": "link_header"}])
def test_no_content_of_a_list_is_an_end_that_is_not_confirmed(kind: str, paging: dict[str, Any]) -> None:
    page = ask(make({"format": kind, "paging": paging}), b"", status=204)

    assert ended(page) == (Completeness.UNCONFIRMED, "the answer is empty (204)")
    assert page.note == "items /items: the answer is empty (204)"


def test_no_content_behind_the_last_numbered_page_is_its_end() -> None:
    source = make({"paging": {"style": "page_number", "size": 2}})
    (second,) = ask(source, [{"id": 1}, {"id": 2}]).more

    assert ended(ask(source, b"", second, status=204)) == (Completeness.UNCONFIRMED, "the answer is empty (204)")


def test_no_content_in_the_place_of_a_page_that_the_api_named_is_a_failure() -> None:
    source = make({"paging": {"style": "page_number", "pages": "pages", "parallel": False}})
    (second,) = ask(source, {"data": [{"id": 1}], "pages": 3}).more

    with pytest.raises(BadBody, match=r"the answer is empty \(204\)"):
        ask(source, b"", second, status=204)


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_an_empty_answer_of_a_list_says_so(kind: str) -> None:
    with pytest.raises(BadBody, match=r"/items: the answer is empty \(200\)"):
        ask(make({"format": kind}), b"\xef\xbb\xbf \n")


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_export_that_is_empty_is_not_called_complete(kind: str) -> None:
    page = ask(make({"format": kind, "paging": {"style": "none"}}), b"")

    assert ended(page)[0] is Completeness.UNCONFIRMED
    assert "the answer is empty" in page.note


def test_graphql_errors_without_data_are_a_failure_in_their_words() -> None:
    for body in ({"data": None, "errors": ERRORS}, {"errors": ERRORS}):
        for keys in ({}, {"items": "auto"}, {"items": "auto", "key": []}):
            with pytest.raises(BadBody, match=r"no data: node 7: [^\x1b]*timeout; node 8: timeout$"):
                ask(graphql(json=QUERY, **keys), body)


def test_graphql_errors_beside_data_cut_the_list_and_are_shown() -> None:
    nodes = [{"id": 1}, None, {"id": 3}]

    for keys in ({}, {"items": "auto"}, {"items": "auto", "key": [], "columns": {"id": "id"}}):
        page = ask(graphql(**keys), {"data": {"issues": {"nodes": nodes}}, "errors": ERRORS})

        assert len(page.records) == 2
        assert ended(page)[0] is Completeness.CUT
        assert "node 8: timeout" in page.note


def test_graphql_errors_where_the_list_would_be_are_shown() -> None:
    with pytest.raises(BadBody, match=r"node 8: timeout; there are no items at data\.issues\.nodes"):
        ask(graphql(), {"data": {"issues": None}, "errors": ERRORS})


def test_graphql_errors_on_one_page_cut_a_walk_that_goes_on_to_its_end() -> None:
    source = make({"items": "data.nodes", "paging": CURSOR})
    page = ask(source, {"data": {"nodes": [{"id": 1}], "next": "b"}, "errors": ERRORS})
    assert "node 8: timeout" in page.note
    (second,) = page.more

    completeness, reason = ended(ask(source, {"data": {"nodes": [{"id": 2}], "next": None}}, second))

    assert completeness is Completeness.CUT
    assert "node 8: timeout" in reason


def test_graphql_errors_on_one_of_several_pages_at_the_same_time_fail_that_page() -> None:
    source = make({"items": "data", "paging": NUMBERED})
    second, *_ = ask(source, {"data": [{"id": 1}], "pages": 4}).more

    with pytest.raises(BadBody, match="node 8: timeout"):
        ask(source, {"data": [{"id": 2}], "pages": 4, "errors": ERRORS}, second)


@pytest.mark.parametrize(
    ("keys", "body"),
    [
        ({"items": "errors"}, {"data": [], "errors": [{"message": "an item", "id": 1}]}),
        ({"items": "auto"}, {"errors": [{"message": "an item", "id": 1}]}),
        ({"items": "data"}, {"data": [{"id": 1}], "errors": []}),
        ({"items": "data"}, {"data": [{"id": 1}], "errors": [{"id": 2}]}),
        ({"items": "data"}, {"data": [{"id": 1, "errors": [{"message": "of the item"}]}]}),
    ],
)
def test_a_list_named_errors_is_no_error(keys: Mapping[str, Any], body: object) -> None:
    page = ask(make({"paging": {"style": "none"}, **keys}), body)

    assert len(page.records) == 1
    assert ended(page)[0] is Completeness.WHOLE


def test_an_export_whose_last_line_is_an_error_is_cut_and_says_why() -> None:
    lines = b'{"id": 1}\n{"id": 2}\n{"error": "export aborted after 2 of 500 rows"}\n'

    page = ask(make({"format": "jsonl", "paging": {"style": "none"}}), lines)

    assert len(page.records) == 2
    assert ended(page)[0] is Completeness.CUT
    assert "export aborted after 2 of 500 rows" in page.note


def test_equal_items_without_a_key_are_counted_in_a_note() -> None:
    source = make({"key": [], "columns": {"a": "a"}, "format": "csv", "paging": {"style": "none"}})

    page = ask(source, b"a,b\n1,2\n1,2\n1,3\n1,2\n")

    assert len(page.records) == 2
    assert page.note == (
        '2 items of items equal others of the page and are stored once; give key = ["…"] where they are not the same'
    )


def test_a_harvest_goes_on_below_parents_that_have_nothing() -> None:
    source = child()

    def answer(request: Any) -> Response:
        body = b'[{"id": 1}, {"id": 2}]' if request.url == "/items" else b'{"id": 9}'
        empty = request.url.endswith("/1")
        return Response(
            status=204 if empty else 200, headers={}, body=b"" if empty else body, url=BASE + request.url, elapsed=0.1
        )

    driver = Driver(source, answer)
    driver.begin()
    driver.land()

    assert sum(table == "below" for table, _ in driver.rows) == 1
    assert first(source).url == "/items"


@pytest.mark.slow
def test_an_item_that_names_millions_of_lists_below_it_is_refused_before_they_are_requests() -> None:
    below = {"path": "/k/{slice}", "parent": "items", "values": "parent.k", "key": ["id"]}
    source = make(endpoints={"items": {"path": "/items", "key": ["id"]}, "k": below})

    with pytest.raises(BadBody, match=r"/items: its .* MiB of memory; ask for smaller pages"):
        ask(source, {"id": 1, "k": list(range(300_000))})
