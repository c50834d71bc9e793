"""Says why a host gave no answer: its name, its port, a proxy or the way there, told apart in words for the screen."""

import errno
import re
import socket
from collections.abc import Iterator
from typing import Final

import httpx2 as httpx

from engine.common.text import clean

_NO_ROUTE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_CLOSED: Final = re.compile(r"disconnected without sending|reset|broken pipe|closed", re.IGNORECASE)
"""What the client says of a connection that ended before the first byte of an answer."""


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that led to it. The client passes errors on as arguments and cuts `__cause__`."""
    seen: set[int] = set()
    links: list[object] = [error]
    while links:
        link = links.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        links += [link.__cause__, link.__context__, *link.args]


def broke_before_an_answer(error: BaseException) -> bool:
    """Whether a connection ended before anything came. Bytes that are no HTTP are an answer, if a bad one."""
    return not isinstance(error, httpx.RemoteProtocolError) or _CLOSED.search(str(error)) is not None


def describe(error: BaseException, *, host: str, proxy: str = "") -> str:
    """Return why no answer came, without the address, which many requests share: "api.example.org refuses connections".

    Args:
        error: as the client raised it.
        host: of the request.
        proxy: the proxy's host; "" without one. Then it is the proxy that a connection is made to.
    """
    asked = f"the proxy {proxy}" if proxy else host
    links = list(chain(error))
    if any(isinstance(link, socket.gaierror | UnicodeError) for link in links):
        return clean(f"the name {asked} does not resolve" if not proxy else f"the name of {asked} does not resolve")
    if any(isinstance(link, ConnectionRefusedError) for link in links):
        return clean(f"{asked} refuses connections")
    if any(isinstance(link, OSError) and link.errno in _NO_ROUTE for link in links):
        return clean(f"there is no way to {asked}: the network is unreachable")
    if isinstance(error, httpx.ProxyError):
        return clean(f"{asked} does not connect to {host}: {error}")
    if isinstance(error, httpx.ConnectTimeout):
        return clean(f"{asked} does not accept a connection in time")
    if isinstance(error, httpx.ConnectError):
        return clean(f"no connection to {asked}")
    return clean(f"{asked} closes connections before it answers")
