"""The configuration of one REST API, whole."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.question import Question
from sources.common.links import BaseUrl
from sources.rest.config import Access, Endpoint, HeaderName, Many, Name, Scalar, Word
from sources.rest_check import problems

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
    """What the API calls the headers that tell its limit; the usual names need no mention."""
    headers: dict[HeaderName, str] = {}
    params: dict[Word, Scalar] = {}
    terms: str = ""
    requests_per_second: Many | None = None
    requests_per_minute: Many | None = None
    requests_per_hour: Many | None = None
    min_interval: Annotated[float, Meta(gt=0, le=3600, description="seconds between two requests")] | None = None
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 4

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: naming the key, the value and what would be right.
        """
        for problem in problems(self.endpoints, self.auth, self.headers, self.params):
            raise ValueError(problem)
