"""Sends a request for a token to the one server that the configuration names, and stores nothing of it.

It goes over TLS, or to this machine; it is never redirected; and no error shows a secret of it, not even one that the
server repeats.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx2 as httpx
import msgspec

from engine.common.errors import (
    BadBody,
    DeadlineExceeded,
    LoginNeeded,
    NoToken,
    RedirectRefused,
    SourceError,
    TlsRefused,
    UsageError,
)
from engine.common.hosts import is_loopback
from engine.common.secret import Secret
from engine.common.text import clean
from engine.pacing.retry import TRANSIENT
from engine.transport.http.body import Body
from engine.transport.http.errors import FOREIGN, translate
from engine.transport.http.headers import decode
from engine.transport.url import label, origin

TIMEOUT: Final = 30.0
LARGEST: Final = 2**20
"""Bytes of an answer with a token."""
PASSING: Final = TRANSIENT | {429}
"""Statuses after which a later request may get a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """What the server answered. It holds the token, so it is never shown."""

    status: int
    body: bytes = field(repr=False)
    cookies: Mapping[str, Secret]
    max_ages: Mapping[str, float]
    """Seconds that a cookie lives, where its server says so."""

    def json(self) -> Any:
        """Decode the body as JSON; None if it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


def check_token_url(url: str) -> str:
    """Return an address for token requests.

    Raises:
        UsageError: it is neither https nor on this machine.
    """
    try:
        scheme, host, _ = origin(url)
    except RedirectRefused as error:
        raise UsageError(f"{label(url)!r} is no address such as https://auth.example.com/token") from error
    if scheme != "https" and not is_loopback(host):
        raise UsageError(f"{label(url)} is not encrypted: want https://, since a secret is sent there")
    return url


class TokenEndpoint:
    """The server that grants tokens, or that a session is begun at.

    Args:
        url: its address, from `check_token_url`.
        user_agent: as for all requests.
        proxy: address of an HTTP proxy.
        timeout: seconds until the answer must be complete.
    """

    def __init__(
        self,
        *,
        url: str,
        user_agent: str,
        proxy: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.url = check_token_url(url)
        self._user_agent = user_agent
        self._proxy = proxy
        self._timeout = timeout

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()  # loads certificates, 20 ms: once

    @property
    def name(self) -> str:
        """Its address for a message."""
        return label(self.url)

    async def post_form(self, form: Mapping[str, str], *, basic: tuple[str, Secret] | None = None) -> TokenAnswer:
        """Send a form. `basic` is the client's id and secret, for HTTP Basic as RFC 6749 (2.3.1) wants it."""
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if basic is not None:
            client, secret = (quote_plus(part) for part in (basic[0], basic[1].reveal()))
            headers["authorization"] = "Basic " + b64encode(f"{client}:{secret}".encode()).decode()
        return await self._post(headers, urlencode(form).encode())

    async def post_json(self, body: Any) -> TokenAnswer:
        """Send JSON."""
        headers = {"content-type": "application/json", "accept": "application/json"}
        return await self._post(headers, msgspec.json.encode(body))

    def refusal(self, answer: TokenAnswer, secrets: Sequence[Secret]) -> NoToken | SourceError | None:
        """Return the error that an answer without a token stands for; None for a success."""
        if answer.status < 300:
            return None
        if answer.status < 400:
            return SourceError(f"{self.name} redirects ({answer.status}): a request for a token is never redirected")
        words = clean(_words(answer.json(), secrets), 200)
        said = f"{answer.status}{f', {words}' if words else ''}"
        if answer.status in PASSING:
            return self._no_token(f"{self.name} grants no token now ({said})")
        if answer.status >= 500:
            return SourceError(f"{self.name} refuses to grant a token ({said})")
        return LoginNeeded(f"{self.name} refuses to grant a token ({said}): the credential was refused or has expired")

    def _no_token(self, words: str) -> NoToken:
        """Return the error of a server that ails. It counts as no answer of the API, which cannot be asked now."""
        return NoToken(words, answered=False, why=words)

    async def _post(self, headers: Mapping[str, str], content: bytes) -> TokenAnswer:
        where = f"POST {self.name}"
        sent = {"user-agent": self._user_agent, "accept-encoding": "gzip", **headers}
        request = httpx.Request(
            "POST", self.url, headers=sent, content=content, extensions={"timeout": httpx.Timeout(None).as_dict()}
        )
        transport = httpx.AsyncHTTPTransport(verify=self._tls, proxy=httpx.Proxy(self._proxy) if self._proxy else None)
        try:
            async with asyncio.timeout(self._timeout) as deadline, transport:
                return await self._exchange(transport, request)
        except FOREIGN as error:
            if deadline.expired():
                late = f"no whole answer within {self._timeout:g} s"
                raise DeadlineExceeded(f"{where}: {late}", answered=False, why=f"{self.name} gives {late}") from error
            proxy = clean(httpx.Proxy(self._proxy).url.host, 80) if self._proxy else ""
            failed = translate(error, where, host=clean(httpx.URL(self.url).host, 80), proxy=proxy)
            if not isinstance(failed, TlsRefused):
                # As of an API that gives no answer: without a token nothing can be asked.
                failed.answered, failed.why = False, failed.why or f"{self.name} gives no whole answer"
            raise failed from error
        except BadBody as error:
            raise self._no_token(f"{where}: {error}") from error

    @staticmethod
    async def _exchange(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> TokenAnswer:
        incoming = await transport.handle_async_request(request)
        try:
            head = decode(incoming.headers.raw)
            body = Body(head.get("content-encoding", ""), limit=LARGEST)
            async for data in incoming.aiter_raw():
                body.feed(data)
            set_cookies = [
                value.decode("latin-1") for name, value in incoming.headers.raw if name.lower() == b"set-cookie"
            ]
            return TokenAnswer(
                status=incoming.status_code,
                body=body.finish(),
                cookies={name: Secret(value) for name, value in map(_pair, set_cookies)},
                max_ages={name: age for line in set_cookies for name, age in _max_age(line)},
            )
        finally:
            await incoming.aclose()


def leaf(data: Any, path: Sequence[str | int]) -> Any:
    """Return what names and positions lead to in decoded JSON; None where they lead nowhere."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
            continue
        # A name of digits is a position too, as in every path of a configuration: "tokens.0.id".
        at = int(step) if isinstance(step, int) or (step.isascii() and step.isdigit() and len(step) < 7) else None
        if not isinstance(data, list) or at is None or not -len(data) <= at < len(data):
            return None
        data = data[at]
    return data


def seconds(value: Any) -> float | None:
    """Read a lifetime such as `expires_in`, which some servers send as a text."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return found if found is not None and 0 <= found < 10**9 else None


def token_of(value: Any) -> Secret | None:
    """Return a token if a value is one: a text of visible ASCII characters."""
    usable = isinstance(value, str) and value.isascii() and value.isprintable() and value and " " not in value
    return Secret(value) if usable else None


def _words(data: Any, secrets: Sequence[Secret]) -> str:
    """Return what an error says (RFC 6749, 5.2), without the secrets that were sent."""
    if not isinstance(data, dict):
        return ""
    said = [data.get(key) for key in ("error", "error_description", "message")]
    words = ": ".join(one for one in said if isinstance(one, str) and one)
    for secret in secrets:
        words = words.replace(secret.reveal(), "***") if secret.reveal() else words
    return words


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(";")[0].partition("=")
    return name.strip(), value.strip().strip('"')


def _max_age(line: str) -> list[tuple[str, float]]:
    name, _ = _pair(line)
    for attribute in line.split(";")[1:]:
        key, _, value = attribute.partition("=")
        age = seconds(value.strip())
        if key.strip().lower() == "max-age" and age is not None:
            return [(name, age)]
    return []
