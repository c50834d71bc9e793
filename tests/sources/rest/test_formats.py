"""Answers in other formats than JSON, and what is refused of them."""

from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody
from engine.model.source import Response
from sources.rest.config.endpoint import Endpoint
from sources.rest.items.formats import decode, items_of

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
<item><guid isPermaLink="false">1</guid><title>one</title></item>
<item><guid isPermaLink="false">2</guid><title>two</title></item></channel></rss>"""


def endpoint(**keys: Any) -> Endpoint:
    return msgspec.convert({"path": "/items", **keys}, Endpoint)


def values(body: bytes, headers: dict[str, str] | None = None, **keys: Any) -> list[Any]:
    response = Response(status=200, headers=headers or {}, body=body, url="https://a.test/items", elapsed=0.1)
    one = endpoint(**keys)
    return [item.value for item in items_of(decode(one, response), one, response)]


def test_each_line_of_json_lines_is_an_item() -> None:
    assert values(b'{"id": 1}\n\n{"id": 2}\n', format="jsonl") == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(
    ("body", "csv"),
    [
        (b'id,name\n1,"a, ""b""\nc"\n', {}),
        (b'\xef\xbb\xbfid,name\r\n1,"a, ""b""\nc"\r\n', {}),
        (b'id;name\n1;"a, ""b""\nc"\n', {"delimiter": ";"}),
    ],
)
def test_each_row_of_a_csv_is_an_item_named_by_the_first_row(body: bytes, csv: dict[str, str]) -> None:
    assert values(body, format="csv", csv=csv) == [{"id": "1", "name": 'a, "b"\nc'}]


def test_a_field_of_a_csv_may_be_as_long_as_the_body() -> None:
    long = "x" * 1_000_000

    assert values(f'id,name\n1,"{long}"\n'.encode(), format="csv") == [{"id": "1", "name": long}]


def test_a_csv_may_have_another_encoding() -> None:
    assert values("id,name\n1,Köln\n".encode("cp1252"), format="csv", csv={"encoding": "cp1252"})[0]["name"] == "Köln"


def test_the_elements_of_xml_are_items_with_their_attributes_and_texts() -> None:
    items = values(RSS, format="xml", items="rss.channel.item")

    assert [item["title"] for item in items] == ["one", "two"]
    assert items[0]["guid"] == {"@isPermaLink": "false", "#text": "1"}
    assert values(RSS, format="xml") == items


def test_an_empty_list_in_xml_is_no_item() -> None:
    assert values(b"<rss><channel><title>t</title></channel></rss>", format="xml", items="rss.channel.item") == []


def test_the_values_of_a_map_are_items() -> None:
    assert values(b'{"rates": {"EUR": 1.5, "USD": 2}}', items="rates.*") == [1.5, 2]


@pytest.mark.parametrize(
    ("body", "keys", "says"),
    [
        (b'{"data": {"rows": []}}', {"items": "data.items"}, "data has the keys rows"),
        (b"<html>", {}, "not the JSON that was expected"),
        (b"[" * 100_000 + b"]" * 100_000, {}, "not the JSON"),
        (b"id,name\n1\n", {"format": "csv"}, "line 2 of the CSV has 1 fields, and the first row names 2"),
        (b"," * 1_000_000, {"format": "csv"}, "more than"),
        (b'{"id": 1}\n{"id"', {"format": "jsonl"}, "not the JSON Lines"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', {"format": "xml"}, "document type"),
        (b"<a>" * 10_000, {"format": "xml"}, "deeper than"),
        (b"<a><b></a>", {"format": "xml"}, "not the XML that was expected"),
    ],
    ids=[
        "no items",
        "html",
        "deep JSON",
        "short row",
        "million fields",
        "cut line",
        "entities",
        "deep XML",
        "torn XML",
    ],
)
def test_what_cannot_be_read_is_one_line_that_says_what_is_there(body: bytes, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(BadBody, match=says):
        values(body, **keys)


def test_an_answer_in_another_format_names_the_key_that_reads_it() -> None:
    with pytest.raises(BadBody, match='set format = "csv"'):
        values(b"id,name\n", {"content-type": "text/csv"})


DENSE = 6_000_000


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b"[" + b"0," * DENSE + b"0]", {}),
        (b"[" + b"{}," * DENSE + b"{}]", {}),
        (b'{"rates": {' + b",".join(b'"%d":0' % number for number in range(1_000_000)) + b"}}", {"items": "rates.*"}),
        (b'{"id": 1, "tags": [' + b"[]," * DENSE + b"[]]}", {"items": "$"}),
        (b"1\n" * DENSE, {"format": "jsonl"}),
        (b"i\n" + b"1\n" * DENSE, {"format": "csv"}),
        (b"i," * 1500 + b"i\n" + (b"," * 1500 + b"\n") * 4000, {"format": "csv"}),
        (b"<a>" + b"<b/>" * 2_000_000 + b"</a>", {"format": "xml"}),
        (b"<a " + b" ".join(b'a%d=""' % number for number in range(2_000_000)) + b"/>", {"format": "xml"}),
    ],
    ids=["values", "objects", "a map", "values in an item", "lines", "rows", "fields", "elements", "attributes"],
)
def test_a_small_answer_of_millions_of_items_is_refused_before_it_takes_the_memory(
    body: bytes, keys: dict[str, Any]
) -> None:
    one = endpoint(**keys)
    response = Response(status=200, headers={}, body=body, url="https://a.test/items", elapsed=0.1)

    with pytest.raises(BadBody, match=r"items and values.* 512 MiB of memory; ask for smaller pages"):
        decode(one, response)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b"[" + b'{"id":1,"name":"x"},' * 99_999 + b'{"id":1,"name":"x"}]', {}),
        (b'{"id":1}\n' * 100_000 + b"\n" * 1_000_000, {"format": "jsonl"}),
        (b"id,name\n" + b"1,x\n" * 100_000, {"format": "csv"}),
        (b"<a>" + b"<b><c>1</c></b>" * 100_000 + b"</a>", {"format": "xml"}),
    ],
    ids=["json", "jsonl", "csv", "xml"],
)
def test_a_hundred_thousand_items_of_one_answer_are_read(body: bytes, keys: dict[str, Any]) -> None:
    assert len(values(body, **keys)) == 100_000


def test_a_comment_as_long_as_a_body_may_be_takes_no_quadratic_time() -> None:
    # 50 million steps, and a thousand times as many where each chunk of 16 kB begins the comment anew.
    body = b"<a><!--" + b"x" * 50_000_000 + b"--><b><c>1</c></b><b><c>2</c></b></a>"

    assert len(values(body, format="xml")) == 2


def test_a_long_text_full_of_commas_is_no_list() -> None:
    assert len(values(b'[{"id": 1, "text": "' + b"a, b" * 2_000_000 + b'"}]')) == 1
