"""HTTP transport: sends one request and returns its complete, checked response. Only this package knows the client.

It uses the client's connection handling alone. Cookies, netrc, redirects and decoding are off: a response depends on
its request and on nothing else.
"""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import Any, Final

import httpx2 as httpx
import msgspec

from engine.common.errors import DeadlineExceeded, RedirectRefused, UsageError
from engine.common.secret import Secret
from engine.common.text import clean
from engine.model.source import Request, Response
from engine.transport.base import Transport
from engine.transport.http.body import Body
from engine.transport.http.errors import FOREIGN, translate
from engine.transport.http.headers import decode, encode, encode_name, encode_value
from engine.transport.http.query_auth import QuerySecret
from engine.transport.url import check_base, label, next_hop, resolve

MIB: Final = 2**20
CONNECT_TIMEOUT: Final = 10.0
KEEPALIVE: Final = 15.0
"""Seconds an idle connection is kept: enough for an API paced at one request in ten seconds."""

# Connections to one origin, each in a client pool of its own; the most recently used one is lent first.
#
# A pool of the client checks every idle connection it holds before and after each request. With 32 requests in flight
# that was half of a request's cost (docs/decisions/0003-one-pool-a-connection.md). A pool of one has nothing to check,
# and a cancelled request can spoil no connection but its own.


class Connections:
    """Lends a connection to one request at a time."""

    def __init__(self, *, most: int, make: Callable[[], httpx.AsyncHTTPTransport]) -> None:
        self._make = make
        self._places = asyncio.Semaphore(most)
        self._idle: list[httpx.AsyncHTTPTransport] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend a connection; wait while all are lent."""
        async with self._places:
            connection = self._idle.pop() if self._idle else self._make()
            try:
                yield connection
            finally:
                # Last in, first out: surplus connections stay idle and expire.
                self._idle.append(connection)

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop().aclose()


def tls_context() -> ssl.SSLContext:
    """Make the SSL context that all transports of a process share. Loading the certificates takes 20 ms each time."""
    return httpx.create_ssl_context()


class HttpTransport(Transport):
    """Sends requests to one origin over HTTP/1.1. It makes one attempt; retries belong to the queue.

    Args:
        base_url: scheme, host and an optional path prefix.
        headers: sent with every request.
        secret_header: the credential's header name and its whole value ("Bearer ..."), sent to this origin only.
        secret_query: instead of a header, the query parameter that carries the credential, and the credential.
        connections: connections open at once; a further request waits, inside its deadline.
        user_agent: "fetchdeck/1.0 (+https://...)": several APIs refuse a client that does not say who it is.
        total_timeout: seconds one request may take, redirects included.
        body_limit: decoded bytes accepted of one response.
        ssl_context: from `tls_context`; None creates one.
        proxy: address of an HTTP proxy.

    Raises:
        UsageError: the base address or a header value cannot be sent.
    """

    def __init__(
        self,
        *,
        base_url: str,
        headers: Mapping[str, str],
        secret_header: tuple[str, Secret] | None,
        secret_query: tuple[str, Secret] | None = None,
        connections: int,
        user_agent: str,
        total_timeout: float = 60.0,
        body_limit: int = 64 * MIB,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
    ) -> None:
        self._base = check_base(base_url)
        self._origin = _client_origin(self._base)
        self._headers = {
            b"accept": b"*/*",
            b"accept-encoding": b"gzip",
            b"user-agent": encode_value("User-Agent", user_agent),
        }
        self._headers |= encode(headers)
        self._secret_header = secret_header
        self._secret_query = QuerySecret(*secret_query) if secret_query else None
        self._total_timeout = total_timeout
        self._body_limit = body_limit
        self._timeouts = httpx.Timeout(None, connect=min(CONNECT_TIMEOUT, total_timeout)).as_dict()
        self._credential()  # refuse an unusable credential now, not at the first request
        self._connections = Connections(
            most=connections,
            make=partial(
                httpx.AsyncHTTPTransport,
                verify=ssl_context or tls_context(),
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE),
                proxy=_proxy(proxy),
            ),
        )

    @cached_property
    def identity(self) -> str:
        """Return a digest that tells credentials apart.

        It is stored on disk, so it is a slow hash: guessing must cost.
        """
        if self._secret_header is not None:
            name, secret = self._secret_header
        elif self._secret_query is not None:
            name, secret = self._secret_query.name, self._secret_query.secret
        else:
            return "anonymous"
        salt = f"fetchdeck {name.lower()}".encode()
        return hashlib.scrypt(secret.reveal().encode(), salt=salt, n=2**13, r=8, p=1, dklen=12).hex()

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request with extra headers; return its complete response, after redirects within the origin.

        Raises:
            TransportError: no complete response arrived.
            BadBody: the body is not in the encoding it announces.
        """
        trail = [resolve(self._base, request.url, request.params)]
        try:
            async with asyncio.timeout(self._total_timeout) as deadline:
                while True:
                    answer = await self._exchange(request, trail[-1], headers)
                    target = next_hop(request.method, answer.status, answer.headers, trail)
                    if target is None:
                        return answer
                    trail.append(self._secret_query.strip(target) if self._secret_query else target)
        except FOREIGN as error:
            # The client's errors and a passed deadline arrive here alike: TimeoutError is an OSError.
            if deadline.expired():
                where = f"{request.method} {label(trail[-1])}"
                raise DeadlineExceeded(f"{where}: no whole answer within {self._total_timeout:g} s") from error
            raise translate(error, f"{request.method} {label(trail[-1])}") from error

    async def close(self) -> None:
        await self._connections.close()

    async def _exchange(self, request: Request, address: str, headers: Mapping[str, str]) -> Response:
        """Send one request to one address, without following redirects."""
        secret = self._secret_query
        url = httpx.URL(secret.add(self._base, address) if secret else address)
        self._guard(url)
        stopwatch = _Stopwatch()
        outgoing = httpx.Request(
            request.method,
            url,
            headers=[*self._headers_with(request, headers).items(), *self._credential()],
            content=None if request.json is None else msgspec.json.encode(request.json),
            extensions={"timeout": self._timeouts, "trace": stopwatch},
        )
        async with self._connections.lend() as connection:
            incoming = await connection.handle_async_request(outgoing)
            try:
                elapsed = stopwatch.elapsed()
                head = decode(incoming.headers.raw)
                body = await self._read(incoming, head)
            finally:
                await incoming.aclose()
        if secret:
            head, body = secret.strip_headers(head), secret.strip_body(body)
        return Response(status=incoming.status_code, headers=head, body=body, url=address, elapsed=elapsed)

    async def _read(self, incoming: httpx.Response, head: Mapping[str, str]) -> bytes:
        body = Body(head.get("content-encoding", ""), limit=self._body_limit)
        async for data in incoming.aiter_raw():
            body.feed(data)
        return body.finish()

    def _guard(self, url: httpx.URL) -> None:
        """Check the origin again as the client parses it. Where two URL parsers differ, a credential would leak."""
        if (url.scheme, url.raw_host, url.port) != self._origin or url.userinfo:
            raise RedirectRefused(f"{clean(url.host)} is not the origin of {label(self._base)}")

    def _headers_with(self, request: Request, extra: Mapping[str, str]) -> dict[bytes, bytes]:
        kind = {} if request.json is None else {b"content-type": b"application/json"}
        return self._headers | kind | encode(request.headers) | encode(extra)

    def _credential(self) -> Iterable[tuple[bytes, bytes]]:
        if self._secret_header is None:
            return ()
        name, secret = self._secret_header
        return ((encode_name(name), encode_value(name, secret.reveal())),)


class _Stopwatch:
    """Records when the request was sent: the client's pool calls it at each step (the "trace" extension of httpcore).

    Without it, the wait for a free connection and the handshakes would count as the server's latency. It costs 20
    microseconds per request; the whole exchange costs 500.
    """

    def __init__(self) -> None:
        self._now = asyncio.get_running_loop().time
        self._sent = self._now()

    async def __call__(self, step: str, _info: Mapping[str, Any]) -> None:
        # A proxy causes two such steps, the first one for CONNECT. The last one is the request's own.
        if step == "http11.send_request_headers.started":
            self._sent = self._now()

    def elapsed(self) -> float:
        return self._now() - self._sent


def _client_origin(base: str) -> tuple[str, bytes, int | None]:
    try:
        url = httpx.URL(base)
    except httpx.InvalidURL as error:
        raise UsageError(f"base_url {label(base)!r} is no valid address: {clean(str(error))}") from error
    return url.scheme, url.raw_host, url.port


def _proxy(address: str | None) -> httpx.Proxy | None:
    if address is None:
        return None
    try:
        return httpx.Proxy(address)
    except (httpx.InvalidURL, ValueError):
        # Neither chained nor shown: a proxy's address often holds its password.
        raise UsageError("the proxy's address is no http(s) address: look at HTTPS_PROXY and HTTP_PROXY") from None
