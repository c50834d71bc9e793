"""A transport that is built when it is first used: a first frame need not wait for an HTTP client to load."""

from collections.abc import Callable, Mapping
from functools import cached_property

from engine.model.source import Request, Response
from engine.transport.base import Transport


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
