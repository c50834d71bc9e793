"""GraphQL at GitHub: where requests go, and how a response's errors are read.

A GraphQL error comes with status 200. Data and errors may come together: then the data counts and the errors go into
the note. https://docs.github.com/en/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Request, Response
from sources.common.json_values import Row, at, part, row, text
from sources.github.lists import WalkStep, context_of, walk_of

RESOURCE: Final = "graphql"
ABSENT: Final = frozenset({"NOT_FOUND", "FORBIDDEN"})
_HEAVY_TYPES: Final = frozenset({"MAX_NODE_LIMIT_EXCEEDED", "RESOURCE_LIMITS_EXCEEDED", "TIMEOUT"})
_HEAVY_WORDS: Final = "may be the result of a timeout"
_HEAVY_STATUSES: Final = frozenset({502, 504})
"""GitHub ends a query that runs longer than ten seconds with one of these."""


@dataclass(frozen=True, slots=True)
class GraphQLError:
    """One error of a response."""

    kind: str
    message: str

    def __str__(self) -> str:
        """Format the error for the log."""
        return f"{self.kind or 'error'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response. `data` is the object under that name, {} where there is none."""

    data: Row
    errors: tuple[GraphQLError, ...]

    @property
    def absent(self) -> bool:
        """Say whether every error means that something is missing or not visible to this token."""
        return bool(self.errors) and all(error.kind in ABSENT for error in self.errors)

    @property
    def heavy(self) -> bool:
        """Say whether an error means that the query was too large."""
        return any(error.kind in _HEAVY_TYPES or _HEAVY_WORDS in error.message for error in self.errors)

    def note(self) -> str:
        """Return the errors as one line: the first, and how many more there are."""
        if not self.errors:
            return ""
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        return f"GraphQL says {self.errors[0]}{more}"


def read(response: Response) -> Answer:
    """Parse a response with status 200.

    Raises:
        BadBody: it is no GraphQL response.
    """
    answer = row(response.json(msgspec.Raw), response.url)
    errors = at(answer.value, "errors")
    listed = errors if isinstance(errors, list) else []
    if not isinstance(at(answer.value, "data"), dict) and not listed:
        raise BadBody(f"{response.url}: neither data nor errors")
    parsed = tuple(GraphQLError(text(each, "type") or "", (text(each, "message") or "")[:200]) for each in listed)
    return Answer(dig(answer, "data"), parsed)


def dig(row: Row, *path: str) -> Row:
    """Descend a path of member names, with bytes and value together; {} where the path ends early."""
    raw, value = row.raw, row.value
    for name in path:
        value = at(value, name)
        if not isinstance(value, dict):
            return Row(b"{}", {})
        raw = part(raw, name)
    return Row(raw, value)


def ask(
    base_url: str,
    *,
    key: str,
    query: str,
    variables: Mapping[str, Any],
    step: WalkStep,
    cost: float = 1.0,
    page: int | None = None,
) -> Request:
    """Make a GraphQL request; `page` is set where it asks for one page of a list."""
    walk, part = walk_of(step)
    return Request(
        key=key,
        url=address(base_url),
        method="POST",
        json={"query": query, "variables": dict(variables)},
        resource=RESOURCE,
        cost=cost,
        route=f"/graphql {step.kind}",
        context=context_of(step),
        priority=1,
        page=page,
        walk=walk,
        part=part,
    )


def address(base_url: str) -> str:
    """Return the address of GraphQL. An Enterprise host has it at /api/graphql, beside /api/v3."""
    return f"{base_url.removesuffix('/v3')}/graphql" if is_enterprise(base_url) else "/graphql"


def is_enterprise(base_url: str) -> bool:
    """Say whether a host is a GitHub Enterprise Server."""
    return base_url.endswith("/api/v3")


def points(response: Response) -> float | None:
    """Return the points a query cost, from its own `rateLimit { cost }`; None where it is missing."""
    try:
        answer = response.json(_Priced)
    except BadBody:
        return None
    return answer.data.rateLimit.cost if answer.data and answer.data.rateLimit else None


def accepts(response: Response, *, divisible: bool) -> bool:
    """Accept a missing GraphQL or token as a response, and a timeout where the query can be made smaller."""
    if response.status == 401:
        return b"bad credentials" not in response.body[:10_000].lower()
    return response.status == 404 or (divisible and response.status in _HEAVY_STATUSES)


def too_heavy(response: Response) -> bool:
    """Say whether a status means that the query took too long."""
    return response.status in _HEAVY_STATUSES


def unavailable(response: Response) -> str:
    """Return why there is no GraphQL, and the way out."""
    if response.status == 401:
        return "GraphQL answers only with a token: set one, or graphql = false"
    return "this host has no GraphQL: set graphql = false"


class _RateLimit(msgspec.Struct, frozen=True):
    cost: Annotated[float, msgspec.Meta(ge=0, le=10_000)]


class _Data(msgspec.Struct, frozen=True):
    rateLimit: _RateLimit | None = None  # noqa: N815 - GitHub's name


class _Priced(msgspec.Struct, frozen=True):
    data: _Data | None = None
