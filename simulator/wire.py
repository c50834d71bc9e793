"""How an answer leaves, whole or broken, on the connection itself."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.util import find_spec
from typing import Any

from simulator.page import Header

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TRANSPORT = "simulator.transport"
"""The key of the connection's transport in the scope's state."""

_LINGER_NOT = struct.pack("ii", 1, 0)
_FIRST_PART_ARRIVES = 0.02
"""Seconds between the first part of a body and a reset, which would discard what is still on its way."""


def protocol_class(*, fast: bool = True) -> type[asyncio.Protocol]:
    """Choose uvicorn's HTTP protocol, with the transport within reach of the application.

    httptools serves about twice as many requests a second; h11 is uvicorn's own dependency and always there.
    """
    if fast and find_spec("httptools"):
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base  # noqa: PLC0415 - it is optional
    else:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Base  # type: ignore[assignment]  # noqa: PLC0415 - either

    class ReachableProtocol(Base):
        """Hands its transport to the application, so that a fault can break the connection."""

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
        """Read the request's body."""
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                return b"".join(parts)

    async def whole(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send everything, as it should be."""
        await self._start(status, headers)
        await self._send({"type": "http.response.body", "body": body})

    async def reset(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send half of the body, then reset the connection (TCP RST)."""
        await self._part(status, headers, body[: len(body) // 2])
        await asyncio.sleep(_FIRST_PART_ARRIVES)
        handle = self._transport.get_extra_info("socket")
        if handle is not None and not self._transport.is_closing():
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._transport.abort()
        await self.gone()

    async def short(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send half of what Content-Length says, then close in good order."""
        await self._part(status, headers, body[: len(body) // 2])
        self._transport.close()
        await self.gone()

    async def slow(self, status: int, headers: list[Header], body: bytes, *, every: float) -> None:
        """Send one byte, wait, send the next."""
        await self._start(status, headers)
        for at in range(len(body)):
            if self._transport.is_closing():
                return
            await self._send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
            await asyncio.sleep(every)
        await self._send({"type": "http.response.body", "body": b""})

    async def gone(self) -> None:
        """Wait until the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _part(self, status: int, headers: list[Header], body: bytes) -> None:
        await self._start(status, headers)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _start(self, status: int, headers: list[Header]) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
