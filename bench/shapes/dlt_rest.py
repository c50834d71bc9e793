"""One shape by dlt's rest_api, in dlt's own environment: `PYTHON dlt_rest.py NAME ADDRESS FOLDER [auto]`.

`auto`, which leaves the paging to dlt, is for a call by hand.

It imports nothing of ours. Each resource is written as dlt's documentation would write it
(dlthub.com/docs/dlt-ecosystem/verified-sources/rest_api). Where dlt has no words for a shape, it says so.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any

RESOURCES: Mapping[str, tuple[str, dict[str, Any]]] = {
    # what follows the server's address, and the endpoint
    "wordpress": (
        "/wp-json/wp/v2",
        {"path": "posts", "params": {"per_page": 20}, "paginator": {"type": "header_link"}},
    ),
    "wordpress-pages": (
        "/wp-json/wp/v2",
        {
            "path": "posts",
            "params": {"per_page": 20},
            "paginator": {"type": "page_number", "base_page": 1, "total_path": None},
            "response_actions": [{"status_code": 400, "content": "invalid_page_number", "action": "ignore"}],
        },
    ),
    "spring": (
        "",
        {
            "path": "people",
            "params": {"size": 20},
            "data_selector": "content",
            "paginator": {"type": "page_number", "base_page": 0, "total_path": "totalPages"},
        },
    ),
    "github-links": (
        "",
        {"path": "repos/o/r/labels", "params": {"per_page": 20}, "paginator": {"type": "header_link"}},
    ),
    "x-total-count": (
        "",
        {
            "path": "posts",
            "params": {"per_page": 20},
            "paginator": {"type": "page_number", "base_page": 1, "total_path": None},
        },
    ),
    "exact-multiple": (
        "",
        {
            "path": "entries",
            "params": {"per_page": 20},
            "paginator": {"type": "page_number", "base_page": 1, "total_path": None},
        },
    ),
    "total-too-low": (
        "",
        {
            "path": "things",
            "params": {"per_page": 20},
            "data_selector": "items",
            "paginator": {"type": "page_number", "base_page": 1, "total_path": None, "has_more_path": "has_more"},
        },
    ),
    "total-too-high": (
        "",
        {"path": "things", "data_selector": "results", "paginator": {"type": "json_link", "next_url_path": "next"}},
    ),
    "pokeapi": (
        "/api/v2",
        {
            "path": "pokemon",
            "params": {"limit": 20},
            "data_selector": "results",
            "paginator": {"type": "json_link", "next_url_path": "next"},
        },
    ),
    "atlassian": (
        "/rest/api/3",
        {
            "path": "field/search",
            "data_selector": "values",
            "paginator": {
                "type": "offset",
                "limit": 20,
                "offset_param": "startAt",
                "limit_param": "maxResults",
                "total_path": "total",
            },
        },
    ),
    "atlassian-capped": (
        "/rest/api/3",
        {
            "path": "field/search",
            "data_selector": "values",
            "paginator": {
                "type": "offset",
                "limit": 100,
                "offset_param": "startAt",
                "limit_param": "maxResults",
                "total_path": "total",
            },
        },
    ),
    "capped": (
        "",
        {
            "path": "things",
            "data_selector": "items",
            "paginator": {"type": "offset", "limit": 100, "limit_param": "limit", "total_path": None},
        },
    ),
    "filtered": (
        "/rest/api/latest",
        {
            "path": "repos",
            "params": {"limit": 20},
            "data_selector": "values",
            "paginator": {"type": "cursor", "cursor_path": "nextPageStart", "cursor_param": "start"},
        },
    ),
    # json_link would follow `_links.next` to the host, where there is nothing, and an empty page is not the end.
    # What is left is to go on far enough.
    "confluence": (
        "/wiki",
        {
            "path": "rest/api/content",
            "data_selector": "results",
            "paginator": {
                "type": "offset",
                "limit": 20,
                "offset_param": "start",
                "total_path": None,
                "maximum_offset": 1000,
                "stop_after_empty_page": False,
            },
        },
    ),
    "filtered-total": (
        "",
        {
            "path": "documents",
            "data_selector": "results",
            "paginator": {"type": "offset", "limit": 20, "total_path": "total", "stop_after_empty_page": False},
        },
    ),
    # The docs leave starting_after to a paginator of one's own: a cursor path may name the last item by JSONPath.
    "stripe": (
        "/v1",
        {
            "path": "customers",
            "params": {"limit": 20},
            "data_selector": "data",
            "paginator": {
                "type": "cursor",
                "cursor_path": "data[-1].id",
                "cursor_param": "starting_after",
                "has_more_path": "has_more",
            },
        },
    ),
    "slack": (
        "/api",
        {
            "path": "conversations.list",
            "params": {"limit": 20},
            "data_selector": "channels",
            "paginator": {"type": "cursor", "cursor_path": "response_metadata.next_cursor", "cursor_param": "cursor"},
        },
    ),
    "odata": (
        "/v4",
        {
            "path": "Products",
            "data_selector": "value",
            "paginator": {"type": "json_link", "next_url_path": "'@odata.nextLink'"},
        },
    ),
    "json-api": (
        "",
        {
            "path": "articles",
            "params": {"page[size]": 20},
            "data_selector": "data",
            "paginator": {"type": "json_link", "next_url_path": "links.next"},
        },
    ),
    "airtable": (
        "/v0",
        {
            "path": "appBase/Table",
            "params": {"pageSize": 20},
            "data_selector": "records",
            "paginator": {"type": "cursor", "cursor_path": "offset", "cursor_param": "offset"},
        },
    ),
    "azure": (
        "/org/project/_apis",
        {
            "path": "build/builds",
            "params": {"$top": 20, "api-version": "7.1"},
            "data_selector": "value",
            "paginator": {
                "type": "header_cursor",
                "cursor_key": "x-ms-continuationtoken",
                "cursor_param": "continuationToken",
            },
        },
    ),
    "caseless": (
        "",
        {
            "path": "users",
            "data_selector": "users",
            "paginator": {
                "type": "cursor",
                "cursor_path": "users[-1].name",
                "cursor_param": "after",
                "has_more_path": "has_more",
            },
        },
    ),
    "elasticsearch": (
        "/things",
        {
            "path": "_search",
            "method": "POST",
            "json": {"size": 20, "sort": [{"id": "asc"}], "query": {"match_all": {}}},
            "data_selector": "hits.hits",
            "paginator": {"type": "cursor", "cursor_path": "hits.hits[-1].sort", "cursor_body_path": "search_after"},
        },
    ),
    "graphql": (
        "",
        {
            "path": "graphql",
            "method": "POST",
            "json": {
                # Braces are doubled, because it fills in templates.
                "query": "query ($first: Int!, $after: String) {{ products(first: $first, after: $after) "
                "{{ totalCount edges {{ cursor node {{ id name }} }} pageInfo {{ hasNextPage endCursor }} }} }}",
                "variables": {"first": 20},
            },
            "data_selector": "data.products.edges",
            "paginator": {
                "type": "cursor",
                "cursor_path": "data.products.pageInfo.endCursor",
                "cursor_body_path": "variables.after",
                "has_more_path": "data.products.pageInfo.hasNextPage",
            },
        },
    ),
    "notion": (
        "/v1",
        {
            "path": "databases/things/query",
            "method": "POST",
            "headers": {"Notion-Version": "2022-06-28"},
            "json": {"page_size": 20},
            "data_selector": "results",
            "paginator": {"type": "cursor", "cursor_path": "next_cursor", "cursor_body_path": "start_cursor"},
        },
    ),
    "dynamodb": (
        "",
        {
            "path": "",
            "method": "POST",
            "headers": {"X-Amz-Target": "DynamoDB_20120810.Scan"},
            "json": {"TableName": "things", "Limit": 20},
            "data_selector": "Items",
            "paginator": {"type": "cursor", "cursor_path": "LastEvaluatedKey", "cursor_body_path": "ExclusiveStartKey"},
        },
    ),
    # A map of rates arrives as one row; its keys become rows by a step of processing, as the docs show.
    "rates": ("/v1", {"path": "latest", "data_selector": "$", "paginator": "single_page"}),
}
NO_WORDS: Mapping[str, str] = {
    "cosmos": "its header_cursor puts a cursor into a parameter only",
    "csv": "it reads JSON only",
    "jsonl": "it reads JSON only",
    "date-windows": "no windows of time; a loop in Python around it",
}
_STEPS: Mapping[str, list[dict[str, Any]]] = {
    "rates": [{"yield_map": lambda day: ({"currency": key, "rate": value} for key, value in day["rates"].items())}],
}


def config(name: str, address: str, *, auto: bool) -> dict[str, Any]:
    """Return the configuration of a rest_api source."""
    if name == "hackernews":
        return {"client": {"base_url": f"{address}/v0/"}, "resources": _hackernews()}
    prefix, endpoint = RESOURCES[name]
    if auto:
        endpoint = {key: value for key, value in endpoint.items() if key not in {"paginator", "data_selector"}}
    resource: dict[str, Any] = {"name": "items", "endpoint": endpoint}
    if name in _STEPS:
        resource["processing_steps"] = _STEPS[name]
    return {"client": {"base_url": f"{address}{prefix}/"}, "resources": [resource]}


def _hackernews() -> list[dict[str, Any]]:
    """Return ids, made objects by a step, and the item of each; null is left out by a filter."""
    ids = {
        "name": "ids",
        "endpoint": {"path": "newstories.json", "data_selector": "$", "paginator": "single_page"},
        "processing_steps": [{"map": lambda number: {"id": number}}],
    }
    item = {
        "name": "items",
        "endpoint": {"path": "item/{resources.ids.id}.json", "data_selector": "$", "paginator": "single_page"},
        "processing_steps": [{"filter": lambda found: found is not None}],
    }
    return [ids, item]


def main(name: str, address: str, folder: str, *, auto: bool) -> dict[str, Any]:
    """Load a shape into DuckDB, as dlt's documentation does, and count its rows."""
    if name in NO_WORDS:
        return {"rows": None, "says": NO_WORDS[name]}
    dlt = importlib.import_module("dlt")
    rest_api = importlib.import_module("dlt.sources.rest_api")
    pipeline = dlt.pipeline("shape", destination="duckdb", dataset_name="shapes", pipelines_dir=folder)
    says = ""
    try:
        pipeline.run(rest_api.rest_api_source(config(name, address, auto=auto)))
    except Exception as error:  # noqa: BLE001 - whatever stops it is its result
        says = str(error).strip().splitlines()[-1][:200]
    try:
        with pipeline.sql_client() as client:
            rows = client.execute_sql("select count(*) from items")[0][0]
    except Exception:  # noqa: BLE001 - nothing was loaded, so there is no table
        rows = 0
    return {"rows": rows, "says": says}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3], auto="auto" in sys.argv[4:])))
