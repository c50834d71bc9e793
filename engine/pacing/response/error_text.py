"""The text of an error answer: its message as one short line, and its head (status and headers). Pure.

Both are cleaned of control characters. The head is stored and shown, so a header's value is kept only if the header is
known to hold no secret; of any other header only the name is kept.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec

from engine.common.text import clean
from engine.model.source import Response

MOST: Final = 4_096
"""Bytes of a head, as UTF-8."""
HIDDEN: Final = "<hidden>"
_VALUE: Final = 300
_NAME: Final = 80
_LINES: Final = 100
_LARGEST: Final = 64 * 1024
"""Larger bodies are not parsed."""
_KEYS: Final = ("message", "error_description", "msg", "error", "detail", "title")
"""JSON fields that may hold the message, in this order."""
_UNLISTED: Final = {
    520: "Unknown Error of the origin",
    521: "Web Server Is Down",
    522: "Connection Timed Out at the proxy",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred at the proxy",
    529: "Site Is Overloaded",
}
"""Status codes of Cloudflare and others that the standard library does not know."""
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
"""Headers with a URL. Its query and user part may carry a secret and are hidden."""
_QUERY: Final = re.compile(r"\?[^>\s,;]*")
_USER: Final = re.compile(r"//[^/@\s]*@")


def head(response: Response) -> str:
    """Return the status line and the headers, one a line, safe to store and to show."""
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


def status_words(status: int) -> str:
    """Return "404 Not Found", or only the number of an unknown status."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} {_UNLISTED[status]}" if status in _UNLISTED else str(status)


def own_words(response: Response, limit: int = 120) -> str:
    """Return the message in an error's body: a JSON field, plain text or "an HTML page"; "" if there is none."""
    body = response.body
    if not body or len(body) > _LARGEST:
        return ""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _plain(body, limit)
    return clean(_message(decoded), limit)


def decoded_object(response: Response) -> dict[str, Any]:
    """Return the body if it is a small JSON object; else {}."""
    if len(response.body) > _LARGEST:
        return {}
    try:
        decoded = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _message(decoded: Any) -> str:
    if isinstance(decoded, str):
        return decoded
    if not isinstance(decoded, dict):
        return ""
    for key in _KEYS:
        if isinstance(text := decoded.get(key), str) and text:
            return text
    errors = decoded.get("errors")
    return _message(errors[0]) if isinstance(errors, list) and errors and isinstance(errors[0], (str, dict)) else ""


def _plain(body: bytes, limit: int) -> str:
    text = body[:1000].decode("utf-8", errors="replace").strip()
    return "an HTML page" if text.startswith("<") else clean(text.partition("\n")[0], limit)
