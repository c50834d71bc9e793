"""The boundary to the outside world: one Protocol, with a real class per kind of transport and a fake in the tests."""

from collections.abc import Mapping
from typing import Final, Protocol

from engine.model.credentials import CredentialProvider
from engine.model.source import Request, Response

UNAUTHORIZED: Final = 401


class Transport(Protocol):
    """Sends one request and returns its complete response, or raises."""

    @property
    def identity(self) -> str:
        """Return a digest that tells credentials apart without revealing one. Cached responses are keyed by it."""

    def identity_of(self, resource: str) -> str:
        """Return the identity that asks for a resource: budgets are counted per identity."""
        _ = resource
        return self.identity

    async def prepare(self, resource: str) -> None:
        """Load what the first request of a resource needs, so that a request that counts as sent leaves at once."""
        _ = resource

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request with extra headers, such as conditional ones.

        Raises:
            TransportError: no complete response arrived.
        """

    async def renew(self, request: Request) -> bool:
        """Renew the credential with which a request was just refused (401); return whether to send it again.

        Raises:
            TransportError: the server that grants tokens gave no answer; a RequestRefused blames no credential.
            LoginNeeded: it refuses to grant one, or the secret cannot be read.
        """
        _ = request
        return False

    def provider(self, request: Request) -> CredentialProvider | None:
        """Return what hands out the credential of a request; None where requests carry none that can be renewed."""
        _ = request
        return None

    async def close(self) -> None: ...
