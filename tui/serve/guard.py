"""Decides which requests the deck answers, from their Host, Origin and token. Pure functions.

A page of any site can make a browser send requests to this machine, and a domain whose owner points it at 127.0.0.1
makes them look like same-origin requests (DNS rebinding). So the Host must be one of our names, and a request that
changes something must come from one of our pages. https://developer.mozilla.org/docs/Web/HTTP/Headers/Origin
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
    """The rules for requests."""

    host: str
    """The address that the server listens on."""
    names: Collection[str] = ()
    """Further host names that a browser may use."""
    token: Secret | None = None

    def refuses(self, *, host: str | None, origin: str | None, sends: bool) -> str:
        """Return why a request is refused; "" if it is accepted.

        Args:
            host: the Host header.
            origin: the Origin header.
            sends: whether the request changes something or opens a websocket, so that its page must be known.
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

    def refuses_user(self, user: int | None, *, own: int) -> str:
        """Return why a user of this machine is refused; "" if the user is accepted.

        Root is accepted: root may do anything here anyway, and forwards ports for containers.

        Args:
            user: the id of the user who has the other end of the connection; None if that cannot be told.
            own: the id of the user whose deck this is.
        """
        if self.token is not None or user in {own, 0}:
            return ""
        who = "a user who cannot be told" if user is None else "another user of this machine"
        return f"this deck is not for {who}; its owner can let others in with --serve-token-env or --serve-token-file"

    def accepts(self, token: str) -> bool:
        """Return whether this is the token. The comparison takes the same time for every wrong token."""
        if self.token is None:
            return False
        return hmac.compare_digest(token.encode(), self.token.reveal().encode())

    def bears(self, authorization: str | None) -> bool:
        """Return whether an Authorization header contains the token."""
        given = authorization or ""
        return given.startswith(_BEARER) and self.accepts(given.removeprefix(_BEARER).strip())

    def _knows(self, name: str) -> bool:
        if name in _HERE or name == self.host.lower() or name in self._further():
            return True
        return self.host in _ANY and _is_address(name)

    def _further(self) -> Collection[str]:
        return {name.lower() for name in self.names}


def hostname(netloc: str) -> str:
    """Return the name in "name:port", "[::1]:port" or "name"; "" if there is none."""
    try:
        parts = urlsplit(f"//{netloc}")
        _ = parts.port  # raises if the port is invalid
        return "" if parts.username is not None or parts.path else (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    """Return whether a name is an IP address. Unlike a domain, nobody can point it elsewhere."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
