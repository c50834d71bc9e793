"""Credentials that are the same for a whole run, with nobody to ask for others."""

from functools import cached_property

from engine.model.credentials import CredentialProvider, Credentials
from engine.transport.identity import identity_of


class FixedCredentials(CredentialProvider):
    """Hands out the same credentials for ever."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    @cached_property
    def identity(self) -> str:
        return identity_of(self._credentials)

    async def credentials(self) -> Credentials:
        return self._credentials

    async def refused(self, credentials: Credentials) -> bool:
        """There are no others."""
        _ = credentials
        return False
