"""Credentials from the places of their secrets: a variable, a file, a command, systemd or the keyring."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from engine.common.daemon_executor import DaemonExecutor
from engine.common.errors import LoginNeeded, UsageError
from engine.model.credentials import Credentials, Looks
from engine.transport.credentials.renewing import Issued, Issuer
from engine.transport.identity import identity_of

T = TypeVar("T")
_THREADS: Final = DaemonExecutor("credentials")
"""A command may take half a minute, and the keyring may wait for its owner."""


class StoredSecret(Issuer):
    """Reads the places again.

    Args:
        read: reads them; it may block, and raises a UsageError.
        first: what they held at the start.
        looks: when they are looked at again.
    """

    def __init__(self, read: Callable[[], Credentials], *, first: Credentials, looks: Looks | None) -> None:
        self._read = read
        self._looks = looks
        self._identity = identity_of(first)

    @property
    def identity(self) -> str:
        """Return the identity of what was read first: a renewed token is one of the same account."""
        return self._identity

    @property
    def looks(self) -> Looks | None:
        return self._looks

    async def issue(self) -> Issued:
        return Issued(await reading(self._read))


async def reading(read: Callable[[], T]) -> T:
    """Read secrets in a thread.

    Raises:
        LoginNeeded: they cannot be read.
    """
    try:
        return await asyncio.get_running_loop().run_in_executor(_THREADS, read)
    except UsageError as error:
        raise LoginNeeded(f"the credential must be read again, and cannot be: {error}") from error
