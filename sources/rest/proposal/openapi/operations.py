"""The GET operations of a document: parameters, and the schema of a successful answer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from sources.rest.proposal.openapi.document import Document, list_of

_PLACE: Final = re.compile(r"\{([^{}]+)\}")
_MOST_TEXT: Final = 20_000
_CODE: Final = re.compile(r"`([^`\n]{3,400})`")
"""A query in a description, as Markdown writes it: `q=windows+label:bug&sort=created`."""
_BLANK: Final = re.compile(r"[<>{}\[\]…]|\.\.\.|(?i:^your|^xxx|_here$)")
"""What stands in an example for a value to be filled in."""
_OK: Final = ("200", "2XX", "2xx", "206", "203", "default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    place: str
    """"path" or "query"."""
    required: bool
    schema: Mapping[str, Any]
    text: str
    """Its description."""
    example: Any = None
    """What the document gives as a default or an example; None where it gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A GET request that the document describes."""

    path: str
    summary: str
    parameters: Sequence[Parameter]
    schema: Mapping[str, Any] | None
    """The schema of a successful answer in JSON; None where it has none."""
    media_type: str
    """The media type of that answer; "" where it is not told."""
    headers: frozenset[str]
    """Headers of that answer, in lower case."""
    deprecated: bool
    text: str = ""
    """Its description."""

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(step for step in self.path.split("/") if step)

    @property
    def places(self) -> list[str]:
        """The names of the parameters in its path."""
        return _PLACE.findall(self.path)

    def parameter(self, name: str, place: str = "query") -> Parameter | None:
        return next((one for one in self.parameters if one.name == name and one.place == place), None)

    def query(self) -> list[Parameter]:
        return [one for one in self.parameters if one.place == "query"]


def told_in(text: str, name: str) -> str:
    """Return the value that an example in a description gives to a parameter; "" without one."""
    for code in _CODE.findall(text):
        query = code.rpartition("?")[2]
        if not query.startswith(f"{name}=") and f"&{name}=" not in query:
            continue
        value: str = dict(parse_qsl(query)).get(name, "")
        if value and value.isprintable() and not _BLANK.search(value):
            return value
    return ""


def operations(document: Document) -> Iterator[Operation]:
    """Yield every GET operation in the document's order."""
    for path, item in document.content.get("paths", {}).items():
        found = document.resolve(item)
        get = found.get("get")
        if not isinstance(get, dict) or not isinstance(path, str) or not path.startswith("/"):
            continue
        schema, media_type, headers = _answer(document, get)
        shared = [*list_of(found.get("parameters")), *list_of(get.get("parameters"))]
        yield Operation(
            path=path,
            summary=str(get.get("summary") or get.get("operationId") or "").partition("\n")[0],
            parameters=list({(one.place, one.name): one for one in _parameters(document, shared)}.values()),
            schema=schema,
            media_type=media_type,
            headers=headers,
            deprecated=get.get("deprecated") is True,
            text=str(get.get("description") or "")[:_MOST_TEXT],
        )


def _parameters(document: Document, given: Sequence[Any]) -> Iterator[Parameter]:
    for one in given:
        found = document.resolve(one)
        name = found.get("name")
        if not isinstance(name, str) or found.get("in") not in ("path", "query"):
            continue
        schema = document.resolve(found.get("schema")) if "schema" in found else found
        yield Parameter(
            name=name,
            place=found["in"],
            required=found.get("required") is True,
            schema=schema,
            text=str(found.get("description") or ""),
            example=_example(document, found, schema),
        )


def _example(document: Document, found: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    named = found.get("examples")
    first = document.resolve(next(iter(named.values()), {})).get("value") if isinstance(named, dict) else None
    listed = schema.get("examples")
    given = (
        schema.get("default"), found.get("example"), schema.get("example"), first,
        listed[0] if isinstance(listed, list) and listed else None, found.get("x-example"),
    )  # fmt: skip
    return next((one for one in given if isinstance(one, str | int | float) and one != ""), None)


def _answer(document: Document, get: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str, frozenset[str]]:
    responses = {str(status): answer for status, answer in document.resolve(get.get("responses")).items()}
    status = next((one for one in _OK if one in responses), None)
    if status is None:
        return None, "", frozenset()
    found = document.resolve(responses[status])
    headers = frozenset(str(name).lower() for name in document.resolve(found.get("headers")))
    if document.is_swagger:
        schema = found.get("schema")
        return (schema if isinstance(schema, dict) else None), "", headers
    content = found.get("content")
    kinds = content if isinstance(content, dict) else {}
    plain = "application/json" if "application/json" in kinds else None
    kind = (
        plain or next((one for one in kinds if "json" in str(one).lower()), None) or ("*/*" if "*/*" in kinds else None)
    )
    media = document.resolve(kinds.get(kind)) if kind else {}
    schema = media.get("schema")
    return (schema if isinstance(schema, dict) else None), str(kind or ""), headers
