"""Which base addresses are one server: those of one origin where one address lies below the other. Pure."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from engine.address import Origin, origin

Address = tuple[Origin, str]
"""An origin and a path with a slash at the end."""


class Servers:
    """Knows every base address there is.

    `https://gitlab.example` and `https://gitlab.example/api/v4` are one server. `https://gate.example/github` and
    `https://gate.example/gitlab` are two: a gateway's paths lead to servers of their own.
    """

    def __init__(self, base_urls: Iterable[str]) -> None:
        self._known = sorted({_read(base_url) for base_url in base_urls}, key=lambda known: len(known[1]))

    def name(self, base_url: str) -> str:
        """Name the server of an address, the same for each of its addresses."""
        asked, path = _read(base_url)
        highest = (known for known in self._known if known[0] == asked and path.startswith(known[1]))
        (scheme, host, port), path = next(highest, (asked, path))
        return f"{scheme}://{host}:{port}{path}"


def _read(base_url: str) -> Address:
    return origin(base_url), urlsplit(base_url).path.rstrip("/") + "/"
