"""Answers by an OpenAPI document: what its schemas describe, two items a list, and an end after the first page.

It reads the document with code of its own, so that a mistake of ours is not made twice.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.api_server import Answer, Asked

_ITEMS = 2
_DEEPEST = 7


class Described:
    """The answers of one document."""

    def __init__(self, document: Mapping[str, Any], prefix: str = "") -> None:
        self._document = document
        self._routes = [
            (re.compile(prefix + re.sub(r"\\\{[^{}]+\\\}", "([^/]+)", re.escape(path)) + r"\Z"), path, item["get"])
            for path, item in document["paths"].items()
            if "get" in item
        ]
        self._routes.sort(key=lambda route: route[1].count("{"))

    def answer(self, asked: Asked) -> Answer:
        """Answer a request; 400 for one that the document does not allow."""
        for pattern, path, get in self._routes:
            match = pattern.fullmatch(asked.path)
            if match:
                return self._get(path, get, match.groups(), asked)
        return Answer(status=404, body={"message": "no such path"})

    def lists(self) -> Iterator[str]:
        """Yield the paths of the lists: an array, or an object with an array of objects.

        What is deprecated, and a path with a wildcard of some framework ("*name"), nobody would harvest.
        """
        for _, path, get in self._routes:
            schema = self._schema(get)
            if schema is None or get.get("deprecated") or "*" in path:
                continue
            sample = self.make(schema, 1)
            if isinstance(sample, list) or (isinstance(sample, dict) and _has_list(sample)):
                yield path

    def path_of(self, asked: Asked) -> str:
        """Return the path of the document that a request was for; "" for none."""
        return next((path for pattern, path, _ in self._routes if pattern.fullmatch(asked.path)), "")

    def make(self, schema: Any, number: int, depth: int = 0) -> Any:
        """Make a value that a schema describes; `number` tells items apart."""
        schema = self._resolved(schema)
        if schema.get("enum"):
            return schema["enum"][0]
        for part in ("oneOf", "anyOf"):
            if part in schema:
                kinds = [one for one in schema[part] if self._resolved(one).get("type") != "null"]
                return self.make(kinds[0], number, depth) if kinds else None
        if "allOf" in schema:
            parts = [self.make(one, number, depth) for one in schema["allOf"]]
            objects = [part for part in parts if isinstance(part, dict)]
            return {key: value for part in objects for key, value in part.items()} if objects else parts[0]
        kind = schema.get("type")
        kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
        if kind == "array" or "items" in schema:
            return (
                [self.make(schema.get("items", {}), each, depth + 1) for each in range(1, _ITEMS + 1)]
                if depth < _DEEPEST
                else []
            )
        if kind == "object" or "properties" in schema:
            members = schema.get("properties", {}) if depth < _DEEPEST else {}
            return {name: self._member(name, one, number, depth + 1) for name, one in members.items()}
        return _scalar(str(kind), schema, number)

    def _member(self, name: str, schema: Any, number: int, depth: int) -> Any:
        value = self.make(schema, number, depth)
        if name == "id" and isinstance(value, str):
            return str(number)  # documents call an id a text here and a number there
        if name in {"last_visible_page", "last_page", "total_pages"}:
            return 1
        return False if name in {"has_next_page", "has_more"} else value

    def _get(self, path: str, get: Mapping[str, Any], given: tuple[str, ...], asked: Asked) -> Answer:
        found = dict(zip(re.findall(r"\{([^{}]+)\}", path), given, strict=True))
        shared = self._document["paths"][path].get("parameters", [])
        for one in map(self._resolved, [*shared, *get.get("parameters", [])]):
            kind = self._resolved(one.get("schema", one)).get("type")
            value = found.get(one["name"]) if one.get("in") == "path" else asked.query.get(one["name"])
            if value is None and one.get("required") and one.get("in") == "query":
                return Answer(status=400, body={"message": f"{one['name']} is missing"})
            if value is not None and kind == "integer" and not value.lstrip("-").isdigit():
                return Answer(status=400, body={"message": f"{one['name']} is no number"})
        kinds = self._kinds(get)
        accepted = asked.headers.get("accept", "*/*")
        if kinds and "*/*" not in accepted and not any(kind in accepted for kind in kinds):
            return Answer(status=406, body={"message": f"only {', '.join(kinds)}"})
        schema = self._schema(get)
        if schema is None:
            return Answer(status=200, body=b"binary", headers={"Content-Type": "application/octet-stream"})
        body = self.make(schema, 1)
        later = any(asked.query.get(name, "1") not in {"1", "0"} for name in ("page", "pageNumber"))
        later = later or "cursor" in asked.query or asked.query.get("offset", "0") != "0"
        return Answer(body=_emptied(body) if later else body)

    def _kinds(self, get: Mapping[str, Any]) -> list[str]:
        answers = {str(status): one for status, one in get["responses"].items()}
        answer = self._resolved(answers.get("200") or answers.get("2XX") or {})
        return list(answer.get("content", {}))

    def _schema(self, get: Mapping[str, Any]) -> Any:
        responses = {str(status): one for status, one in get["responses"].items()}
        answer = self._resolved(responses.get("200") or responses.get("2XX") or responses.get("default") or {})
        if "swagger" in self._document:
            return answer.get("schema")
        kinds = answer.get("content", {})
        return next((one.get("schema") for kind, one in kinds.items() if "json" in kind), None)

    def _resolved(self, value: Any) -> Any:
        for _ in range(20):  # a longer chain is a circle
            if not isinstance(value, dict) or "$ref" not in value:
                break
            found: Any = self._document
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            value = found
        return value if isinstance(value, dict) else {}


def _has_list(value: Mapping[str, Any]) -> bool:
    if any(isinstance(each, list) and each and isinstance(each[0], dict) for each in value.values()):
        return "id" not in value
    data = value.get("data")
    return isinstance(data, list) or (isinstance(data, dict) and "mal_id" not in data and _has_list(data))


def _emptied(body: Any) -> Any:
    if isinstance(body, list):
        return []
    if isinstance(body, dict) and (_has_list(body) or any(isinstance(each, list) for each in list(body.values())[:1])):
        return {name: _without_items(each) for name, each in body.items()} | {"next_cursor": None}
    return []  # a list that its document describes as one of its items


def _without_items(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_items(each) for name, each in value.items()}
    return [] if isinstance(value, list) else value


def _scalar(kind: str, schema: Mapping[str, Any], number: int) -> Any:
    match kind:
        case "integer":
            return number
        case "number":
            return number + 0.5
        case "boolean":
            return True
    match schema.get("format"):
        case "date-time":
            return "2024-05-06T07:08:09Z"
        case "uri" | "url":
            return f"https://example.org/{number}"
    example = schema.get("example")
    return f"{example}-{number}" if isinstance(example, str) else f"x{number}"
