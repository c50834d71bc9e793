"""One transport for a source that speaks to several hosts or by several means: each request goes its own way."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from engine.model.source import Request, Response
from engine.transport.base import Transport

# A transport that is built when it is first used: a first frame need not wait for an HTTP client to load.


class Late(Transport):
    """Passes everything on to what `make` returns; whoever makes it has checked what could be refused."""

    def __init__(self, make: Callable[[], Transport]) -> None:
        self._make = make

    @property
    def identity(self) -> str:
        """Tell credentials apart as the transport below does."""
        return self._inner.identity

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request.

        Raises:
            TransportError: no whole answer arrived.
        """
        return await self._inner.send(request, headers)

    async def close(self) -> None:
        """Close the transport below, where there is one."""
        if "_inner" in self.__dict__:
            await self._inner.close()

    @cached_property
    def _inner(self) -> Transport:
        return self._make()


# A transport that gives headers the names the engine reads, for an API that calls them otherwise.


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
