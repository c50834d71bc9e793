"""Paths into JSON: names, quotes, positions, and every member of a map."""

from copy import deepcopy
from typing import Any

import pytest

from sources.rest.json_paths import compile_path, find, put, show
from sources.rest.paging.styles import is_there

BODY = {
    "data": {"a.b": [10, 20, 30], "items": [{"id": 1}, {"id": 2}], "none": None, "0": "zero"},
    "@odata.nextLink": "https://a.test/next",
    "rates": {"EUR": {"value": 1}, "USD": {"value": 2}},
    "with'quote": 5,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data.items", [{"id": 1}, {"id": 2}]),
        ("data.items[0].id", 1),
        ("data.items[-1].id", 2),
        ("data.items.1.id", 2),
        ("data.items[2].id", None),
        ("data.items[*].id", [1, 2]),
        ('"@odata.nextLink"', "https://a.test/next"),
        ("@odata", None),
        ("data.'a.b'[0]", 10),
        ('"with\'quote"', 5),
        ("data.0", "zero"),
        ("rates.*.value", [1, 2]),
        ("data.none.id", None),
        ("data.items.id", None),
        ("$.rates.EUR.value", 1),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path: str, found: Any) -> None:
    assert find(BODY, path) == found


def test_a_dollar_is_the_value_itself() -> None:
    assert find(BODY, "$") is BODY
    assert find([4, 7], "$[1]") == 7


def test_a_path_into_a_text_or_a_number_leads_nowhere() -> None:
    assert find("text", "0") is None
    assert find(5, "*") is None


def test_a_message_shows_a_path_as_it_is_written() -> None:
    assert show(compile_path("data.items")) == "data.items"
    assert show(()) == "$"


@pytest.mark.parametrize(
    ("body", "path", "made"),
    [
        (None, "a.b", {"a": {"b": 7}}),
        ({"a": {"c": 1}}, "a.b", {"a": {"c": 1, "b": 7}}),
        (None, "'a.b'.c", {"a.b": {"c": 7}}),
        ({"q": [{"x": 1}, {"x": 2}]}, "q[1].x", {"q": [{"x": 1}, {"x": 7}]}),
        ({"q": [{"x": 1}, {"x": 2}]}, "q[-1].x", {"q": [{"x": 1}, {"x": 7}]}),
        ({}, "q[0].x", {"q": [{"x": 7}]}),
        ([1, 2], "[0]", [7, 2]),
        ({"a": 1}, "$", 7),
    ],
)
def test_a_value_is_put_at_a_path_as_it_would_be_read_there(body: Any, path: str, made: Any) -> None:
    before = deepcopy(body)

    assert put(body, compile_path(path), 7) == made
    assert body == before
    assert find(made, path) == 7


@pytest.mark.parametrize("path", ["'@odata.nextLink'", "@odata.nextLink", "links.'a.b'", "page[0].next"])
def test_a_member_that_is_null_is_there_however_its_path_is_written(path: str) -> None:
    body = {"@odata.nextLink": None, "links": {"a.b": None}, "page": [{"next": None}]}

    assert is_there(body, path)
    assert not is_there({"links": {}, "page": [{}]}, path)
