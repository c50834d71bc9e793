"""Connections that break, hang, drip, or speak no HTTP."""

import asyncio
import random
import socket

import pytest

from engine.common.errors import ConnectFailed, DeadlineExceeded, Interrupted
from engine.transport.http.headers import LARGEST_HEAD, MOST_HEADERS
from engine.transport.http.transport import HttpTransport
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, Script, Wire, answer, dripping, raw, reset_after, silence
from tests.faults.test_transport import get

OK = b"HTTP/1.1 200 OK\r\n"
LONG = OK + b"Content-Length: 100000\r\n\r\n" + b"x" * 4096
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

BROKEN: dict[str, Script] = {
    "reset before the response": reset_after(),
    "closed before the response": raw(b""),
    "reset mid-body": reset_after(LONG),
    "closed mid-body": raw(LONG),
    "content-length too long": raw(OK + b"Content-Length: 9\r\n\r\n{}"),
    "content-length is no number": raw(OK + b"Content-Length: many\r\n\r\n{}"),
    "content-length negative": raw(OK + b"Content-Length: -2\r\n\r\n{}"),
    "two content-lengths": raw(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
    "chunk size is no number": raw(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"),
    "chunk cut short": raw(CHUNKED + b"ff\r\n{}"),
    "last chunk missing": raw(CHUNKED + b"2\r\n{}\r\n"),
    "chunk longer than announced": raw(CHUNKED + b"1\r\n{}\r\n0\r\n\r\n"),
    "NUL in a header": raw(OK + b"X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}"),
    "a header of 300 KB": raw(OK + b"X-A: " + b"a" * 300_000 + b"\r\n\r\n"),
    "a header above our cap": raw(OK + b"X-A: " + b"a" * LARGEST_HEAD + b"\r\nContent-Length: 2\r\n\r\n{}"),
    "5000 headers": raw(OK + b"X: 1\r\n" * 5000 + b"Content-Length: 2\r\n\r\n{}"),
    "one header too many": raw(OK + b"X: 1\r\n" * MOST_HEADERS + b"Content-Length: 2\r\n\r\n{}"),
    "no HTTP at all": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a status that is none": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_answer_is_interrupted_and_the_next_one_lands(
    server: FaultServer, make: MakeTransport, fault: str
) -> None:
    server.plays(BROKEN[fault], answer(b"[1]"))
    transport = make(connections=1)

    with pytest.raises(Interrupted) as caught:
        await transport.send(get("/items?token=hunter2"), {})

    assert f"GET {server.url}/items: " in str(caught.value) or "headers of" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert (await transport.send(get(), {})).body == b"[1]"


STUCK: dict[str, Script] = {
    "slow-loris in the head": dripping(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000),
    "slow-loris in the body": dripping(OK + b"Content-Length: 1000\r\n\r\n" + b"y" * 1000, every=0.01),
    "accepted and never answered": silence(),
}


@pytest.mark.parametrize("fault", STUCK)
async def test_the_total_deadline_cuts_what_never_ends(server: FaultServer, make: MakeTransport, fault: str) -> None:
    server.plays(STUCK[fault], answer(b"[1]"))
    transport = make(total_timeout=0.4)

    with pytest.raises(DeadlineExceeded, match=r"GET http://127\.0\.0\.1:\d+/items: no whole answer within 0\.4 s"):
        await transport.send(get(), {})

    assert (await transport.send(get(), {})).body == b"[1]"


async def test_a_stuck_request_leaves_the_others_alone(server: FaultServer, make: MakeTransport) -> None:
    asked = asyncio.Event()

    async def hang(_wire: Wire) -> None:
        asked.set()
        await asyncio.Event().wait()

    server.plays(hang, answer(b"[1]"))
    transport = make(total_timeout=0.5)

    async with asyncio.TaskGroup() as group:
        stuck = group.create_task(_outcome(transport))
        await asked.wait()
        good = await transport.send(get(), {})

    assert good.body == b"[1]"
    assert stuck.result() is DeadlineExceeded


async def _outcome(transport: HttpTransport) -> type[BaseException] | None:
    try:
        await transport.send(get(), {})
    except DeadlineExceeded as error:
        return type(error)
    return None


async def test_a_refused_connection_says_so(make: MakeTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(ConnectFailed, match="no connection"):
        await make(base_url=f"http://127.0.0.1:{port}").send(get(), {})


async def test_a_host_no_resolver_can_encode_is_no_crash(make: MakeTransport) -> None:
    with pytest.raises(ConnectFailed, match="no connection"):
        await make(base_url=f"http://{'a' * 64}.invalid").send(get(), {})


async def test_bytes_after_the_body_spoil_one_answer_at_most(server: FaultServer, transport: HttpTransport) -> None:
    async def too_much(wire: Wire) -> None:
        await wire.send(OK + b"Content-Length: 2\r\n\r\n{}surplus")

    server.plays(too_much, answer(b"[1]"))

    assert (await transport.send(get(), {})).body == b"{}"
    with pytest.raises(Interrupted):
        await transport.send(get(), {})
    assert (await transport.send(get(), {})).body == b"[1]"


async def test_after_300_random_cancellations_every_slot_serves(server: FaultServer, make: MakeTransport) -> None:
    chance = random.Random(26)

    async def jumpy(wire: Wire) -> None:
        await asyncio.sleep(chance.random() * 0.01)
        await wire.send(OK + b"Content-Length: 20000\r\n\r\n" + b"x" * 10_000)
        await asyncio.sleep(chance.random() * 0.01)
        await wire.send(b"x" * 10_000)

    async def cancelled(transport: HttpTransport) -> bool:
        try:
            async with asyncio.timeout(chance.random() * 0.03):
                await transport.send(get(), {})
        except TimeoutError:
            return True
        return False

    server.plays(jumpy)
    transport = make(connections=8)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(cancelled(transport)) for _ in range(300)]
    together = asyncio.Barrier(8)

    async def all_at_once(wire: Wire) -> None:
        await together.wait()
        await answer(b"[1]")(wire)

    server.plays(all_at_once)
    answers = await asyncio.gather(*(transport.send(get(), {}) for _ in range(8)))

    assert sum(task.result() for task in tasks) > 100
    assert [each.body for each in answers] == [b"[1]"] * 8
