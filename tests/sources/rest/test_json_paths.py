"""Paths into JSON: names, quotes, positions, and every member of a map."""

from typing import Any

import pytest

from sources.rest.json_paths import compile_path, find, show

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
