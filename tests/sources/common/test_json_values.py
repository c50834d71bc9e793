"""Values out of JSON from outside."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import BadBody
from sources.common import json_values
from tests.sources.driver import respond

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_value_becomes_one_of_the_column_type_or_none(value: object) -> None:
    assert isinstance(json_values.text({"a": value}, "a"), str | None)
    assert isinstance(json_values.real({"a": value}, "a"), float | None)
    assert isinstance(json_values.epoch({"a": value}, "a"), str | None)
    number = json_values.integer({"a": value}, "a")
    assert number is None or -(2**63) <= number < 2**63


def test_a_path_through_something_else_than_objects_is_none() -> None:
    assert json_values.at({"head": None}, "head", "repo", "id") is None
    assert json_values.at([1], "head") is None


@pytest.mark.parametrize(
    ("value", "number"), [(True, 1), ("42", 42), ("-1", None), ("٤", None), (1.0, None), (2**63, None)]
)
def test_whole_numbers_are_read_leniently_but_fit_the_database(value: object, number: int | None) -> None:
    assert json_values.integer(value) == number


def test_a_real_number_is_finite_and_no_boolean() -> None:
    assert json_values.real(3) == 3.0
    assert json_values.real(True) is None
    assert json_values.real(10**400) is None


@pytest.mark.parametrize("written", ["2024-01-31T12:00:00Z", "2024-01-31T13:00:00+01:00", "2024-01-31T12:00:00.000"])
def test_a_time_is_read_as_utc(written: str) -> None:
    assert json_values.instant(written) == datetime(2024, 1, 31, 12, tzinfo=UTC)


@given(st.text(max_size=30) | st.none())
def test_no_time_raises(written: str | None) -> None:
    assert isinstance(json_values.instant(written), datetime | None)


def test_a_time_beyond_the_calendar_is_none() -> None:
    assert json_values.instant("0001-01-01T00:00:00+14:00") is None
    assert json_values.epoch(2**62) is None
    assert json_values.epoch(1524733667) == "2018-04-26T09:07:47Z"


def test_rows_keep_their_bytes() -> None:
    body = b'[ {"id" : 1,\t"x":"\\/" } , 2 ]'

    assert [row.raw for row in json_values.rows(respond(body))] == [b'{"id" : 1,\t"x":"\\/" }', b"2"]


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"[1e999]", b'["\xff"]', b"[" * 5000 + b"]" * 5000])
def test_what_is_no_array_of_json_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        json_values.rows(respond(body))


def test_a_part_keeps_its_bytes_and_a_missing_one_is_empty() -> None:
    assert json_values.part(b'{"user": {"id" : 3}}', "user") == b'{"id" : 3}'
    assert json_values.part(b'{"user": 1}', "owner") == b""
    assert json_values.part(b"[]", "owner") == b""


def test_members_of_something_else_than_an_array_are_none() -> None:
    raw = b'{"tags": {"id": 1}, "comments": [{"id": 2}]}'
    value = msgspec.json.decode(raw)

    assert list(json_values.members(value, "tags", raw)) == []
    assert [row.value for row in json_values.members(value, "comments", raw)] == [{"id": 2}]


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), (7, 7), ("7", 7), (True, None), (-1, None), (10**12, None), (7.0, None), ("many", None), (None, None)],
)
def test_a_whole_number_counts_something(value: object, number: int | None) -> None:
    assert json_values.whole_number(value) == number
