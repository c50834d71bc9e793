"""A credential in the query: added as a request is sent, and removed from everything that comes back.

Servers repeat the query in Location, Link and the `next` of a body. Without the removal, the secret would be stored
with the response, and followed and stored again as a request.
"""

from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from engine.common.secret import Secret
from engine.transport.url import resolve, without_param


class QuerySecret:
    """A query parameter's name and its secret value."""

    def __init__(self, name: str, secret: Secret) -> None:
        self.name = name
        self.secret = secret

    def add(self, base: str, address: str) -> str:
        """Return an address with the secret, to be used for sending only.

        Raises:
            RedirectRefused: the address is not of the origin of `base`.
        """
        return resolve(base, address, {self.name: self.secret.reveal()})

    def strip(self, address: str) -> str:
        """Return an address without the parameter."""
        return without_param(address, self.name)

    def strip_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers with the secret emptied wherever the parameter is repeated."""
        return {name: self._emptied(value) for name, value in headers.items()}

    def strip_body(self, body: bytes) -> bytes:
        """Return the body with the secret emptied wherever the parameter is repeated."""
        for pair in self._pairs():
            body = body.replace(pair.encode(), f"{self.name}=".encode())
        return body

    def _emptied(self, text: str) -> str:
        for pair in self._pairs():
            text = text.replace(pair, f"{self.name}=")
        return text

    def _pairs(self) -> set[str]:
        value = self.secret.reveal()
        return {f"{self.name}={form}" for form in (value, quote(value, safe=""), quote(value), quote_plus(value))}
