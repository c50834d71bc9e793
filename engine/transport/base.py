"""Where bytes leave the process: one Protocol, with a real class per outside world and a fake in the tests."""

from collections.abc import Mapping
from typing import Protocol

from engine.model.source import Request, Response


class Transport(Protocol):
    """Sends one request and returns its whole answer, or raises."""

    @property
    def identity(self) -> str:
        """Tell credentials apart without giving one away: cached answers belong to who asked."""

    def identity_of(self, resource: str) -> str:
        """Tell apart who asks for a resource: its budgets belong to them."""
        _ = resource
        return self.identity

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request with extra headers (conditional ones, for instance).

        Raises:
            TransportError: no whole answer arrived.
        """

    async def close(self) -> None:
        """Close every connection."""
