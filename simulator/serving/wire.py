"""How a response is sent, complete or broken, on the connection itself."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.util import find_spec
from typing import Any

from simulator.common.page import Header

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TRANSPORT = "simulator.transport"
"""Key of the connection's transport in the scope's state."""

_LINGER_NOT = struct.pack("ii", 1, 0)
_FIRST_PART_ARRIVES = 0.02
"""Seconds between the first part of a body and a reset, which would discard what is still in transit."""


def protocol_class(*, fast: bool = True) -> type[asyncio.Protocol]:
    """Choose uvicorn's HTTP protocol, with its transport exposed to the application.

    httptools serves about twice as many requests a second; h11 is a dependency of uvicorn and always there.
    """
    if fast and find_spec("httptools"):
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base  # noqa: PLC0415 - it is optional
    else:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Base  # type: ignore[assignment]  # noqa: PLC0415 - either

    class ReachableProtocol(Base):
        """Exposes its transport to the application, so that a fault can break the connection."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
            super().connection_made(transport)
            self.app_state = {**self.app_state, TRANSPORT: transport}

    return ReachableProtocol


class Wire:
    """The sending side of one request."""

    __slots__ = ("_receive", "_send", "_transport")

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._transport: asyncio.Transport = scope["state"][TRANSPORT]

    async def body(self) -> bytes:
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                return b"".join(parts)

    async def whole(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send a complete response."""
        await self._start(status, headers)
        await self._send({"type": "http.response.body", "body": body})

    async def reset(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send half of the body, then reset the connection (TCP RST)."""
        await self._part(status, headers, body[: len(body) // 2])
        await asyncio.sleep(_FIRST_PART_ARRIVES)
        handle = self._transport.get_extra_info("socket")
        # SO_LINGER with a timeout of 0 makes close send a RST instead of a FIN (socket(7)).
        if handle is not None and not self._transport.is_closing():
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._transport.abort()
        await self.gone()

    async def short(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send half of what Content-Length announces, then close normally."""
        await self._part(status, headers, body[: len(body) // 2])
        self._transport.close()
        await self.gone()

    async def slow(self, status: int, headers: list[Header], body: bytes, *, every: float) -> None:
        """Send the body byte by byte, waiting in between."""
        await self._start(status, headers)
        for at in range(len(body)):
            if self._transport.is_closing():
                return
            await self._send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
            await asyncio.sleep(every)
        await self._send({"type": "http.response.body", "body": b""})

    async def gone(self) -> None:
        """Wait until the client disconnects."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _part(self, status: int, headers: list[Header], body: bytes) -> None:
        await self._start(status, headers)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _start(self, status: int, headers: list[Header]) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
