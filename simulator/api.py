"""What an API of the simulator is: a name, routes, and its own words for what a client must be told."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable
from urllib.parse import parse_qsl

from simulator.limits import Quota, Refusal
from simulator.page import Header, Page

Clock = Callable[[], float]
"""Gives the server's time in seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as an API sees it."""

    path: str
    """Below the API's prefix ("/repos/o/r/pulls")."""
    query: str
    base: str
    """The address of the API as the client wrote it: "http://127.0.0.1:8000/github"."""
    headers: Mapping[bytes, bytes]
    method: str = "GET"
    body: bytes = b""
    endless: bool = False
    """Whether to pretend that there is always one more page."""
    quota: Quota | None = None
    """Where the client's budget stands."""

    def parameters(self) -> dict[str, str]:
        """Decode the query; of repeated names the last one counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


Handler = Callable[[Call, Mapping[str, str]], Page]
"""Renders a page from a call and what its path names."""


class Route(NamedTuple):
    """A path template ("/repos/{owner}/{repo}/pulls") and who answers it."""

    template: str
    handler: Handler


class Api(Protocol):
    """The interface every look-alike implements. All of it is quick and does no I/O."""

    name: str
    routes: Sequence[Route]
    conditional: bool
    """Whether answers carry an ETag and If-None-Match is honoured."""

    def guard(self, call: Call) -> Page | None:
        """Turn away what never reaches a handler: no user agent, a wrong token."""

    def credential(self, call: Call) -> str:
        """Name whose budget a call draws on; "" for a client without a credential."""

    def cost(self, route: str) -> float:
        """Say how much of the primary budget a request to a route takes."""

    def missing(self, call: Call) -> Page:
        """Answer a path or method that nothing serves."""

    def refuse(self, call: Call, refusal: Refusal) -> Page:
        """Say that a limit was exceeded."""

    def broken(self) -> Page:
        """Say that the server failed: a 500."""

    def headers(self, call: Call, quota: Quota | None) -> list[Header]:
        """List the headers every answer has."""


@runtime_checkable
class Backstage(Protocol):
    """What an API may have beside its routes: something that takes its time, such as git."""

    async def backstage(self, call: Call) -> Page | None:
        """Answer a call that is none of the API's own; None where it is one of those."""


_NAME = re.compile(r"\\\{(\\\+)?(\w+)\\\}")


class Router:
    """Finds the route of a path."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(_pattern(route.template), route) for route in routes]

    def find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """Match a path: the first route wins."""
        for pattern, route in self._routes:
            if match := pattern.fullmatch(path):
                return route, match.groupdict()
        return None


def _pattern(template: str) -> re.Pattern[str]:
    """Turn a template into a pattern: `{name}` is one part of a path, `{+name}` may be several."""
    return re.compile(_NAME.sub(lambda name: f"(?P<{name[2]}>{'.+' if name[1] else '[^/]+'})", re.escape(template)))
