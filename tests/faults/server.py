"""A server that breaks on command: it plays scripted bytes, so every fault of a network fits on one machine."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self


class Wire:
    """One connection, as a script sees it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.request = b""
        """The head of the request that is being answered."""

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def drip(self, data: bytes, *, every: float) -> None:
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(every)

    def reset(self) -> None:
        plug: socket.socket = self._writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()

    @property
    def closed(self) -> bool:
        return self._writer.is_closing()


Script = Callable[[Wire], Awaitable[None]]


class FaultServer:
    """Answers each request with the next script; the last one repeats. A context manager."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._scripts: list[Script] = [answer()]
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def plays(self, *scripts: Script) -> None:
        self._scripts = list(scripts)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        wire = Wire(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while not wire.closed:
                    wire.request = await reader.readuntil(b"\r\n\r\n")
                    self.requests.append(wire.request)
                    script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
                    await script(wire)
        finally:
            writer.close()
            self._tasks.discard(task)


def answer(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> Script:
    """Answer properly and keep the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    head = "\r\n".join(lines).encode("latin-1")
    return lambda wire: wire.send(head + body)


def raw(data: bytes) -> Script:
    """Send exactly these bytes, then close."""

    async def play(wire: Wire) -> None:
        await wire.send(data)
        wire.close()

    return play


def reset_after(data: bytes = b"") -> Script:
    """Send these bytes, let them arrive, then reset the connection."""

    async def play(wire: Wire) -> None:
        if data:
            await wire.send(data)
            await asyncio.sleep(0.02)
        wire.reset()

    return play


def dripping(data: bytes, *, every: float = 0.05) -> Script:
    """Send one byte at a time, for ever alive and never done."""
    return lambda wire: wire.drip(data, every=every)


def silence() -> Script:
    """Never answer."""

    async def play(_wire: Wire) -> None:
        await asyncio.Event().wait()

    return play


def endless(head: bytes, piece: bytes) -> Script:
    """Send a head, then the same piece until the other side has had enough."""

    async def play(wire: Wire) -> None:
        await wire.send(head)
        while not wire.closed:
            await wire.send(piece)

    return play
