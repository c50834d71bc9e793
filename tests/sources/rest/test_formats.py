"""Answers in other formats than JSON, and what is refused of them."""

from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody
from engine.model.source import Response
from sources.rest.config.endpoint import Endpoint
from sources.rest.items.decoded import Decoded
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
        (b"<html>", {}, "HTML, not the JSON that was expected"),
        (b"<html>\n<body>Maintenance</body>\n</html>\n", {"format": "csv"}, "HTML, not the CSV that was expected"),
        (b"<!doctype html><title>x</title>", {"format": "jsonl"}, "HTML, not the JSON Lines"),
        (b"<!-- hi --><HTML><p>Login</p></HTML>", {"format": "xml", "items": "r.i"}, "HTML, not the XML"),
        (b"Error: quota\n", {"format": "csv", "key": ["id"]}, "has no id, the key; it is Error: quota$"),
        (b"ident,b\n1,2\n", {"format": "csv", "key": ["id", "b"]}, "has no id, the key; it is ident, b$"),
        (b'{"e": 1}\n', {"format": "csv", "columns": {"a": "x", "b": "y"}}, "none of the columns x, y; it is {"),
        (b"<r><error>quota</error></r>", {"format": "xml", "items": "r.i"}, "the answer says 'error quota'"),
        (b"<s><i/></s>", {"format": "xml", "items": "r.i"}, "no items at r.i"),
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
        "html as csv",
        "html as jsonl",
        "html as xml",
        "error as csv",
        "another key",
        "other columns",
        "error as xml",
        "other xml",
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


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("text/csv", "csv"),
        ("text/comma-separated-values", "csv"),
        ("text/tab-separated-values", "csv"),
        ("application/rss+xml; charset=utf-8", "xml"),
        ("Application/Atom+XML", "xml"),
        ("application/x-ndjson", "jsonl"),
        ("application/json-seq", "jsonl"),
    ],
)
def test_an_answer_in_another_format_names_the_key_that_reads_it(content_type: str, kind: str) -> None:
    with pytest.raises(BadBody, match=f'set format = "{kind}"'):
        values(b"id,name\n", {"content-type": content_type})


def test_an_answer_that_is_only_said_to_be_of_the_right_format_names_no_key() -> None:
    with pytest.raises(BadBody, match="expected: JSON is malformed"):
        values(b"id,name\n", {"content-type": "application/json"})


DENSE = 6_000_000


def decoded(body: bytes, **keys: Any) -> Decoded:
    return decode(
        endpoint(**keys), Response(status=200, headers={}, body=body, url="https://a.test/items", elapsed=0.1)
    )


def test_a_byte_order_mark_before_json_is_no_part_of_it() -> None:
    assert values(b'\xef\xbb\xbf[{"id": 1}]') == [{"id": 1}]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"\ud800", "\ufffd"),
        (rb"a\uDC00b", "a\ufffdb"),
        (rb"\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
        (rb"\\ud800\ud800", "\\ud800\ufffd"),
        (rb"\ud800\ud83d\ude00", "\ufffd\U0001f600"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_half_of_a_pair_costs_one_character_and_not_the_page(written: bytes, read: str, kind: str) -> None:
    items = decoded(b'{"text": "' + written + b'"}\n', format=kind, items="$").items

    assert [item.value["text"] for item in items] == [read]
    assert msgspec.json.decode(items[0].raw) == items[0].value


def test_what_is_torn_behind_half_of_a_pair_is_still_refused() -> None:
    with pytest.raises(BadBody, match="not the JSON that was expected"):
        values(rb'{"text": "\ud800"')


@pytest.mark.parametrize(
    ("body", "found"), [(b"<r><id>7</id></r>", ["7"]), (b"<r><id>7</id><id>8</id></r>", ["7", "8"])]
)
def test_bare_values_in_xml_are_items_be_there_one_or_several(body: bytes, found: list[str]) -> None:
    assert values(body, format="xml", items="r.id") == found


def test_the_text_between_and_behind_elements_is_kept() -> None:
    one = b"<i><p>hello <b>big</b> wide <b>blue</b><br/> world </p></i>"

    item = values(b"<r>" + one + b"\n" + one + b"</r>", format="xml", items="r.i")[1]

    assert item == {"p": {"b": ["big", "blue"], "br": None, "#text": "hello wide world"}}


def test_the_text_behind_elements_is_kept_where_a_document_arrives_in_pieces() -> None:
    one = b"<i><b>x</b>" + b"y" * 1000 + b"<c/>z</i>"

    items = values(b"<r>" + one * 4000 + b"</r>", format="xml", items="r.i")

    assert {item["#text"] for item in items} == {"y" * 1000 + " z"}


@pytest.mark.parametrize(
    ("body", "keys", "at_most", "why"),
    [
        (b"", {"format": "csv", "key": ["id"]}, "unconfirmed", "the answer is empty"),
        (b"\n", {"format": "jsonl"}, "unconfirmed", "the answer is empty"),
        (b"id\n", {"format": "csv", "key": ["id"]}, "whole", ""),
        (b"<r/>", {"format": "xml", "items": "r.i"}, "whole", ""),
        (b'<r n="0"/>', {"format": "xml", "items": "r.i"}, "whole", ""),
        (b"<r><status>ok</status></r>", {"format": "xml", "items": "r.i"}, "unconfirmed", "no r.i, but status"),
        (b'{"id": 1}\n{"error": "stopped after 1 of 500"}\n', {"format": "jsonl"}, "cut", "stopped after 1 of 500"),
        (b'{"id": 1}\n{"id": 2, "error": "none"}\n', {"format": "jsonl"}, "whole", ""),
        (b'{"error": 1}\n{"error": 2}\n', {"format": "jsonl"}, "whole", ""),
    ],
)
def test_an_answer_that_need_not_be_all_of_it_says_so(
    body: bytes, keys: dict[str, Any], at_most: str, why: str
) -> None:
    found = decoded(body, **keys)

    assert found.at_most == at_most
    assert why in found.doubt
    assert bool(found.doubt) is bool(why)


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
