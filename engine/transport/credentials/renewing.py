"""Credentials that are asked for again: ahead of their expiry, and after an answer refused them (401).

Requests that need new ones at the same time wait for one renewal (single flight). A renewal that failed is not tried
again at once, or every queued request would knock at a server that is ailing.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Protocol

from engine.common.errors import FetchdeckError, SourceError, TransportError
from engine.model.credentials import CredentialProvider, Credentials, Looks

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

    @property
    def looks(self) -> Looks | None:
        """See `CredentialProvider.looks`."""

    async def issue(self) -> Issued:
        """Obtain credentials, the newest there are.

        Raises:
            TransportError: the server that grants them gave no answer; a later call may succeed.
            LoginNeeded: it refuses, or the secret cannot be read.
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
        """Those that were refused, until the issuer has others."""
        self._failure: FetchdeckError | None = None
        self._rest_until = 0.0
        self._one_at_a_time = asyncio.Lock()

    @property
    def identity(self) -> str:
        return self._issuer.identity

    @property
    def looks(self) -> Looks | None:
        return self._issuer.looks

    async def credentials(self) -> Credentials:
        """Return the current ones; renew them first if they are about to expire."""
        if self._current is not None and not self._due():
            return self._current
        async with self._one_at_a_time:
            try:
                if self._current is None or self._due():  # no other request has asked while this one waited
                    await self._ask()
            except TransportError as error:
                if self._current is None or self._expires_at is None or self._now() >= self._expires_at:
                    raise
                log.warning("a token could not be renewed ahead of its expiry: %s", error)
            assert self._current is not None, "it is there, or an error was raised"
            return self._current

    async def refused(self, credentials: Credentials) -> bool:
        """Renew them once, however many requests were refused with them; return whether there are others now."""
        async with self._one_at_a_time:
            if self._current is credentials and self._useless is not credentials:
                self._useless = credentials
                try:
                    await self._ask()
                except TransportError:
                    self._useless = None  # the issuer may have others, once its server answers
                    raise
            return self._current is not credentials

    async def look_again(self) -> bool:
        """Ask the issuer, whatever it said before."""
        async with self._one_at_a_time:
            self._failure = None
            await self._ask()
            return self._useless is None

    async def _ask(self) -> None:
        """Ask the issuer. Where it has nothing but those that were refused, they stay useless."""
        if self._failure is not None and self._now() < self._rest_until:
            raise self._failure
        asked = self._now()
        try:
            issued = await self._issuer.issue()
        except (TransportError, SourceError) as error:
            self._failure, self._rest_until = error, self._now() + REST
            raise
        self._failure = None
        self._renew_at = self._expires_at = None
        if issued.lifetime is not None:
            lifetime = max(REST, issued.lifetime)
            self._renew_at = asked + lifetime - min(AHEAD, lifetime * SHARE)
            self._expires_at = asked + lifetime
        if self._useless is None or not issued.credentials.same_as(self._useless):
            self._current, self._useless = issued.credentials, None

    def _due(self) -> bool:
        return self._renew_at is not None and self._now() >= self._renew_at

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
