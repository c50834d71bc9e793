"""One transport for a source that speaks to several hosts or by several means: each request goes its own way."""

import hashlib
from collections.abc import Mapping

from engine.model.source import Request, Response
from engine.transport.base import Transport

Way = tuple[str, str]
"""What decides: `Request.via` and `Request.resource`."""


class Routed(Transport):
    """Sends each request by the transport for its means and resource."""

    def __init__(self, ways: Mapping[Way, Transport]) -> None:
        self._ways = ways

    @property
    def identity(self) -> str:
        """Tell apart who asks, over all the ways."""
        together = " ".join(sorted(transport.identity for transport in self._ways.values()))
        return hashlib.blake2b(together.encode(), digest_size=8).hexdigest()

    def identity_of(self, resource: str) -> str:
        """Tell apart who asks for a resource, by HTTP where it is asked so."""
        ways = {via: transport.identity for (via, name), transport in self._ways.items() if name == resource}
        return ways.get("http") or next(iter(ways.values()), self.identity)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request its way.

        Raises:
            TransportError: no whole answer arrived.
        """
        return await self._ways[request.via, request.resource].send(request, headers)

    async def close(self) -> None:
        """Close every transport once."""
        for transport in set(self._ways.values()):
            await transport.close()
