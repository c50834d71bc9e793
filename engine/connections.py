"""The connections to one origin, each in a pool of its own, the one used last handed out first.

A pool of the client asks every idle connection it holds, before and after each request, whether it is still good. With
32 in flight that was half of what a request costs (docs/decisions/0003-one-pool-a-connection.md). A pool of one has
nothing to look through, and a request that is cancelled can spoil no connection but its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2 as httpx


class Connections:
    """Lends a connection to one request at a time."""

    def __init__(self, *, most: int, make: Callable[[], httpx.AsyncHTTPTransport]) -> None:
        self._make = make
        self._places = asyncio.Semaphore(most)
        self._idle: list[httpx.AsyncHTTPTransport] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend a connection, waiting for one when all are lent."""
        async with self._places:
            connection = self._idle.pop() if self._idle else self._make()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    async def close(self) -> None:
        """Close those that are not lent."""
        while self._idle:
            await self._idle.pop().aclose()
