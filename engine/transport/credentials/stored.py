"""Credentials from the places of their secrets: a variable, a file, a command, systemd or the keyring."""

import asyncio
from collections.abc import Callable
from typing import Final

from engine.common.daemon_executor import DaemonExecutor
from engine.common.errors import SourceError, UsageError
from engine.model.credentials import Credentials
from engine.transport.credentials.identity import identity_of
from engine.transport.credentials.renewing import Issued, Issuer

_THREADS: Final = DaemonExecutor("credentials")
"""A command may take half a minute, and the keyring may wait for its owner."""


class StoredSecret(Issuer):
    """Reads the places again.

    Args:
        read: reads them; it may block, and raises a UsageError.
        first: what they held at the start.
    """

    def __init__(self, read: Callable[[], Credentials], *, first: Credentials) -> None:
        self._read = read
        self._identity = identity_of(first)

    @property
    def identity(self) -> str:
        """Return the identity of what was read first: a renewed token is one of the same account."""
        return self._identity

    async def issue(self) -> Issued:
        try:
            return Issued(await asyncio.get_running_loop().run_in_executor(_THREADS, self._read))
        except UsageError as error:
            raise SourceError(f"the credential was refused (401), and could not be read again: {error}") from error
