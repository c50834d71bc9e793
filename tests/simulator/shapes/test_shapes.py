"""The shapes answer as the documentation of the APIs they are like says."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from simulator.common.api import Call, Router
from simulator.common.page import Page
from simulator.config import quiet
from simulator.registry import names
from simulator.shapes.api import ShapeApi, ShapeSizes, truth
from simulator.shapes.catalog import SHAPES


def ask(
    name: str,
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    body: Any = None,
    headers: Mapping[bytes, bytes] | None = None,
) -> Page:
    api = ShapeApi(SHAPES[name], ShapeSizes())
    call = Call(
        path=path,
        query=urlencode(params or {}),
        base=f"http://127.0.0.1/{name}",
        headers=headers or {},
        method="GET" if body is None else "POST",
        body=b"" if body is None else msgspec.json.encode(body),
    )
    assert api.guard(call) is None
    found = Router(api.routes).find(path)
    assert found is not None
    return found[0].handler(call, found[1])


def read(page: Page) -> Any:
    assert page.status == 200, page.body
    return msgspec.json.decode(page.body)


def test_a_shape_is_served_where_it_is_named_and_nowhere_else() -> None:
    assert [api.name for api in quiet(apis=["stripe", "json-api"]).apis] == ["stripe", "json-api"]
    assert set(SHAPES).isdisjoint(names())


@pytest.mark.parametrize("name", SHAPES)
def test_the_truth_has_no_row_twice_and_more_than_a_page(name: str) -> None:
    for rows in truth(name).values():
        assert len(set(rows)) == len(rows) > 20


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_shape_is_like_is_said_in_one_line(name: str) -> None:
    assert "\n" not in SHAPES[name].like


def test_a_method_that_an_api_does_not_know_is_refused() -> None:
    api = ShapeApi(SHAPES["notion"], ShapeSizes())

    refused = api.guard(Call(path="/", query="", base="", headers={}))

    assert refused is not None
    assert refused.status == 405


def test_wordpress_refuses_the_page_after_the_last_one() -> None:
    last = ask("wordpress", "/wp-json/wp/v2/posts", {"page": 12, "per_page": 20})
    after = ask("wordpress", "/wp-json/wp/v2/posts", {"page": 13, "per_page": 20})

    assert len(read(last)) == 17
    assert dict(last.headers)[b"x-wp-totalpages"] == b"12"
    assert b'rel="next"' not in dict(last.headers)[b"link"]
    assert (after.status, msgspec.json.decode(after.body)["code"]) == (400, "rest_post_invalid_page_number")
    assert ask("wordpress", "/wp-json/wp/v2/posts", {"per_page": 101}).status == 400


def test_stripe_refuses_a_cursor_that_is_no_item_and_lists_the_newest_first() -> None:
    first = read(ask("stripe", "/v1/customers", {"limit": 100}))

    assert [item["created"] for item in first["data"]] == sorted((i["created"] for i in first["data"]), reverse=True)
    assert first["has_more"] is True
    assert ask("stripe", "/v1/customers", {"starting_after": "cus_0"}).status == 400


def test_slack_reports_a_wrong_cursor_with_status_200() -> None:
    assert read(ask("slack", "/api/conversations.list", {"cursor": "no"})) == {"ok": False, "error": "invalid_cursor"}


def test_notion_wants_its_version_and_no_null_for_a_cursor() -> None:
    path, version = "/v1/databases/things/query", {b"notion-version": b"2022-06-28"}

    assert ask("notion", path, body={}).status == 400
    assert ask("notion", path, body={"start_cursor": None}, headers=version).status == 400
    assert read(ask("notion", path, body={}, headers=version))["has_more"] is True


def test_dynamodb_names_a_next_page_on_an_empty_one() -> None:
    target = {b"x-amz-target": b"DynamoDB_20120810.Scan"}
    first = read(ask("dynamodb", "/", body={"Limit": 20}, headers=target))
    second = read(
        ask("dynamodb", "/", body={"Limit": 20, "ExclusiveStartKey": first["LastEvaluatedKey"]}, headers=target)
    )

    assert second["Items"] == []
    assert second["LastEvaluatedKey"]


def test_elasticsearch_gives_ten_hits_and_no_deep_page() -> None:
    path = "/things/_search"

    assert len(read(ask("elasticsearch", path, body={}))["hits"]["hits"]) == 10
    assert ask("elasticsearch", path, body={"from": 9_995}).status == 400
    assert ask("elasticsearch", path, body={"search_after": [3]}).status == 400


def test_a_capped_server_gives_fewer_than_it_was_asked_for() -> None:
    assert len(read(ask("capped", "/things", {"limit": 100}))["items"]) == 25
    assert read(ask("atlassian", "/rest/api/3/field/search", {"maxResults": 100}))["maxResults"] == 25


def test_a_filtered_list_has_an_empty_page_that_is_not_the_last() -> None:
    page = read(ask("filtered", "/rest/api/latest/repos", {"start": 40, "limit": 20}))

    assert (page["values"], page["isLastPage"], page["nextPageStart"]) == ([], False, 60)


def test_events_are_told_for_a_month_at_most() -> None:
    assert ask("date-windows", "/events", {"from": "2025-01-01", "to": "2025-02-02"}).status == 400
    assert ask("date-windows", "/events").status == 400
    assert read(ask("date-windows", "/events", {"from": "2025-01-01", "to": "2025-02-01"}))["events"]


def test_names_without_regard_to_case_do_not_rise_by_code_point() -> None:
    users = [name for _, name in truth("caseless")["items"]]

    assert users != sorted(users)
    assert users == sorted(users, key=str.lower)
