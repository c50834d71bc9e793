"""Whom the deck answers: pure decisions on the Host, the Origin and the token of a request.

A page of any site can make a browser send requests to this machine, and a name that its owner points at 127.0.0.1
makes them look like our own (DNS rebinding). So the name a browser used must be one of ours, and where a page sends
something, that page must be ours too. https://developer.mozilla.org/docs/Web/HTTP/Headers/Origin
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from engine.common.secret import Secret
from engine.common.text import clean

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 -- compared with, not listened on
_BEARER: Final = "Bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who may ask."""

    host: str
    """The address that is listened on."""
    names: Collection[str] = ()
    """Further names a browser may use."""
    token: Secret | None = None

    def refuses(self, *, host: str | None, origin: str | None, sends: bool) -> str:
        """Say why a request is refused, "" where it is not.

        Args:
            host: the Host header.
            origin: the Origin header.
            sends: it changes something or opens a websocket, so that its page must be known.
        """
        name = hostname(host or "")
        if not self._knows(name):
            return f"this deck does not answer to the name {clean(name or 'of none', 80)}; --serve-name allows it"
        if origin is None:
            return "the request does not say which page sent it" if sends else ""
        sender = origin.partition("://")[2].lower()  # an origin has no path: RFC 6454, section 7.1
        if sender and (sender == (host or "").lower() or hostname(sender) in self._further()):
            return ""
        return f"a page of {clean(origin, 80)} may not use this deck"

    def accepts(self, token: str) -> bool:
        """Say whether this is the token; how long that takes tells nothing of it."""
        if self.token is None:
            return False
        return hmac.compare_digest(token.encode(), self.token.reveal().encode())

    def bears(self, authorization: str | None) -> bool:
        """Say whether an Authorization header has the token."""
        given = authorization or ""
        return given.startswith(_BEARER) and self.accepts(given.removeprefix(_BEARER).strip())

    def _knows(self, name: str) -> bool:
        if name in _HERE or name == self.host.lower() or name in self._further():
            return True
        return self.host in _ANY and _is_address(name)

    def _further(self) -> Collection[str]:
        return {name.lower() for name in self.names}


def hostname(netloc: str) -> str:
    """Return the name of "name:port", "[::1]:port" or "name"; "" where there is none or it is no such thing."""
    try:
        parts = urlsplit(f"//{netloc}")
        _ = parts.port  # raises where the port is none
        return "" if parts.username is not None or parts.path else (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    """Say whether it is an address: nobody can point one elsewhere."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
