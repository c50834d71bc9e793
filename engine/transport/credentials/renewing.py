"""Credentials that are asked for again: ahead of their expiry, and after an answer refused them (401).

Requests that need new ones at the same time wait for one renewal (single flight). A renewal that failed is not tried
again at once, or every queued request would knock at a server that is ailing.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Protocol

from engine.common.errors import FetchdeckError, SourceError, TransportError
from engine.model.credentials import CredentialProvider, Credentials

AHEAD: Final = 60.0
"""Seconds before its expiry at which a token is renewed: a request may take that long to be answered."""
SHARE: Final = 0.25
"""For a token that lives for minutes only, this share of its life instead."""
REST: Final = 5.0
"""Seconds in which a renewal that failed is not tried again."""
log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Issued:
    """Credentials as they were obtained."""

    credentials: Credentials
    lifetime: float | None = None
    """Seconds from the moment they were asked for until they expire; None if that is not known."""


class Issuer(Protocol):
    """Obtains credentials: from the place of a secret, or by a grant."""

    @property
    def identity(self) -> str:
        """See `CredentialProvider.identity`."""

    async def issue(self) -> Issued:
        """Obtain credentials, the newest there are.

        Raises:
            TransportError: the server that grants them gave no answer; a later call may succeed.
            SourceError: it refuses, or the secret cannot be read.
        """


class RenewingCredentials(CredentialProvider):
    """Hands out the credentials of an issuer, and renews them.

    Args:
        issuer: obtains them.
        first: those that are known already; None asks the issuer before the first request.
    """

    def __init__(self, issuer: Issuer, *, first: Credentials | None = None) -> None:
        self._issuer = issuer
        self._current = first
        self._renew_at: float | None = None
        self._expires_at: float | None = None
        self._useless: Credentials | None = None
        """Those that were refused, and for which the issuer had no others."""
        self._failure: FetchdeckError | None = None
        self._rest_until = 0.0
        self._one_at_a_time = asyncio.Lock()

    @property
    def identity(self) -> str:
        return self._issuer.identity

    async def credentials(self) -> Credentials:
        """Return the current ones; renew them first if they are about to expire."""
        current = self._current
        if current is None:
            return await self._renew(None)
        if self._renew_at is not None and self._now() >= self._renew_at:
            try:
                return await self._renew(current)
            except TransportError as error:
                if self._expires_at is None or self._now() >= self._expires_at:
                    raise
                log.warning("a token could not be renewed ahead of its expiry: %s", error)
        return current

    async def refused(self, credentials: Credentials) -> bool:
        """Renew them once, however many requests were refused with them; return whether there are others now."""
        return await self._renew(credentials) is not credentials

    async def _renew(self, old: Credentials | None) -> Credentials:
        """Return newer credentials than `old`, or `old` where the issuer has no others."""
        async with self._one_at_a_time:
            if self._current is not None and (self._current is not old or self._useless is old):
                return self._current  # another request has asked while this one waited
            if self._failure is not None and self._now() < self._rest_until:
                raise self._failure
            asked = self._now()
            try:
                issued = await self._issuer.issue()
            except (TransportError, SourceError) as error:
                self._failure, self._rest_until = error, self._now() + REST
                raise
            self._failure = None
            self._keep(issued, old, asked)
            assert self._current is not None, "it was kept just now"
            return self._current

    def _keep(self, issued: Issued, old: Credentials | None, asked: float) -> None:
        lifetime = issued.lifetime
        self._renew_at = None if lifetime is None else asked + lifetime - min(AHEAD, lifetime * SHARE)
        self._expires_at = None if lifetime is None else asked + lifetime
        if old is not None and issued.credentials.same_as(old):
            self._useless = old
        else:
            self._current, self._useless = issued.credentials, None

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
