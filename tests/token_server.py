"""An API on a real socket whose tokens expire, with the servers that grant new ones: OAuth 2 and a login."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USERS = 30
"""Users of `/users`; each has one post in `/users/ID/posts`."""


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    status: int = 0

    @property
    def form(self) -> Mapping[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Grant = Callable[[Asked], tuple[int, Mapping[str, str], Any]]
"""Answers a POST: status, headers and a body as JSON."""


@dataclass
class TokenServer:
    """Serves `/users` and their posts to whoever carries the valid token; each token is good for some requests only."""

    grant: Grant = lambda asked: (404, {}, {})
    carried: Callable[[Asked], str] = lambda asked: asked.headers.get("authorization", "").removeprefix("Bearer ")
    good_for: int = 10**9
    """Requests that a token is good for."""
    valid: str = ""
    on_expiry: Callable[[], object] = lambda: None
    """Called when the valid token has expired."""
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    _used: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def granted(self) -> list[Asked]:
        return [one for one in self.asked if one.method == "POST"]

    def statuses(self) -> dict[int, int]:
        """Count the answers to what was harvested, by status."""
        found = [one.status for one in self.asked if one.method == "GET"]
        return {status: found.count(status) for status in sorted(set(found))}

    def issue(self, token: str) -> str:
        """Make a token the valid one."""
        self.valid, self._used = token, 0
        return token

    def answer(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        with self._lock:
            self.asked.append(asked)
            found = self.grant(asked) if asked.method == "POST" else self._data(asked)
            asked.status = found[0]
        return found

    def _data(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        if not self.valid or self.carried(asked) != self.valid:
            return 401, {}, {"message": "token expired"}
        self._used += 1
        if self._used >= self.good_for:
            self.valid = ""
            self.on_expiry()
        if asked.path == "/users":
            return 200, {}, [{"id": number} for number in range(1, USERS + 1)]
        return 200, {}, [{"id": int(asked.path.split("/")[2])}]


@contextmanager
def token_server(server: TokenServer) -> Iterator[TokenServer]:
    """Run a server in a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            where = urlsplit(self.path)
            size = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra, data = server.answer(
                Asked(self.command, where.path, parse_qs(where.query), headers, self.rfile.read(size))
            )
            body = json.dumps(data).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 -- the name that the base class looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name of the base class
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        try:
            yield server
        finally:
            http.shutdown()
