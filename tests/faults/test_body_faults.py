"""Bodies that are cut, corrupt, endless, or larger than they look."""

import gzip
import tracemalloc
import zlib

import pytest

from engine.common.errors import BadBody, BodyTooLarge, Interrupted
from engine.transport.http.transport import HttpTransport
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, answer, endless, raw
from tests.faults.test_transport import get

GZIP = "Content-Encoding: gzip"
WHOLE = gzip.compress(b'{"a": 1}' * 1000, mtime=0)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@pytest.mark.parametrize("cut", [1, 8, 9, len(WHOLE) - 5])
async def test_a_gzip_body_cut_short_never_counts_as_an_answer(
    server: FaultServer, transport: HttpTransport, cut: int
) -> None:
    server.plays(answer(WHOLE[:-cut], GZIP))

    with pytest.raises(Interrupted, match="ends before its end mark"):
        await transport.send(get(), {})


async def test_a_gzip_body_cut_by_closing_never_counts_either(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + WHOLE[:-9]))

    with pytest.raises(Interrupted, match="ends before its end mark"):
        await transport.send(get(), {})


@pytest.mark.parametrize(
    "body", [flipped(WHOLE, -6), flipped(WHOLE, -1), b"<html>no gzip at all</html>", WHOLE + b"rubbish"]
)
async def test_a_corrupt_gzip_body_is_a_bad_body(server: FaultServer, transport: HttpTransport, body: bytes) -> None:
    server.plays(answer(body, GZIP), answer(b"[1]"))

    with pytest.raises(BadBody, match="no valid gzip"):
        await transport.send(get(), {})

    assert (await transport.send(get(), {})).body == b"[1]"


@pytest.mark.parametrize("body", [WHOLE, WHOLE + b"\0" * 512, gzip.compress(b'{"a": 1}' * 500, mtime=0) * 2])
async def test_several_members_and_padding_are_legal(
    server: FaultServer, transport: HttpTransport, body: bytes
) -> None:
    server.plays(answer(body, GZIP))

    assert (await transport.send(get(), {})).body == b'{"a": 1}' * 1000


async def test_an_empty_body_is_empty_whatever_it_claims(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(answer(b"", GZIP))

    assert (await transport.send(get(), {})).body == b""


async def test_deflate_is_understood_in_both_readings(server: FaultServer, transport: HttpTransport) -> None:
    bare = zlib.compressobj(wbits=-15)
    server.plays(
        answer(zlib.compress(b"[1]"), "Content-Encoding: deflate"),
        answer(bare.compress(b"[2]") + bare.flush(), "Content-Encoding: deflate"),
    )

    assert (await transport.send(get(), {})).body == b"[1]"
    assert (await transport.send(get(), {})).body == b"[2]"


async def test_an_encoding_nobody_asked_for_is_a_bad_body(server: FaultServer, transport: HttpTransport) -> None:
    server.plays(answer(b"...", "Content-Encoding: br"))

    with pytest.raises(BadBody, match="'br'; only gzip was asked for"):
        await transport.send(get(), {})


async def test_a_gzip_bomb_is_cut_at_the_cap_in_little_memory(server: FaultServer, make: MakeTransport) -> None:
    bomb = gzip.compress(bytes(64 * 2**20), compresslevel=9)
    server.plays(answer(bomb, GZIP), answer(b"[1]"))
    transport = make(body_limit=2**20)

    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge, match="1,048,576"):
            await transport.send(get(), {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * 2**20
    assert (await transport.send(get(), {})).body == b"[1]"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b"x" * 65_536),
        (b"Content-Length: 2000000000\r\n", b"x" * 65_536),
        (b"Content-Encoding: gzip\r\n", gzip.compress(b"", mtime=0) * 3000),
    ],
)
async def test_an_endless_body_is_cut_at_the_cap(
    server: FaultServer, make: MakeTransport, head: bytes, piece: bytes
) -> None:
    server.plays(endless(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", piece), answer(b"[1]"))
    transport = make(body_limit=2**20)

    with pytest.raises(BodyTooLarge):
        await transport.send(get(), {})

    assert (await transport.send(get(), {})).body == b"[1]"


async def test_a_body_of_exactly_the_cap_is_accepted(server: FaultServer, make: MakeTransport) -> None:
    server.plays(answer(b"x" * 1000), answer(gzip.compress(b"x" * 1000, mtime=0), GZIP), answer(b"x" * 1001))
    transport = make(body_limit=1000)

    assert len((await transport.send(get(), {})).body) == 1000
    assert len((await transport.send(get(), {})).body) == 1000
    with pytest.raises(BodyTooLarge):
        await transport.send(get(), {})


HOSTILE = {
    "invalid UTF-8": b'{"a": "\xff"}',
    "a lone surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "NaN": b"[NaN]",
    "100,000 levels": b"[" * 100_000,
    "HTML": b"<html>captcha</html>",
    "nothing": b"",
    "cut JSON": b'{"a": [1, 2',
}


@pytest.mark.parametrize("fault", HOSTILE)
async def test_a_body_that_is_no_json_is_a_bad_body(server: FaultServer, transport: HttpTransport, fault: str) -> None:
    server.plays(answer(HOSTILE[fault]))

    response = await transport.send(get(), {})

    with pytest.raises(BadBody):
        response.json()
