"""What an answer that is an error says in its own words, as one short clean line. Pure."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from engine.common.text import clean
from engine.model.source import Response

_LARGEST: Final = 64 * 1024
_KEYS: Final = ("message", "error_description", "msg", "error", "detail", "title")
_UNLISTED: Final = {
    520: "Unknown Error of the origin",
    521: "Web Server Is Down",
    522: "Connection Timed Out at the proxy",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred at the proxy",
    529: "Site Is Overloaded",
}


def status_words(status: int) -> str:
    """Return "404 Not Found"; the number alone where nobody named it."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} {_UNLISTED[status]}" if status in _UNLISTED else str(status)


def own_words(response: Response, limit: int = 120) -> str:
    """Return the message in an error's body: a JSON field, plain text, "an HTML page", or "" for nothing to say."""
    body = response.body
    if not body or len(body) > _LARGEST:
        return ""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _plain(body, limit)
    return clean(_message(decoded), limit)


def decoded_object(response: Response) -> dict[str, Any]:
    """Return a small body that is a JSON object; {} for anything else."""
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
