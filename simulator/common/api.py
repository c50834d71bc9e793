"""An API of the simulator: a name, routes, and its own responses to refusals and errors."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable
from urllib.parse import parse_qsl

from simulator.common.limits import Quota, Refusal
from simulator.common.page import Header, Page

Clock = Callable[[], float]
"""Returns the server's time in epoch seconds."""
_NAME = re.compile(r"\\\{(\\\+)?(\w+)\\\}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as an API sees it."""

    path: str
    """Below the API's prefix ("/repos/o/r/pulls")."""
    query: str
    base: str
    """The API's address as the client wrote it: "http://127.0.0.1:8000/github"."""
    headers: Mapping[bytes, bytes]
    method: str = "GET"
    body: bytes = b""
    endless: bool = False
    """Whether to pretend that there is always one more page."""
    quota: Quota | None = None
    """The state of the client's budget."""

    def parameters(self) -> dict[str, str]:
        """Decode the query; the last of repeated names counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


Handler = Callable[[Call, Mapping[str, str]], Page]
"""Renders a page from a call and the values in its path."""


class Route(NamedTuple):
    """A path template ("/repos/{owner}/{repo}/pulls") and its handler."""

    template: str
    handler: Handler


class Api(Protocol):
    """The interface of every look-alike. All methods are quick and do no I/O."""

    name: str
    routes: Sequence[Route]
    conditional: bool
    """Whether responses carry an ETag and If-None-Match is honoured."""

    def guard(self, call: Call) -> Page | None:
        """Reject a call before its handler: no user agent, a wrong token."""

    def credential(self, call: Call) -> str:
        """Return whose budget a call draws on; "" for a client without a credential."""

    def cost(self, route: str) -> float:
        """Return how much of the primary budget a request to a route takes."""

    def missing(self, call: Call) -> Page:
        """Respond to a path or method that has no route."""

    def refuse(self, call: Call, refusal: Refusal) -> Page:
        """Respond to an exceeded limit."""

    def broken(self) -> Page:
        """Respond with the API's 500."""

    def headers(self, call: Call, quota: Quota | None) -> list[Header]:
        """Return the headers of every response."""


@runtime_checkable
class Backstage(Protocol):
    """An optional part of an API beside its routes, for responses that take time, such as git."""

    async def backstage(self, call: Call) -> Page | None:
        """Respond to a call that is outside the API; None for the API's own calls."""


class Router:
    """Finds the route of a path."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(_pattern(route.template), route) for route in routes]

    def find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """Match a path; the first matching route wins."""
        for pattern, route in self._routes:
            if match := pattern.fullmatch(path):
                return route, match.groupdict()
        return None


def _pattern(template: str) -> re.Pattern[str]:
    """Compile a template: `{name}` matches one path segment, `{+name}` several."""
    return re.compile(_NAME.sub(lambda name: f"(?P<{name[2]}>{'.+' if name[1] else '[^/]+'})", re.escape(template)))
