"""Translates the errors of the HTTP client, TLS and sockets into fetchdeck's own."""

import ssl
from typing import Final

import anyio
import httpx2 as httpx

from engine.common.errors import ConnectFailed, Interrupted, RedirectRefused, TlsRefused, TransportError
from engine.common.text import clean
from engine.transport.http import no_answer
from engine.transport.http.no_answer import chain

_TRANSIENT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
FOREIGN: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,  # ssl.SSLError and the TimeoutError of asyncio.timeout among them
    UnicodeError,  # a host name the resolver cannot encode
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
)


# TLS: which errors are a refusal.


def tls_failure(error: BaseException) -> ssl.SSLError | None:
    """Find the TLS error that `error` stems from, if it is a refusal and not merely a lost connection.

    The client passes its errors on as arguments and cuts `__cause__`, so every link is searched.
    """
    refusals = (link for link in chain(error) if isinstance(link, ssl.SSLError) and not isinstance(link, _TRANSIENT))
    return next(refusals, None)


def translate(
    error: Exception, where: str, *, host: str = "the host", proxy: str = "", answered: bool = False
) -> TransportError:
    """Return the transport error for one of `FOREIGN`, raised by a request to `where`.

    Args:
        error: as the client raised it.
        where: names the request.
        host: that it was sent to.
        proxy: the proxy's host; "" without one.
        answered: whether the head of an answer had arrived.
    """
    refused = tls_failure(error)
    if refused is not None:
        return TlsRefused(f"{where}: {_tls_words(refused)}")
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, UnicodeError)):
        why = no_answer.describe(error, host=host, proxy=proxy)
        return ConnectFailed(f"{where}: {_words(error, f'no connection: {why}')}", why=why)
    if isinstance(error, httpx.InvalidURL):
        return RedirectRefused(f"{where}: {_words(error, 'no http(s) address')}")
    if isinstance(error, httpx.LocalProtocolError):
        # Its text repeats what was about to be sent, which may be a credential.
        return Interrupted(f"{where}: the client refused to send this request ({type(error).__name__})")
    answered = answered or not no_answer.broke_before_an_answer(error)
    why = "" if answered else no_answer.describe(error, host=host, proxy=proxy)
    return Interrupted(f"{where}: {_words(error, 'the connection broke')}", answered=answered, why=why)


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return clean(f"the server's certificate is not trusted: {error.verify_message}")
    return clean(f"no TLS with this server: {error.reason or error}")


def _words(error: Exception, otherwise: str) -> str:
    text = str(error)
    return clean(f"{otherwise} ({type(error).__name__}: {text})" if text else f"{otherwise} ({type(error).__name__})")
