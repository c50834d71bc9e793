"""One response before it is sent: status, body and the headers that belong to its content."""

import gzip
from hashlib import blake2b
from typing import Any

import msgspec

Header = tuple[bytes, bytes]

JSON = b"application/json; charset=utf-8"
HTML = b"text/html; charset=utf-8"

_encode = msgspec.json.Encoder().encode


class Page:
    """A rendered response. Pages are shared between requests, so nothing in them depends on the client."""

    __slots__ = ("_digest", "_gzipped", "body", "cacheable", "headers", "kind", "named", "status", "tells_quota")

    def __init__(
        self,
        status: int,
        body: bytes,
        *,
        kind: bytes = JSON,
        headers: tuple[Header, ...] = (),
        cacheable: bool = True,
        tells_quota: bool = True,
    ) -> None:
        self.status = status
        self.body = body
        self.kind = kind
        self.headers = headers
        self.cacheable = cacheable
        self.tells_quota = tells_quota
        self.named = cacheable
        """Whether it has an ETag where its API has any. A page that is not cached may have one too."""
        self._gzipped: bytes | None = None
        self._digest: bytes | None = None

    def __repr__(self) -> str:
        return f"<Page {self.status} {len(self.body)} bytes>"

    @property
    def weight(self) -> int:
        """Approximate bytes of memory it takes, a compressed copy included."""
        return len(self.body) + len(self.body) // 4 + 1000

    @property
    def gzipped(self) -> bytes:
        """The body as a gzip stream."""
        if self._gzipped is None:
            self._gzipped = gzip.compress(self.body, 1, mtime=0)
        return self._gzipped

    def etag(self, url: str, credential: str) -> bytes:
        """Return a weak ETag for this content, address and client."""
        if self._digest is None:
            self._digest = blake2b(self.body, digest_size=16).digest()
        return (
            b'W/"%s"' % blake2b(f"{url} {credential}".encode(), key=self._digest, digest_size=32).hexdigest().encode()
        )


def json_page(
    value: Any,
    *,
    status: int = 200,
    headers: tuple[Header, ...] = (),
    cacheable: bool = True,
    tells_quota: bool = True,
) -> Page:
    """Render a value as JSON. Without `tells_quota` the budget's headers are left out."""
    return Page(status, _encode(value), headers=headers, cacheable=cacheable, tells_quota=tells_quota)
