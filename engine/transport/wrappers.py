"""Wrappers around transports: built on first use, with renamed headers, and chosen by the request."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from engine.model.credentials import CredentialProvider
from engine.model.source import Request, Response
from engine.transport.base import Transport

Route = tuple[str, str]
"""The key of a route: `Request.via` and `Request.resource`."""


class LazyTransport(Transport):
    """A transport that is built on first use, so that the first frame does not wait for an HTTP client to load.

    `make` must not fail: its caller has validated the arguments before.
    """

    def __init__(self, make: Callable[[], Transport]) -> None:
        self._make = make

    @property
    def identity(self) -> str:
        return self._inner.identity

    async def prepare(self, resource: str) -> None:
        await self._inner.prepare(resource)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        return await self._inner.send(request, headers)

    async def renew(self, request: Request) -> bool:
        return await self._inner.renew(request)

    def provider(self, request: Request) -> CredentialProvider | None:
        return self._inner.provider(request)

    async def close(self) -> None:
        """Close the inner transport if it was built."""
        if "_inner" in self.__dict__:
            await self._inner.close()

    @cached_property
    def _inner(self) -> Transport:
        return self._make()


class HeaderRenamingTransport(Transport):
    """Copies headers of each response to the names the engine reads, for an API with names of its own.

    `names` maps a standard name (in lower case) to the API's own.
    """

    def __init__(self, inner: Transport, names: Mapping[str, str]) -> None:
        self._inner = inner
        self._names = {usual: own.lower() for usual, own in names.items()}

    @property
    def identity(self) -> str:
        return self._inner.identity

    async def prepare(self, resource: str) -> None:
        await self._inner.prepare(resource)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        response = await self._inner.send(request, headers)
        told = response.headers
        added = {usual: told[own] for usual, own in self._names.items() if own in told}
        return replace(response, headers={**told, **added}) if added else response

    async def renew(self, request: Request) -> bool:
        return await self._inner.renew(request)

    def provider(self, request: Request) -> CredentialProvider | None:
        return self._inner.provider(request)

    async def close(self) -> None:
        await self._inner.close()


class RoutingTransport(Transport):
    """Sends each request with the transport of its `via` and `resource`."""

    def __init__(self, ways: Mapping[Route, Transport]) -> None:
        self._ways = ways

    @property
    def identity(self) -> str:
        """Return a digest over the identities of all transports."""
        together = " ".join(sorted(transport.identity for transport in self._ways.values()))
        return hashlib.blake2b(together.encode(), digest_size=8).hexdigest()

    def identity_of(self, resource: str) -> str:
        """Return the identity that asks for a resource: the HTTP transport's, where it has one."""
        ways = {via: transport.identity for (via, name), transport in self._ways.items() if name == resource}
        return ways.get("http") or next(iter(ways.values()), self.identity)

    async def prepare(self, resource: str) -> None:
        for transport in dict.fromkeys(way for (_, name), way in self._ways.items() if name == resource):
            await transport.prepare(resource)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        return await self._ways[request.via, request.resource].send(request, headers)

    async def renew(self, request: Request) -> bool:
        return await self._ways[request.via, request.resource].renew(request)

    def provider(self, request: Request) -> CredentialProvider | None:
        return self._ways[request.via, request.resource].provider(request)

    async def close(self) -> None:
        """Close every transport once; several routes may share one."""
        for transport in set(self._ways.values()):
            await transport.close()
