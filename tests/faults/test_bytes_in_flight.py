"""All answers together have so many bytes: over that, the one that began last gives way, and says so."""

import asyncio
import gc
import gzip
from collections.abc import Callable

import pytest

from engine.common.errors import BodyTooLarge, FetchdeckError, NoRoom
from engine.model.source import Response
from engine.transport.http import body as bodies
from engine.transport.http.bytes_in_flight import BytesInFlight, Held
from engine.transport.http.transport import HttpTransport
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, Script, Wire, answer
from tests.faults.test_transport import get

KB = 1000


def begun(total: BytesInFlight) -> Held:
    return total.begin(lambda: None)


def test_the_answer_that_began_last_gives_way() -> None:
    total = BytesInFlight(10 * KB)
    first, second, third = (begun(total) for _ in range(3))
    for each in (third, second, first):
        each.grow(3 * KB)

    first.grow(2 * KB)

    assert [each.gave_way for each in (first, second, third)] == [False, False, True]
    assert total.held == 8 * KB


def test_whoever_asks_for_too_much_and_began_last_gives_way_itself() -> None:
    total = BytesInFlight(10 * KB)
    begun(total).grow(9 * KB)

    with pytest.raises(NoRoom, match="bytes_in_flight"):
        begun(total).grow(2 * KB)

    assert total.held == 9 * KB


def test_one_answer_always_fits() -> None:
    total = BytesInFlight(10 * KB)
    first, second = begun(total), begun(total)
    second.grow(KB)

    first.grow(64 * KB)

    assert second.gave_way
    assert total.held == 64 * KB


def whole(size: int, total: BytesInFlight) -> Response:
    """Make an answer that is whole and not yet written."""
    held = begun(total)
    held.grow(size)
    read = Response(status=200, headers={}, body=b"", url="", elapsed=0.0)
    held.count_until_gone(read)
    return read


def test_the_only_answer_that_is_read_gives_way_to_whole_ones_until_they_are_written() -> None:
    total = BytesInFlight(10 * KB)
    unwritten = whole(9 * KB, total)
    with pytest.raises(NoRoom):
        begun(total).grow(2 * KB)

    del unwritten
    gc.collect()
    begun(total).grow(2 * KB)

    assert total.held == 2 * KB


def test_small_whole_answers_never_drop_a_large_one() -> None:
    total = BytesInFlight(10 * KB)
    small = whole(KB, total)
    large = begun(total)

    large.grow(64 * KB)

    assert not large.gave_way
    assert small.status == 200  # it is still held


def test_a_whole_answer_counts_until_nothing_holds_it() -> None:
    total = BytesInFlight(10 * KB)
    held = begun(total)
    held.grow(9 * KB)
    whole = Response(status=200, headers={}, body=b"", url="", elapsed=0.0)
    held.count_until_gone(whole)
    begun(total).grow(500)
    with pytest.raises(NoRoom):
        (begun(total), begun(total))[1].grow(KB)

    del whole
    gc.collect()

    assert total.held == 500
    assert not held.gave_way


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 -- the bytes come over a socket
        await asyncio.sleep(0.001)


async def outcome(transport: HttpTransport) -> Response | FetchdeckError:
    try:
        return await transport.send(get(), {})
    except FetchdeckError as error:
        return error


def after(head: bytes, body: bytes, go: asyncio.Event) -> Script:
    """Send a head and a part of a body; the rest when told."""

    async def play(wire: Wire) -> None:
        await wire.send(head + body[: len(body) // 2])
        await go.wait()
        await wire.send(body[len(body) // 2 :])

    return play


async def test_an_answer_that_stands_still_gives_way_to_an_older_one(server: FaultServer, make: MakeTransport) -> None:
    body, go, never = b"x" * 80 * KB, asyncio.Event(), asyncio.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    server.plays(after(head, body, go), after(head, body, never), answer(b"[1]"))
    total = BytesInFlight(100 * KB)
    transport = make(bytes_in_flight=total)

    async with asyncio.TaskGroup() as tasks:
        older = tasks.create_task(outcome(transport))
        await until(lambda: total.held >= 40 * KB)
        newer = tasks.create_task(outcome(transport))
        await until(lambda: total.held >= 80 * KB)
        go.set()

    whole = older.result()
    assert isinstance(whole, Response)
    assert len(whole.body) == 80 * KB
    assert isinstance(newer.result(), NoRoom)
    assert (await transport.send(get(), {})).body == b"[1]"


async def test_what_was_read_counts_no_more_after_an_error_or_a_cancellation(
    server: FaultServer, make: MakeTransport
) -> None:
    never = asyncio.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    server.plays(answer(b"x" * 1001), after(head, b"x" * 1000, never), answer(b"[]", "Content-Encoding: br"))
    total = BytesInFlight(100 * KB)
    transport = make(bytes_in_flight=total, body_limit=1000)

    with pytest.raises(BodyTooLarge):
        await transport.send(get(), {})
    async with asyncio.TaskGroup() as tasks:
        cancelled = tasks.create_task(outcome(transport))
        await until(lambda: total.held > 0)
        cancelled.cancel()

    assert total.held == 0


async def test_no_memory_for_a_body_fails_its_request_only(
    server: FaultServer, make: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.plays(answer(b"[1]"), answer(b"[2]"))
    transport = make()

    def no_memory(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(bodies.Body, "feed", no_memory)
        failed = await outcome(transport)

    assert isinstance(failed, BodyTooLarge)
    assert "no memory" in str(failed)
    assert (await transport.send(get(), {})).body == b"[2]"


@pytest.mark.parametrize("size", [0, 1, bodies.PIECE - 1, bodies.PIECE, bodies.PIECE + 1, 3 * bodies.PIECE])
def test_a_body_decoded_in_pieces_is_whole(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    for step in (1 << 16, 1000):
        body = bodies.Body("gzip", limit=4 * bodies.PIECE)
        packed = gzip.compress(content, mtime=0) + gzip.compress(b"end", mtime=0)
        for at in range(0, len(packed), step):
            body.feed(packed[at : at + step])

        assert body.finish() == content + b"end"
