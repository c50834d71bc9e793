"""A proposal from one answer."""

import tomllib
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import BadBody
from engine.model.source import Memory
from sources.rest.config.options import RestOptions
from sources.rest.proposal.infer import infer
from sources.rest.proposal.proposal import Line
from sources.rest.proposal.toml import to_toml
from sources.rest.proposal.url import parse_url
from sources.rest.source import Rest
from tests.sources.driver import STARTED, respond

URL = "https://api.example.org/v1/articles"


def propose(body: object, url: str = URL, link: str = "") -> dict[str, Any]:
    """Return the proposed endpoint, after it was written, read and checked."""
    proposal = infer(parse_url(url), respond(body, url=url, link=link)).proposal
    table = tomllib.loads(to_toml(proposal))["sources"][proposal.name]
    msgspec.convert({key: value for key, value in table.items() if key != "kind"}, RestOptions)
    endpoint: dict[str, Any]
    (endpoint,) = table["endpoints"].values()
    return endpoint


_CURRENCIES = ["aud", "brl", "cad", "chf", "cny", "czk", "dkk", "gbp", "hkd", "huf"]
ITEMS = [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (ITEMS, "$"),
        ({"data": ITEMS, "included": [{"id": 9}] * 9}, "data"),
        ({"meta": {"tags": ["x"]}, "response": {"docs": ITEMS}}, "response.docs"),
        ({"articles": ITEMS, "data": [{"id": 3}]}, "data"),
        ({"articles": ITEMS, "warnings": []}, "articles"),
        ({"hits": {"total": 2, "hits": ITEMS}}, "hits.hits"),
        ({"data": {"articles": {"nodes": ITEMS}}}, "data.articles.nodes"),
        ({"a.b": ITEMS, "things": ITEMS}, "things"),
        ({"id": 7, "name": "one", "tags": []}, "$"),
    ],
)
def test_the_items_are_the_likeliest_list_of_objects(body: object, path: str) -> None:
    assert propose(body)["items"] == path


@pytest.mark.parametrize(
    "body",
    [
        {"id": 7, "sizes": {"small": {"url": "a"}, "medium": {"url": "b"}, "large": {"url": "c"}}},
        {"name": "x", "_links": {"self": {"href": "a"}, "next": {"href": "b"}, "last": {"href": "c"}}},
        {"width": 1, "height": 2, "depth": 3},
        {"min": 1, "max": 2, "avg": 3},
        {"home": {"name": "a"}, "away": {"name": "b"}},
        {"name": "x", "a": 1, "b": 2, "c": 3, "d": 4, "rates": {"EUR": 1.0, "USD": 2.0, "GBP": 3.0}},
        {"USD": 1.0, "EUR": 2.0},
        {"1": {"a": 1}, "2": 7},
    ],
    ids=range(8),
)
def test_an_object_with_members_of_one_kind_is_no_map(body: object) -> None:
    assert propose(body)["items"] == "$"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"date": "2024-01-01", "eur": dict.fromkeys(_CURRENCIES, 1.5)}, "eur.*"),
        ({"00a1b2c3": {"n": 1}, "ffe1b2c9": {"n": 2}}, "*"),
        ({"routes": {"a": {"stops": [{"n": 1}]}, "b": {"stops": [{"n": 2}]}, "c": {"stops": []}}}, "routes.*"),
        ({"codes": {"AED": "Dirham", "EUR": "Euro", "USD": "Dollar"}}, "codes.*"),
    ],
    ids=range(4),
)
def test_an_object_whose_names_are_ids_is_a_map(body: object, path: str) -> None:
    found = propose(body)

    assert (found["items"], found["columns"]["key"], found["key"]) == (path, "$key", ["key"])


def test_names_that_are_no_plain_words_are_proposed_with_their_quotes() -> None:
    people = [{"Id": 1, "@odata.etag": "a", "First Name": "x", "is-on": "y"}, {"Id": 2, "@odata.etag": "b"}]
    body = {"@odata.count": 9, "value": people, "@odata.nextLink": "https://api.example.org/v1/articles?$skip=2"}

    found = propose(body)

    assert found["paging"] == {"style": "cursor", "next": "'@odata.nextLink'", "total": "'@odata.count'"}
    assert found["columns"] == {
        "id": "Id:integer", "odata_etag": "'@odata.etag'", "first_name": "'First Name'", "is_on": "is-on"
    }  # fmt: skip
    assert propose({"all.items": ITEMS})["items"] == "'all.items'"


def test_a_path_that_has_no_name_with_a_dot_needs_no_quotes() -> None:
    body = {"data": ITEMS, "meta": {"next": "https://api.example.org/v1/articles?page=2"}}

    assert propose(body)["paging"]["next"] == "meta.next"


def test_a_list_of_ids_is_a_list_of_values() -> None:
    found = propose([4, 7, 9])

    assert found["columns"] == {"id": "$:integer"}
    assert found["key"] == ["id"]


def test_types_hold_for_every_item_and_only_for_numbers_and_flags() -> None:
    items = [
        {"id": 1, "price": 1, "code": "7", "flag": True, "huge": 1 << 70, "none": None, "mixed": 1, "tags": ["a"]},
        {"id": 2, "price": 1.5, "code": "8", "flag": False, "huge": 1, "none": None, "mixed": "x", "tags": []},
    ]

    assert propose(items)["columns"] == {
        "id": "id:integer", "price": "price:real", "code": "code", "flag": "flag:boolean", "huge": "huge",
        "mixed": "mixed", "tags": "tags",
    }  # fmt: skip


def test_wrapped_values_are_columns_and_a_nested_object_gives_what_names_it() -> None:
    items = [{"id": "1", "attributes": {"title": "x", "raw": 1}, "owner": {"login": "ann", "url": "u", "id": 4}}]

    assert propose({"data": items})["columns"] == {
        "id": "id", "title": "attributes.title", "raw_": "attributes.raw:integer", "owner_id": "owner.id:integer",
        "owner_login": "owner.login",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("items", "key"),
    [
        (ITEMS, ["id"]),
        ([{"id": 1, "slug": "a"}, {"id": 1, "slug": "b"}], ["slug"]),
        ([{"article_id": 4, "name": "x"}, {"article_id": 5, "name": "x"}], ["article_id"]),
        ([{"name": "x", "owner": {"id": 1}}, {"name": "x", "owner": {"id": 2}}], None),
        ([{"id": None, "url": "u1"}, {"id": 2, "url": "u2"}], ["url"]),
        ([{"a": 1}, {"a": 2}], None),
    ],
)
def test_a_key_differs_in_every_item_and_is_named_like_one(items: list[Any], key: list[str] | None) -> None:
    assert propose(items).get("key") == key


def test_a_time_of_change_is_an_increment_only_where_a_parameter_asks_by_it() -> None:
    items = [{"id": 1, "updated_at": "2024-01-01T00:00:00Z"}, {"id": 2, "updated_at": None}]

    assert "since" not in propose(items)
    assert propose(items, f"{URL}?updated_since=2024-01-01&tag=a")["since"] == {
        "param": "updated_since", "item": "updated_at", "start": "2024-01-01",
    }  # fmt: skip
    assert propose([{"id": 1, "modified": 1700000000}], f"{URL}?since=0")["since"]["format"] == "unix"
    assert propose([{"id": 1, "updated": "yesterday"}], f"{URL}?since=0").get("since") is None


def test_the_page_of_the_address_is_left_out_and_its_filters_stay() -> None:
    found = propose(ITEMS, f"{URL}?page=3&per_page=2&tag=x")

    assert found["params"] == {"per_page": "2", "tag": "x"}


def test_paging_is_what_the_answer_shows() -> None:
    assert propose({"data": ITEMS, "next_cursor": "abc"})["paging"]["param"] == "cursor"
    assert propose(ITEMS, link=f'<{URL}?page=2>; rel="next"')["paging"] == {"style": "link_header"}
    assert propose(ITEMS)["paging"] == {"style": "auto"}


def told(lines: Iterable[Line]) -> set[str]:
    """Return the keys that are written as facts."""
    return {".".join(line.key[2:]) or line.key[0] for line in lines if not line.guess and not line.unused}


def test_only_what_the_address_and_the_answer_say_is_written_as_a_fact() -> None:
    items = [{"id": 1, "name": "a", "updated_at": "2024-01-01T00:00:00Z"}, {"id": 2, "name": "b"}]
    body = {"data": items, "others": [{"id": 3}], "next_cursor": "abc", "total": 40}
    proposal = infer(parse_url(f"{URL}?tag=x&updated_since=2024-01-01"), respond(body, url=URL)).proposal

    assert told(proposal.all_lines()) == {"base_url", "path", "params.tag", "columns.name", "columns.updated_at"}


def test_the_only_list_of_an_answer_is_a_fact() -> None:
    assert "items" in told(infer(parse_url(URL), respond({"data": ITEMS}, url=URL)).proposal.all_lines())


@pytest.mark.parametrize(
    "body",
    [
        b"<!---->" * 9_000 + b"<!", b"<!-- " * 9_000, b'"' * 60_000, b"a,b\n" + b'"' * 60_001, b",\n" * 30_000,
        b"{" * 60_000, b"{}\n" * 20_000 + b"{", b"<a>" * 20_000, b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le"),
        b"a,b\n1,2\n3\n", b",".join(b"c%d" % number for number in range(9_000)) + b"\n" + b"," * 8_999,
    ],
    ids=range(11),
)  # fmt: skip
def test_what_looks_like_a_format_and_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadBody):
        propose(body)


def test_no_text_of_an_answer_becomes_toml() -> None:
    evil = [{'x"]\n[http]\n': 1, "id": 1, "a = 1 #": 2, "ok\x1b[2J": 3, "'": 4, "\\": 5}]

    assert propose(evil)["columns"] == {"id": "id:integer"}


@pytest.mark.parametrize("body", [b"<html>", b"", b'"text"', b"7", b"[" * 20_000], ids=range(5))
def test_what_has_no_items_is_refused(body: bytes) -> None:
    with pytest.raises(BadBody):
        propose(body)


NAMES = st.sampled_from(
    ["id", "data", "items", "name", "next", "total", "page", "offset", "parent", "slice", "raw", "is"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=5),
    max_leaves=40,
)


@given(body=JSON)
def test_whatever_an_api_answers_is_refused_or_proposed_as_a_configuration_that_is_valid(body: object) -> None:
    try:
        propose(body)
    except BadBody:
        assert not isinstance(body, list | dict)


@given(body=JSON)
def test_what_is_proposed_reads_the_answer_that_it_was_proposed_from(body: object) -> None:
    if not isinstance(body, list | dict):
        return
    proposal = infer(parse_url(URL), respond(body, url=URL)).proposal
    options = msgspec.convert({key: value for key, value in proposal.table().items() if key != "kind"}, RestOptions)
    source = Rest(options, name="x")
    (first,) = source.seed(Memory(started=STARTED))

    try:
        page = source.parse(first, respond(body, url=URL), Memory(started=STARTED))
    except BadBody as error:
        assert "anything but null" in str(error)  # noqa: PT017 -- a list of nothing but null has no rows
        return

    declared = {column.name for table in source.tables for column in table.columns}
    assert all(record.data.keys() <= declared for record in page.records)


def csv_proposal(url: str, rows: int, link: str = "") -> dict[str, Any]:
    text = "id,open\n" + "".join(f"{number},{'true' if number % 2 else 'FALSE'}\n" for number in range(rows))
    return propose(text.encode(), url, link)


def test_a_csv_without_parameters_is_one_file_with_flags_in_it() -> None:
    found = csv_proposal("https://api.example.org/v1/articles.csv", 100)

    assert found["paging"] == {"style": "none"}
    assert found["columns"] == {"id": "id:integer", "open": "open:boolean"}


@pytest.mark.parametrize(
    ("url", "link", "style"),
    [
        ("https://api.example.org/v1/articles.csv?limit=100", "", "auto"),
        ("https://api.example.org/v1/articles.csv", '<https://api.example.org/v1/x?page=2>; rel="next"', "link_header"),
    ],
)
def test_a_csv_that_may_have_pages_is_asked_for_them(url: str, link: str, style: str) -> None:
    assert csv_proposal(url, 100, link)["paging"]["style"] == style
