"""The head of an answer as it may be kept and shown: control characters visible, secrets hidden, 4 KB at most. Pure.

What a header holds is shown only where it is known to hold no secret; of every other one the name alone is kept.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from engine.common.text import clean
from engine.model.source import Response

MOST: Final = 4_096
"""Bytes kept, as UTF-8."""
HIDDEN: Final = "<hidden>"
_VALUE: Final = 300
_NAME: Final = 80
_LINES: Final = 100
_SHOWN: Final = frozenset({
    "accept-ranges", "age", "allow", "alt-svc", "cache-control", "cf-cache-status", "cf-ray", "connection",
    "content-disposition", "content-encoding", "content-language", "content-length", "content-range", "content-type",
    "date", "etag", "expires", "keep-alive", "last-modified", "pragma", "retry-after", "server", "status",
    "strict-transport-security", "transfer-encoding", "vary", "via", "warning", "x-cache", "x-cache-hits",
    "x-content-type-options", "x-frame-options", "x-github-media-type", "x-github-request-id", "x-next-page", "x-page",
    "x-per-page", "x-powered-by", "x-prev-page", "x-request-id", "x-runtime", "x-served-by", "x-total",
    "x-total-pages", "x-accepted-oauth-scopes", "x-oauth-scopes", "x-accepted-github-permissions",
})  # fmt: skip
_LIMITS: Final = re.compile(r"(x-)?(rate-?limit|app-rate-limit|quota)(-[a-z0-9-]+)?\Z")
_ADDRESSES: Final = frozenset({"location", "content-location", "link"})
"""Their queries may carry a token."""
_QUERY: Final = re.compile(r"\?[^>\s,;]*")
_USER: Final = re.compile(r"//[^/@\s]*@")


def head(response: Response) -> str:
    """Return the status line and the headers, a line each, safe to store and to show."""
    lines: list[str] = []
    size = 0
    for line in _lines(response):
        size += len(line.encode()) + 1
        if size > MOST - 40 or len(lines) == _LINES:
            lines.append(f"... and {len(response.headers) - len(lines) + 1} headers more")
            break
        lines.append(line)
    return "\n".join(lines)


def _lines(response: Response) -> Iterator[str]:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    yield f"{response.status} {phrase}".rstrip()
    for name, value in response.headers.items():
        yield f"{clean(name, _NAME)}: {_shown(name.lower(), value)}"


def _shown(name: str, value: str) -> str:
    if name in _ADDRESSES:
        return clean(_USER.sub(f"//{HIDDEN}@", _QUERY.sub(f"?{HIDDEN}", value)), _VALUE)
    return clean(value, _VALUE) if name in _SHOWN or _LIMITS.match(name) else HIDDEN
