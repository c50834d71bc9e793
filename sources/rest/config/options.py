"""The configuration of a REST API: its address, pace, authentication and endpoints."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.model.capabilities import Question
from sources.common.links import BaseUrl
from sources.rest.config import access, bodies, endpoint, limits
from sources.rest.config.access import Access
from sources.rest.config.endpoint import Endpoint
from sources.rest.config.limits import Resource
from sources.rest.config.types import HeaderName, HeaderValue, Many, Name, ParamValue, Word
from sources.rest.templates import places, stray_brace

QUESTIONS: Final = (
    Question(
        key="base_url", ask="address", help="scheme, host and path prefix of the API, as in https://api.example.org/v1"
    ),
    Question(key="endpoints.items.path", ask="list", help="the path of a list below that address, as in /articles"),
    Question(
        key="requests_per_second", ask="pace", help="requests a second, at most", unset="as the answers' headers say"
    ),
)


class RestOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of a `[sources.NAME]` table with `kind = "rest"`."""

    base_url: BaseUrl
    endpoints: Annotated[dict[Name, Endpoint], Meta(min_length=1)]
    auth: Access | None = None
    limit_headers: dict[Literal["limit", "remaining", "reset"], HeaderName] = {}
    """The API's own names of the rate-limit headers; standard names need no entry."""
    headers: dict[HeaderName, HeaderValue] = {}
    params: dict[Word, ParamValue] = {}
    terms: str = ""
    requests_per_second: Many | None = None
    requests_per_minute: Many | None = None
    requests_per_hour: Many | None = None
    min_interval: Annotated[float, Meta(gt=0, le=3600, description="seconds between two requests")] | None = None
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 4
    resources: dict[Name, Resource] = {}
    """Limits that the API has for some paths, by name. An endpoint names the one it draws on."""

    def __post_init__(self) -> None:
        """Refuse a configuration that contradicts itself.

        Raises:
            ValueError: its message names the key, the value and what would be right.
        """
        for problem in _problems(self):
            raise ValueError(problem)


def _no_template(at: str, value: ParamValue) -> Iterator[str]:
    """Refuse values of items in what every request of the source sends."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, str) and (places(each) or stray_brace(each)):
            way_out = "want it in the params of an endpoint, or {{ and }} for braces"
            yield f'{at}: "{each}" stands for a value of an item, and every request has it; {way_out}'


# Rules beyond the types of the keys. Each message names the key, the value and the way out.


def _problems(options: RestOptions) -> Iterator[str]:
    """Yield every contradiction in a configuration."""
    yield from bodies.header_problems("headers", options.headers)
    for name, value in options.params.items():
        yield from _no_template(f"params.{name}", value)
    if options.auth:
        yield from access.problems(options.auth, options.params)
    named = {name: one.resource for name, one in options.endpoints.items()}
    yield from limits.problems(options.resources, named)
    for name, one in options.endpoints.items():
        yield from endpoint.problems(name, one, options.endpoints)
