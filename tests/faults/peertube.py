"""A PeerTube instance behind a loopback proxy: yt-dlp insists on https and on hosts it knows, so CONNECT leads here.

The paged API is https://docs.joinpeertube.org/api-rest-reference.html#tag/Video-Channels.
"""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGE = 30
_CERTIFICATE = Path(__file__).with_name("wrong_host.pem")


class PeerTube:
    """One channel of a PeerTube instance."""

    def __init__(self, videos: int) -> None:
        self.ids = [f"{number:022}" for number in range(videos, 0, -1)]
        self.pages: list[int] = []
        """The start of every page that was asked for."""
        self.channel = "https://framatube.org/c/tech/videos"
        self.proxy = ""
        self.busy = False
        """Whether to answer 429 to everything."""

    def answer(self, target: str) -> dict[str, object]:
        address = urlsplit(target)
        if not address.path.endswith("/videos"):
            return {"displayName": "Tech", "id": 7}
        asked = parse_qs(address.query)
        start, count = int(asked["start"][0]), int(asked["count"][0])
        self.pages.append(start)
        data = [{"shortUUID": id, "uuid": id, "name": f"Video {id}"} for id in self.ids[start : start + count]]
        return {"total": len(self.ids), "data": data}


@contextmanager
def peertube(videos: int) -> Iterator[PeerTube]:
    site = PeerTube(videos)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    listener = socket.create_server(("127.0.0.1", 0))
    site.proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    threading.Thread(target=_accept, args=(listener, context, site), daemon=True).start()
    try:
        yield site
    finally:
        listener.close()


def _accept(listener: socket.socket, context: ssl.SSLContext, site: PeerTube) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, context, site), daemon=True).start()


def _serve(connection: socket.socket, context: ssl.SSLContext, site: PeerTube) -> None:
    with connection, contextlib.suppress(OSError):
        _head(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            while head := _head(secure):
                if site.busy:
                    secure.sendall(b"HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n")
                    continue
                body = json.dumps(site.answer(head.split(" ")[1])).encode()
                kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                secure.sendall(kind + str(len(body)).encode() + b"\r\n\r\n" + body)


def _head(connection: socket.socket) -> str:
    read = b""
    while not read.endswith(b"\r\n\r\n"):
        more = connection.recv(4096)
        if not more:
            return ""
        read += more
    return read.decode()
