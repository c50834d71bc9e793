"""HTTP transport: sends one request and returns its complete, checked response. Only this package knows the client.

It uses the client's connection handling alone. Cookies, netrc, redirects and decoding are off: a response depends on
its request and on nothing else.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import httpx2 as httpx
import msgspec

from engine.common.allocator import map_large_blocks
from engine.common.descriptors import bound, none_left
from engine.common.errors import (
    BodyTooLarge,
    DeadlineExceeded,
    NoRoom,
    RedirectRefused,
    RequestRefused,
    SourceError,
    UsageError,
)
from engine.common.redaction import LIVE, redact
from engine.common.text import clean
from engine.model.credentials import CredentialProvider, Credentials
from engine.model.source import Request, Response
from engine.transport.base import UNAUTHORIZED, Transport
from engine.transport.http.body import Body
from engine.transport.http.bytes_in_flight import MIB, BytesInFlight
from engine.transport.http.carrying import Carrying
from engine.transport.http.errors import FOREIGN, translate
from engine.transport.http.headers import decode, encode, encode_value
from engine.transport.http.peer import PeerGuard
from engine.transport.identity import ANONYMOUS
from engine.transport.url import check_base, encode_params, label, next_hop, resolve

CONNECT_TIMEOUT: Final = 10.0
KEEPALIVE: Final = 15.0
"""Seconds an idle connection is kept: enough for an API paced at one request in ten seconds."""
MOST_REFUSED: Final = 5_000
"""Refused requests that are remembered: more than can be in flight."""
SOON: Final = 300.0
"""Seconds after a renewal in which another 401 of the same request is a refusal: no token expires so soon unused."""
MOST_RENEWALS: Final = 3
"""Renewals for one request in a row: an API may refuse it with every token, because that account may not ask it."""

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
        credentials: hands out what each request carries besides, sent to this origin only; None sends none.
        connections: connections open at once; a further request waits, inside its deadline.
        user_agent: "fetchdeck/1.0 (+https://...)": several APIs refuse a client that does not say who it is.
        total_timeout: seconds one request may take, redirects included.
        body_limit: decoded bytes accepted of one response.
        bytes_in_flight: bounds the bytes of all responses; shared by all transports of a process.
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
        credentials: CredentialProvider | None = None,
        connections: int,
        user_agent: str,
        total_timeout: float = 60.0,
        body_limit: int = 64 * MIB,
        bytes_in_flight: BytesInFlight | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
    ) -> None:
        map_large_blocks()
        self._base = check_base(base_url)
        self._origin = _client_origin(self._base)
        self._headers = {
            b"accept": b"*/*",
            b"accept-encoding": b"gzip",
            b"user-agent": encode_value("User-Agent", user_agent),
        }
        self._headers |= encode(headers)
        self._credentials = credentials
        self._refused: dict[str, Credentials] = {}
        """The credentials of requests that were refused, by key, until `renew` is asked about them."""
        self._renewals: dict[str, list[float]] = {}
        """When credentials were renewed for a request that has not been answered since, by key."""
        self._for_others: set[str] = set()
        """Requests, by key, that were refused with a renewed credential that others were answered with."""
        self._accepted: deque[Credentials] = deque(maxlen=16)
        """The last ones that were accepted: those that a request was refused with may have expired since."""
        self._host = clean(self._origin[1].decode("ascii", "replace"), 80)
        self._proxy_host = _proxy_host(proxy)
        self._peers = None if proxy else PeerGuard(self._host)
        self._total_timeout = total_timeout
        self._body_limit = body_limit
        self._bytes = bytes_in_flight or BytesInFlight()
        self._timeouts = httpx.Timeout(None, connect=min(CONNECT_TIMEOUT, total_timeout)).as_dict()
        self._connections = Connections(
            most=connections,
            make=partial(
                httpx.AsyncHTTPTransport,
                verify=ssl_context or tls_context(),
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE),
                proxy=_proxy(proxy),
            ),
        )

    @property
    def identity(self) -> str:
        return self._credentials.identity if self._credentials else ANONYMOUS

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request with extra headers; return its complete response, after redirects within the origin.

        Raises:
            TransportError: no complete response arrived. `NoRoom`: because of this process, so nothing is known of the
                server.
            BadBody: the body is not in the encoding it announces.
            SourceError: there is no credential to be had.
        """
        # Before the deadline begins: a token that must be renewed first is no part of this request's time.
        credentials = await self._credentials.credentials() if self._credentials else Credentials()
        secrets = _carrying(credentials)
        trail, progress = [resolve(self._base, request.url, request.params)], _Progress()
        try:
            async with asyncio.timeout(self._total_timeout) as deadline:
                while True:
                    answer = await self._exchange(request, trail[-1], headers, secrets, progress)
                    target = next_hop(request.method, answer.status, answer.headers, trail)
                    if target is None:
                        self._note(request, answer, credentials)
                        return answer
                    trail.append(secrets.strip(target))
        except MemoryError as error:
            raise BodyTooLarge(f"{request.method} {label(trail[-1])}: there is no memory for the answer") from error
        except FOREIGN as error:
            if none_left():
                await self._connections.close()  # other requests may need the descriptors of idle ones
                raise NoRoom(f"{request.method} {label(trail[-1])}: {bound()}", why=bound()) from error
            # The client's errors and a passed deadline arrive here alike: TimeoutError is an OSError.
            if deadline.expired():
                where = f"{request.method} {label(trail[-1])}"
                late = f"within {self._total_timeout:g} s"
                why = "" if progress.answered else f"{self._host} gives no answer {late}"
                raise DeadlineExceeded(
                    f"{where}: no whole answer {late}", answered=progress.answered, why=why
                ) from error
            where = f"{request.method} {label(trail[-1])}"
            raise translate(
                error, where, host=self._host, proxy=self._proxy_host, answered=progress.answered
            ) from error

    async def close(self) -> None:
        await self._connections.close()

    async def renew(self, request: Request) -> bool:
        """Renew the credential that a request was refused with. A second 401, with the new one, is a refusal.

        The new one may have expired as well, where others were answered with it meanwhile or this request waited long.
        """
        refused, before = self._refused.pop(request.key, None), self._renewals.pop(request.key, [])
        now = asyncio.get_running_loop().time()
        if self._credentials is None or refused is None:
            return False
        for_others = any(refused is one for one in self._accepted)
        if len(before) >= MOST_RENEWALS or (before and now - before[-1] < SOON and not for_others):
            if before and (for_others or request.key in self._for_others):
                self._for_others.discard(request.key)
                tried = f"refused (401) with {len(before) + 1} credentials, and others are answered with them"
                raise RequestRefused(f"{request.method} {label(request.url)}: {tried}")
            return False
        if before and for_others:
            self._for_others.add(request.key)
        if not await self._credentials.refused(refused):
            return False
        self._renewals[request.key] = [*before, now]
        return True

    def provider(self, request: Request) -> CredentialProvider | None:
        _ = request
        return self._credentials

    def _note(self, request: Request, answer: Response, credentials: Credentials) -> None:
        """Remember the credentials that an answer refused; forget a request that got any other answer."""
        if answer.status == UNAUTHORIZED and self._credentials is not None:
            self._refused[request.key] = credentials
            if len(self._refused) > MOST_REFUSED:  # a source that expects a 401 has nobody ask about it
                del self._refused[next(iter(self._refused))]
            return
        self._renewals.pop(request.key, None)
        self._for_others.discard(request.key)
        if answer.status < 400 and not any(credentials is one for one in self._accepted):
            self._accepted.append(credentials)

    async def _exchange(
        self, request: Request, address: str, headers: Mapping[str, str], secrets: Carrying, progress: "_Progress"
    ) -> Response:
        """Send one request to one address, without following redirects."""
        url = httpx.URL(secrets.add(self._base, address))
        self._guard(url)
        stopwatch = _Stopwatch(self._peers)
        outgoing = httpx.Request(
            request.method,
            url,
            headers=[*self._headers_with(request, headers).items(), *secrets.headers],
            content=_content(request),
            extensions={"timeout": self._timeouts, "trace": stopwatch},
        )
        async with self._connections.lend() as connection:
            incoming = await connection.handle_async_request(outgoing)
            try:
                elapsed, progress.answered = stopwatch.elapsed(), True
                return await self._read(incoming, address, elapsed, secrets)
            finally:
                await incoming.aclose()

    async def _read(self, incoming: httpx.Response, address: str, elapsed: float, secrets: Carrying) -> Response:
        """Read a body, for as long as there is room for it beside older ones."""
        head = decode(incoming.headers.raw)

        def give_way() -> None:
            body.clear()
            reading.reschedule(0.0)  # the server may send nothing more for a minute

        held = self._bytes.begin(give_way)
        try:
            body = Body(head.get("content-encoding", ""), limit=self._body_limit, grow=held.grow)
            async with asyncio.timeout(None) as reading:
                async for data in incoming.aiter_raw():
                    body.feed(data)
            # Here and nowhere later: rows, the raw item, the stored answer of an ETag and errors are all made of these.
            head = {name: redact(value) for name, value in secrets.strip_headers(head).items()}
            content = LIVE.redact_body(secrets.strip_body(body.finish()))
            answer = Response(status=incoming.status_code, headers=head, body=content, url=address, elapsed=elapsed)
            held.count_until_gone(answer)
        except TimeoutError:
            held.check()
            raise
        finally:
            held.release_if_unread()
        return answer

    def _guard(self, url: httpx.URL) -> None:
        """Check the origin again as the client parses it. Where two URL parsers differ, a credential would leak."""
        if (url.scheme, url.raw_host, url.port) != self._origin or url.userinfo:
            raise RedirectRefused(f"{clean(url.host)} is not the origin of {label(self._base)}")

    def _headers_with(self, request: Request, extra: Mapping[str, str]) -> dict[bytes, bytes]:
        kind: dict[bytes, bytes] = {}
        if request.form is not None:
            kind = {b"content-type": b"application/x-www-form-urlencoded"}
        elif request.json is not None:
            kind = {b"content-type": b"application/json"}
        return self._headers | kind | encode(request.headers) | encode(extra)


def _carrying(credentials: Credentials) -> Carrying:
    try:
        return Carrying(credentials)
    except UsageError as error:  # the first ones are checked before the start; these came by a renewal
        raise SourceError(str(error)) from error


def _content(request: Request) -> bytes | None:
    if request.form is not None:
        return encode_params(request.form).encode()
    return None if request.json is None else msgspec.json.encode(request.json)


class _Progress:
    """How far a request came: whether an HTTP answer began to arrive, of this hop or an earlier one."""

    def __init__(self) -> None:
        self.answered = False


class _Stopwatch:
    """Records when the request was sent, and sees whom a new connection leads to.

    The client's pool calls it at each step (the "trace" extension of httpcore).

    Without it, the wait for a free connection and the handshakes would count as the server's latency. It costs 20
    microseconds per request; the whole exchange costs 500.
    """

    def __init__(self, peers: PeerGuard | None) -> None:
        self._peers = peers
        self._now = asyncio.get_running_loop().time
        self._sent = self._now()

    async def __call__(self, step: str, info: Mapping[str, Any]) -> None:
        if step == "connection.connect_tcp.complete" and self._peers is not None:
            stream = info["return_value"]
            peer = stream.get_extra_info("server_addr")
            try:
                self._peers.check(str(peer[0]) if peer else "")
            except RedirectRefused:
                await stream.aclose()  # the pool does not know of it yet
                raise
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


def _proxy_host(address: str | None) -> str:
    """Return the proxy's host and port, never its password; "" without a proxy."""
    proxy = _proxy(address)
    if proxy is None:
        return ""
    return clean(f"{proxy.url.host}:{proxy.url.port}" if proxy.url.port else proxy.url.host, 80)


def _proxy(address: str | None) -> httpx.Proxy | None:
    if address is None:
        return None
    try:
        return httpx.Proxy(address)
    except (httpx.InvalidURL, ValueError):
        # Neither chained nor shown: a proxy's address often holds its password.
        raise UsageError("the proxy's address is no http(s) address: look at HTTPS_PROXY and HTTP_PROXY") from None
