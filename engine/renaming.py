"""A transport that gives headers the names the engine reads, for an API that calls them otherwise."""

from collections.abc import Mapping
from dataclasses import replace

from engine.model.source import Request, Response
from engine.transport.base import Transport


class Renaming(Transport):
    """Adds to each answer what `names` says: the usual name of a header (in lower case) to the API's own."""

    def __init__(self, inner: Transport, names: Mapping[str, str]) -> None:
        self._inner = inner
        self._names = {usual: own.lower() for usual, own in names.items()}

    @property
    def identity(self) -> str:
        """Tell credentials apart as the transport below does."""
        return self._inner.identity

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request.

        Raises:
            TransportError: no whole answer arrived.
        """
        response = await self._inner.send(request, headers)
        told = response.headers
        added = {usual: told[own] for usual, own in self._names.items() if own in told}
        return replace(response, headers={**told, **added}) if added else response

    async def close(self) -> None:
        """Close the transport below."""
        await self._inner.close()
