"""A response body while it arrives: decoded piece by piece, under a size cap, and complete at the end or refused. Pure.

All HTTP clients that were tried accept a truncated gzip stream as a good, short body. So decoding is done here.
"""

import io
import zlib
from collections.abc import Callable
from typing import Final

from engine.common.errors import BadBody, BodyTooLarge, Interrupted

_GZIP: Final = zlib.MAX_WBITS | 16
_RAW: Final = -zlib.MAX_WBITS
PIECE: Final = 2**18
"""Bytes that are decoded at once: 64 kB off the wire can become 64 MB."""


class Body:
    """Collects the bytes of one response.

    Args:
        encoding: the Content-Encoding header, "" without one.
        limit: decoded bytes accepted. Encoded bytes are held to 1 % more.
        grow: called with the number of bytes that will be kept besides, before they are.

    Raises:
        BadBody: the encoding is one we cannot decode (and did not ask for).
    """

    def __init__(self, encoding: str, *, limit: int, grow: Callable[[int], object] = lambda _: None) -> None:
        self._limit = limit
        self._grow = grow
        self._wire_limit = limit + limit // 100 + 1024
        self._received = 0
        self._size = 0
        # A list of parts would be in memory twice while it is joined. This hands its bytes over without a copy.
        self._content = io.BytesIO()
        self._coding = _coding(encoding)
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes off the wire.

        Raises:
            BodyTooLarge: the body passed its cap.
            BadBody: the bytes are not of the announced encoding.
        """
        self._received += len(data)
        if self._received > self._wire_limit:
            raise BodyTooLarge(f"the body is larger than {self._limit:,} bytes")
        if self._coding == "identity":
            self._keep(data)
            return
        try:
            self._decode(data)
        except zlib.error as error:
            raise BadBody(f"the body is no valid {self._coding}: {error}") from error

    def finish(self) -> bytes:
        """Return the decoded body, once all bytes were fed.

        Raises:
            Interrupted: a compressed stream ended before its end mark.
        """
        if self._inflate is not None and not self._inflate.eof:
            raise Interrupted(f"the {self._coding} body ends before its end mark, after {self._size:,} decoded bytes")
        content, self._content = self._content, io.BytesIO()
        return content.getvalue()

    def clear(self) -> None:
        """Let go of everything that was read."""
        self._content = io.BytesIO()

    def _decode(self, data: bytes) -> None:
        more = False
        while data or more:
            if self._inflate is None or self._inflate.eof:
                # A gzip file is a series of members (RFC 1952, 2.2), and some servers add zero padding after the last.
                data = data.lstrip(b"\0") if self._inflate else data
                if not data:
                    return
                self._inflate = zlib.decompressobj(self._window(data))
            # One byte more than the room left is enough to know that the cap is passed, so a bomb inflates no further.
            most = min(PIECE, self._limit - self._size + 1)
            decoded = self._inflate.decompress(data, most)
            self._keep(decoded)
            # A full piece may not be all: zlib keeps what it has decoded beyond it, even where no input is left.
            more = len(decoded) == most and not self._inflate.eof
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail

    def _window(self, data: bytes) -> int:
        if self._coding == "gzip":
            return _GZIP
        # "deflate" means zlib (RFC 9110, 8.4.1.2), yet some servers send raw deflate. A zlib header (RFC 1950, 2.2) has
        # the compression method in its low four bits.
        return zlib.MAX_WBITS if data[0] & 0x0F == zlib.DEFLATED else _RAW

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            self.clear()
            raise BodyTooLarge(f"the decoded body is larger than {self._limit:,} bytes")
        self._grow(len(data))
        self._content.write(data)


def _coding(encoding: str) -> str:
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    match names:
        case []:
            return "identity"
        case ["gzip" | "x-gzip"]:
            return "gzip"
        case ["deflate"]:
            return "deflate"
        case _:
            raise BadBody(f"the body has Content-Encoding {', '.join(names)[:60]!r}; only gzip was asked for")
