"""Paths into JSON: names, quotes, positions, and every member of a map."""

from copy import deepcopy
from typing import Any

import pytest

from sources.rest.json_paths import above, compile_path, find, meant, put, quoted, write
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
    for path in ("data.items", "data.'a.b'[0]", "'@odata.count'.x", "data[-1].id", "rates[*].value", "$"):
        assert compile_path(write(compile_path(path))) == compile_path(path)
    assert write(compile_path("data.'a.b'[0]")) == "data.'a.b'[0]"
    assert write(compile_path("$.data.items")) == "data.items"


@pytest.mark.parametrize(
    ("body", "path", "after"),
    [
        (None, "variables.after", {"variables": {"after": 5}}),
        ({"kept": 1}, "'a.b'.c", {"kept": 1, "a.b": {"c": 5}}),
        ({"q": [{"x": 1}, {"x": 2}]}, "q[0].x", {"q": [{"x": 5}, {"x": 2}]}),
        ({"q": [1, 2]}, "q[-1]", {"q": [1, 5]}),
        ({"q": [1]}, "q[1]", {"q": [1, 5]}),
        ({"q": [1]}, "q.0", {"q": [5]}),
        ({}, "q[0].x", {"q": [{"x": 5}]}),
        ({}, "q.0", {"q": {"0": 5}}),
        ({"a": "text"}, "a.b", {"a": {"b": 5}}),
        ([1, 2], "[0]", [5, 2]),
        ({"a": 1}, "$", 5),
    ],
)
def test_a_value_is_put_at_a_path_as_it_would_be_read_there(body: Any, path: str, after: Any) -> None:
    before = deepcopy(body)

    assert put(body, compile_path(path), 5) == after
    assert body == before
    assert find(after, path) == 5


@pytest.mark.parametrize("path", ["q.*", "q[*].x", "q[2]", "q[-2]", "new[1]"])
def test_a_path_that_names_no_single_place_takes_no_value(path: str) -> None:
    with pytest.raises(ValueError, match=r"one place|no element"):
        put({"q": [1]}, compile_path(path), 5)


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("'@odata.nextLink'", ((), "@odata.nextLink")),
        ("links.'a.b'", (("links",), "a.b")),
        ("links[0]", (("links",), 0)),
        ("$", ((), None)),
    ],
)
def test_what_holds_a_value_is_known_by_its_path(path: str, held: Any) -> None:
    assert above(path) == held


@pytest.mark.parametrize("path", ["'@odata.nextLink'", "@odata.nextLink", "links.'a.b'", "page[0].next"])
def test_a_member_that_is_null_is_there_however_its_path_is_written(path: str) -> None:
    body = {"@odata.nextLink": None, "links": {"a.b": None}, "page": [{"next": None}]}

    assert is_there(body, path)
    assert not is_there({"links": {}, "page": [{}]}, path)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("First Name", "'First Name'"),
        ("user.First Name", "user.'First Name'"),
        ("dc:title", "'dc:title'"),
        ("the name:integer", "'the name':integer"),
        ("value.@odata.next link", "value.'@odata.next link'"),
        ("it's", '"it\'s"'),
        ("a..b", ""),
        ("'open", '"\'open"'),
        ("", ""),
    ],
)
def test_a_text_that_is_no_path_becomes_one_with_quotes(written: str, path: str) -> None:
    assert quoted(written, ("integer",)) == path


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("@odata.nextLink", "'@odata.nextLink'"),
        ("data.a.b", "data.'a.b'"),
        ("data.a.b[0]", ""),
        ("data.items", ""),
        ("nothing.here", ""),
        ("@odata", ""),
    ],
)
def test_a_name_with_dots_is_known_by_a_path_that_forgot_its_quotes(path: str, found: str) -> None:
    assert meant(BODY, compile_path(path)) == found
