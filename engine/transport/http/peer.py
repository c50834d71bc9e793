"""Which address a host is reached at: one that was public once must not become one of this machine or its network.

Requests stay within their origin, so a redirect or an address in data leads nowhere else. What is left is the name
itself: its owner can let it resolve to 127.0.0.1 or 10.0.0.1 later (DNS rebinding), where services trust whoever can
reach them. A name that is private from the start is one of the person's own network.
"""

from ipaddress import ip_address

from engine.common.errors import RedirectRefused


class PeerGuard:
    """Watches the addresses that one host is reached at."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._was_public = False

    def check(self, peer: str) -> None:
        """See an address that a connection was made to, before anything is sent there.

        Raises:
            RedirectRefused: it is private, and the host was public before.
        """
        try:
            public = ip_address(peer.partition("%")[0]).is_global
        except ValueError:
            return  # a socket without an address, as in tests
        if self._was_public and not public:
            raise RedirectRefused(f"{self._host} resolves to the private address {peer} now: nothing is sent there")
        self._was_public = self._was_public or public
