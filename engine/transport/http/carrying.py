"""What one exchange carries of its credentials: headers, cookies and query parameters, checked before it is sent."""

import re
from collections.abc import Sequence
from typing import Final

from engine.common.errors import UsageError
from engine.common.secret import Secret
from engine.common.text import clean
from engine.model.credentials import Credentials
from engine.transport.http.headers import encode_name, encode_value
from engine.transport.http.query_auth import QuerySecret

_COOKIE_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_COOKIE_VALUE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
"""RFC 6265, 4.1.1: no space, quote, comma, semicolon or backslash."""


class Carrying:
    """Adds credentials to a request as it leaves, and takes them out of what comes back.

    Raises:
        UsageError: a secret holds a character that its place may not hold; the message does not show it.
    """

    def __init__(self, credentials: Credentials) -> None:
        headers = [(encode_name(name), encode_value(name, one.reveal())) for name, one in credentials.headers.items()]
        if credentials.cookies:
            together = "; ".join(_cookie(name, secret) for name, secret in credentials.cookies.items())
            headers.append((b"cookie", together.encode()))
        self.headers: Sequence[tuple[bytes, bytes]] = headers
        self._query = [QuerySecret(name, secret) for name, secret in credentials.query.items()]

    def add(self, base: str, address: str) -> str:
        """Return an address with the secrets of the query, to be used for sending only.

        Raises:
            RedirectRefused: the address is not of the origin of `base`.
        """
        for one in self._query:
            address = one.add(base, address)
        return address

    def strip(self, address: str) -> str:
        """Return an address without the parameters that are secret."""
        for one in self._query:
            address = one.strip(address)
        return address

    def strip_headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Return headers with the secrets emptied wherever a parameter is repeated."""
        for one in self._query:
            headers = one.strip_headers(headers)
        return headers

    def strip_body(self, body: bytes) -> bytes:
        """Return a body with the secrets emptied wherever a parameter is repeated."""
        for one in self._query:
            body = one.strip_body(body)
        return body


def _cookie(name: str, secret: Secret) -> str:
    if not _COOKIE_NAME.fullmatch(name):
        raise UsageError(f"{clean(name, 60)!r} is no name of a cookie")
    if not _COOKIE_VALUE.fullmatch(secret.reveal()):
        raise UsageError(f"the value for the cookie {clean(name, 60)!r} holds a character no cookie may hold")
    return f"{name}={secret.reveal()}"
