"""HTTP headers between text and bytes, within what HTTP allows and an honest server sends. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from engine.common.errors import Interrupted, UsageError
from engine.common.text import clean

MOST_HEADERS: Final = 200
LARGEST_HEAD: Final = 64 * 1024
_VALUE: Final = re.compile(r"(?:[\x21-\x7e\x80-\xff]+(?:[ \t]+[\x21-\x7e\x80-\xff]+)*)?")
"""What a header value may hold (RFC 9110, 5.5).

It allows every byte that `decode` returns, so an ETag goes back to its server byte for byte.
"""


def decode(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of a response: names in lower case, repeated ones joined with ", " (RFC 9110, 5.3).

    Raises:
        Interrupted: there are more headers than MOST_HEADERS or LARGEST_HEAD allow.
    """
    size = sum(len(name) + len(value) + 4 for name, value in raw)
    if len(raw) > MOST_HEADERS or size > LARGEST_HEAD:
        raise Interrupted(f"{len(raw):,} headers of {size:,} bytes; {MOST_HEADERS} of {LARGEST_HEAD:,} are accepted")
    head: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        head[key] = f"{head[key]}, {text}" if key in head else text
    return head


def encode(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return headers as bytes to send, names in lower case.

    Raises:
        UsageError: a name or a value cannot be sent.
    """
    return {encode_name(name): encode_value(name, value) for name, value in headers.items()}


def encode_name(name: str) -> bytes:
    """Return a header name as it is sent; see `encode`."""
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"{clean(name, 60)!r} is no header name")
    return name.lower().encode()


def encode_value(name: str, value: str) -> bytes:
    """Return a header value as it is sent; see `encode`. It may be a credential, so no error shows it."""
    if not _VALUE.fullmatch(value):
        raise UsageError(f"the value for the header {clean(name, 60)!r} holds a character no header may hold")
    return value.encode("latin-1")
