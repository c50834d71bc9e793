"""Lists asked for by POST: the place in the list stands in the JSON body of the request."""

from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.common.api import Call
from simulator.common.page import Page, json_page
from simulator.shapes.cursors import decode, encode
from simulator.shapes.shape import SIZE, Items, Shape, Truth, refuse

_WINDOW = 10_000
"""Elasticsearch refuses a deeper `from`: index.max_result_window."""


def _body(call: Call) -> dict[str, Any]:
    """Return the request's JSON object; an empty one where there is none."""
    try:
        return msgspec.json.decode(call.body or b"{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _elasticsearch(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    asked = _body(call)
    size, begin, after = int(asked.get("size", 10)), int(asked.get("from", 0)), asked.get("search_after")
    if size + begin > _WINDOW:
        reason = f"Result window is too large, from + size must be less than or equal to: [{_WINDOW}]"
        return refuse(400, {"error": {"type": "illegal_argument_exception", "reason": reason}, "status": 400})
    if after is not None:
        if not asked.get("sort"):
            reason = "Sort must contain at least one field."
            return refuse(400, {"error": {"type": "illegal_argument_exception", "reason": reason}, "status": 400})
        begin = next((at for at, item in enumerate(found) if item["id"] > after[-1]), len(found))
    hits = [
        {"_index": "things", "_id": str(item["id"]), "_source": {"id": item["id"], "name": item["name"]}}
        | ({"sort": [item["id"]]} if asked.get("sort") else {})
        for item in found[begin : begin + size]
    ]
    total = {"value": len(found), "relation": "eq"}
    return json_page({"took": 1, "timed_out": False, "hits": {"total": total, "max_score": None, "hits": hits}})


def _graphql(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    asked = _body(call)
    query, variables = str(asked.get("query", "")), asked.get("variables") or {}
    if "products" not in query or "first" not in query:
        words = "You must provide a `first` or `last` value to properly paginate the `products` connection."
        return json_page({"data": None, "errors": [{"type": "MISSING_PAGINATION_BOUNDARIES", "message": words}]})
    cursor = variables.get("after") or variables.get("cursor") or ""
    at = decode(cursor) if cursor else 0
    if at is None:
        return json_page({"data": None, "errors": [{"message": f"`{cursor}` does not appear to be a valid cursor."}]})
    size = max(1, min(100, int(variables.get("first", SIZE))))
    edges = [
        {"cursor": encode(at + place), "node": {"id": item["id"], "name": item["name"]}}
        for place, item in enumerate(found[at : at + size], 1)
    ]
    info = {"hasNextPage": at + size < len(found), "endCursor": edges[-1]["cursor"] if edges else None}
    return json_page({"data": {"products": {"totalCount": len(found), "edges": edges, "pageInfo": info}}})


def _notion(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    if not call.headers.get(b"notion-version"):
        words = "Notion-Version header failed validation: Notion-Version header should be defined."
        return refuse(400, {"object": "error", "status": 400, "code": "missing_version", "message": words})
    asked = _body(call)
    cursor = asked.get("start_cursor")
    at = decode(cursor) if isinstance(cursor, str) else 0
    if at is None or ("start_cursor" in asked and cursor is None):
        words = "body failed validation: body.start_cursor should be a valid cursor or `undefined`."
        return refuse(400, {"object": "error", "status": 400, "code": "validation_error", "message": words})
    size = max(1, min(100, int(asked.get("page_size", SIZE))))
    results = [
        {
            "object": "page",
            "id": f"{item['id']:032x}",
            "properties": {"Name": {"title": [{"plain_text": item["name"]}]}},
        }
        for item in found[at : at + size]
    ]
    more = at + size < len(found)
    onward = encode(at + size) if more else None
    return json_page({"object": "list", "results": results, "next_cursor": onward, "has_more": more, "type": "page"})


def _pages_of_notion(found: Items) -> Truth:
    return {"items": [(f"{item['id']:032x}", item["name"]) for item in found]}


def _dynamodb(call: Call, _names: Mapping[str, str], found: Items) -> Page:
    """Scan with a filter: `Limit` counts items before the filter, so a page may be empty and not be the last."""
    if call.headers.get(b"x-amz-target") != b"DynamoDB_20120810.Scan":
        return refuse(400, {"__type": "com.amazon.coral.service#UnknownOperationException"})
    asked = _body(call)
    key, size = asked.get("ExclusiveStartKey"), max(1, int(asked.get("Limit", SIZE)))
    after = int(key["id"]["N"]) if key else -1
    rest = [item for item in found if item["id"] > after]
    here = [item for item in rest[:size] if item in _matching(found)]
    answer: dict[str, Any] = {
        "Items": [{"id": {"N": str(item["id"])}, "name": {"S": item["name"]}} for item in here],
        "Count": len(here),
        "ScannedCount": len(rest[:size]),
    }
    if len(rest) > size:
        answer["LastEvaluatedKey"] = {"id": {"N": str(rest[size - 1]["id"])}}
    return Page(200, msgspec.json.encode(answer), kind=b"application/x-amz-json-1.0")


def _matching(found: Items) -> Items:
    """Return what the filter leaves: nothing on the second and third page."""
    return [item for at, item in enumerate(found) if not SIZE <= at < 3 * SIZE and at % 3]


def _matched(found: Items) -> Truth:
    return {"items": [(str(item["id"]), item["name"]) for item in _matching(found)]}


SHAPES = (
    Shape(
        name="elasticsearch",
        like="a search of Elasticsearch: search_after with the sort values of the last hit, 10 hits by default "
        "(elastic.co/docs/reference/elasticsearch/rest-apis/paginate-search-results)",
        routes={"/things/_search": _elasticsearch},
        posts=True,
    ),
    Shape(
        name="graphql",
        like="a connection of GraphQL: edges and pageInfo, the cursor in a variable "
        "(relay.dev/graphql/connections.htm)",
        routes={"/graphql": _graphql},
        posts=True,
    ),
    Shape(
        name="notion",
        like="a database query of Notion: next_cursor goes into start_cursor of the body, which must not be null; "
        "Notion-Version is required (developers.notion.com/reference/intro#pagination)",
        routes={"/v1/databases/things/query": _notion},
        truth=_pages_of_notion,
        posts=True,
    ),
    Shape(
        name="dynamodb",
        like="a scan of DynamoDB: an object as cursor, empty pages that are not the last "
        "(docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html)",
        routes={"/": _dynamodb},
        truth=_matched,
        posts=True,
    ),
)
