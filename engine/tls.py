"""Trust between two machines: the one SSL context all transports share, and what it means when a handshake fails."""

import ssl

_TRANSIENT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def tls_failure(error: BaseException) -> ssl.SSLError | None:
    """Find the TLS error that `error` stems from: one that says no, not one that merely lost the connection.

    The client wraps its errors as arguments and cuts the `__cause__`, so every link is looked at.
    """
    seen: set[int] = set()
    links: list[object] = [error]
    while links:
        link = links.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        if isinstance(link, ssl.SSLError) and not isinstance(link, _TRANSIENT):
            return link
        links += [link.__cause__, link.__context__, *link.args]
    return None
