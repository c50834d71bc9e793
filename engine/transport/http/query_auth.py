"""A credential that travels in the query: added as a request leaves, taken out of everything that comes back.

Servers repeat the query they were asked with, in Location, Link and the `next` of a body; what they repeat would be
stored with the answer, and followed and stored again as a request.
"""

from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from engine.common.secret import Secret
from engine.transport.url import resolve, without


class QuerySecret:
    """A parameter's name and its secret value."""

    def __init__(self, name: str, secret: Secret) -> None:
        self.name = name
        self.secret = secret

    def add(self, base: str, address: str) -> str:
        """Return an address with the secret, for nothing but sending.

        Raises:
            RedirectRefused: the address is not of the origin of `base`.
        """
        return resolve(base, address, {self.name: self.secret.reveal()})

    def strip(self, address: str) -> str:
        """Return an address without the parameter."""
        return without(address, self.name)

    def strip_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers in which the secret is left empty wherever the parameter is repeated."""
        return {name: self._emptied(value) for name, value in headers.items()}

    def strip_body(self, body: bytes) -> bytes:
        """Return a body likewise."""
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
