"""A network that breaks on command: a relay in front of a server, in threads of this process."""

import select
import socket
import struct
import threading
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self

PIECE = 65536
HTML = b"<html><body>We will be back soon.</body></html>"
SAID = b'{"message": "token expired"}'


class Mode(Enum):
    PASSES = "passes"
    REFUSES = "refuses connections"
    RESETS = "resets connections"
    FREEZES = "says nothing"
    MAINTENANCE = "serves a page with status 200"
    UNAUTHORIZED = "answers 401"


class Relay:
    """Passes bytes on to a port of this machine, or does something else with a connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._mode = Mode.PASSES
        self._live: set[socket.socket] = set()
        self._over = threading.Event()
        self._listener = self._listen(0)
        self._own = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._own}"

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        """Change what happens. All connections are reset, in both directions of the change."""
        self._mode = mode
        if mode is Mode.REFUSES:
            self._listener.close()
        elif self._listener.fileno() < 0:
            self._listener = self._listen(self._own)
        for connection in list(self._live):
            _reset(connection)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self.mode = Mode.REFUSES
        self._thread.join()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        return socket.create_server(("127.0.0.1", port), backlog=200, reuse_port=True)

    def _serve(self) -> None:
        while not self._over.is_set():
            listener = self._listener
            with suppress(OSError, ValueError):  # closed meanwhile
                if select.select([listener], [], [], 0.05)[0]:
                    connection, _ = listener.accept()
                    threading.Thread(target=self._connected, args=(connection,), daemon=True).start()
                continue
            self._over.wait(0.02)

    def _connected(self, connection: socket.socket) -> None:
        self._live.add(connection)
        try:
            with suppress(OSError, ValueError), connection:
                self._play(connection)
        finally:
            self._live.discard(connection)

    def _play(self, connection: socket.socket) -> None:
        match self._mode:
            case Mode.PASSES:
                with socket.create_connection(("127.0.0.1", self._port)) as server:
                    self._relay(connection, server)
            case Mode.FREEZES:
                while self._mode is Mode.FREEZES:
                    self._over.wait(0.02)
            case Mode.MAINTENANCE:
                connection.recv(PIECE)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + HTML)
            case Mode.UNAUTHORIZED:
                connection.recv(PIECE)
                connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n" + SAID)
            case _:
                _reset(connection)

    def _relay(self, one: socket.socket, other: socket.socket) -> None:
        ways = {one: other, other: one}
        while self._mode is Mode.PASSES:
            for source in select.select([one, other], [], [], 0.1)[0]:
                data = source.recv(PIECE)
                if not data:
                    return
                ways[source].sendall(data)


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
