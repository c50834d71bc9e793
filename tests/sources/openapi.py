"""Requests of a source against an API's own OpenAPI file, by a validator that is none of ours."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.model.source import Request


class Described:
    """What one file describes. `content` is OpenAPI 3 as it was read; its servers become `host` alone."""

    def __init__(self, content: Mapping[str, Any], host: str) -> None:
        core = pytest.importorskip("openapi_core", reason="openapi-core is not installed")
        self._host = host
        # Whether the file itself is faultless is not the question; the published ones are not.
        config = core.Config(spec_validator_cls=None)
        self._api = core.OpenAPI.from_dict({**content, "servers": [{"url": host}]}, config=config)

    def check(self, request: Request, base: str = "") -> None:
        """Raise what the validator raises where a request is none that the file describes.

        `base` is taken off the front of an absolute address.
        """
        self._api.validate_request(_Asked(request, self._host, base))

    def refuses(self, request: Request) -> bool:
        """Say whether a request is found out."""
        errors = pytest.importorskip("openapi_core.exceptions")
        try:
            self.check(request)
        except errors.OpenAPIError:
            return True
        return False


class _Asked:
    """A request as the validator wants to see it."""

    def __init__(self, request: Request, host: str, base: str) -> None:
        datatypes = pytest.importorskip("openapi_core.datatypes")
        multidict = pytest.importorskip("werkzeug.datastructures")
        parts = urlsplit(request.url.removeprefix(base))
        pairs = [pair.partition("=")[::2] for pair in parts.query.split("&") if pair]
        query = multidict.ImmutableMultiDict([*pairs, *((name, str(value)) for name, value in request.params.items())])
        self.host_url, self.path, self.method = host, parts.path, request.method.lower()
        self.full_url_pattern = f"{host}{parts.path}"
        self.content_type, self.body = "", None
        self.parameters = datatypes.RequestParameters(query=query)


def from_swagger(content: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Turn the reading half of a Swagger 2.0 file into OpenAPI 3: paths below `prefix` without it, only their GET."""
    paths = {
        path.removeprefix(prefix): {"get": {"parameters": _parameters(item["get"]), "responses": {}}}
        for path, item in content["paths"].items()
        if path.startswith(prefix) and "get" in item
    }
    return {"openapi": "3.0.0", "info": content["info"], "paths": paths}


def _parameters(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept = ("type", "format", "enum", "items", "minimum", "maximum")
    return [
        {
            **{name: one[name] for name in ("in", "name", "required") if name in one},
            "schema": {name: one[name] for name in kept if name in one},
        }
        for one in operation.get("parameters", [])
    ]
