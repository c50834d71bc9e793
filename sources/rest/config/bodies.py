"""The keys `method`, `json`, `form` and `headers` of an endpoint: what its requests send."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

_SECRETS: Final = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "private-token"})


_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})
"""Headers that say where a request ends. Only what sends it knows."""


def problems(at: str, *, method: str | None, json: Any, form: Any) -> Iterator[str]:
    """Yield what contradicts itself."""
    if json is not None and form is not None:
        yield f"{at}.form: a request has one body, and there is json too; leave one out"
    if form is not None and method == "GET":
        yield f'{at}.method: "GET" sends no form; leave it out, or write the form as params'


def header_problems(at: str, headers: Iterable[str]) -> Iterator[str]:
    """Yield the headers that would put a secret into a configuration."""
    for name in headers:
        if name.lower() in _SECRETS:
            yield f"{at}.{name}: a secret never stands in a configuration; describe it under auth"
        elif name.lower() in _FRAMING:
            yield f"{at}.{name}: each request gets a right one as it is sent; leave it out"
