"""Why a host gives no answer is told apart in words; a harvest outlives a server that is killed and started again."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.common.errors import TransportError
from engine.harvest.engine_thread import EngineThread
from engine.model.snapshot import State
from engine.model.source import Request
from engine.transport.http.transport import HttpTransport
from tests import fakes
from tests.fakes import FakeSource
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, Wire
from tests.harvesting import PATIENCE, rows

OK = b"HTTP/1.1 200 OK\r\n"
GET = Request(key="k", url="/items")


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


async def failure(transport: HttpTransport) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await transport.send(GET, {})
    return caught.value


async def test_a_port_that_is_closed_refuses_connections(make: MakeTransport) -> None:
    error = await failure(make(base_url=f"http://127.0.0.1:{closed_port()}"))

    assert (error.answered, error.why) == (False, "127.0.0.1 refuses connections")


async def test_a_name_that_does_not_resolve_is_named(make: MakeTransport) -> None:
    error = await failure(make(base_url="http://nowhere.invalid"))

    assert (error.answered, error.why) == (False, "the name nowhere.invalid does not resolve")


async def test_a_dead_proxy_is_named_and_its_password_is_not(make: MakeTransport) -> None:
    port = closed_port()

    error = await failure(make(base_url="http://nowhere.invalid", proxy=f"http://me:s3cret@127.0.0.1:{port}"))

    assert (error.answered, error.why) == (False, f"the proxy 127.0.0.1:{port} refuses connections")
    assert "s3cret" not in str(error)


async def test_a_proxy_that_cannot_connect_is_told_from_the_host(server: FaultServer, make: MakeTransport) -> None:
    async def refuse(wire: Wire) -> None:
        await wire.send(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    server.plays(refuse)

    error = await failure(make(base_url="https://nowhere.invalid", proxy=server.url))

    proxy = server.url.removeprefix("http://")
    assert not error.answered
    assert error.why == f"the proxy {proxy} does not connect to nowhere.invalid: 502 Bad Gateway"


async def test_a_server_that_hangs_gives_no_answer(server: FaultServer, make: MakeTransport) -> None:
    async def hang(_: Wire) -> None:
        await asyncio.sleep(60)

    server.plays(hang)

    error = await failure(make(total_timeout=1.0))

    assert (error.answered, error.why) == (False, "127.0.0.1 gives no answer within 1 s")


async def test_a_connection_that_ends_before_an_answer_is_none(server: FaultServer, transport: HttpTransport) -> None:
    async def reset(wire: Wire) -> None:
        wire.reset()

    async def close(wire: Wire) -> None:
        wire.close()

    for script in (reset, close):
        server.plays(script)
        error = await failure(transport)
        assert (error.answered, error.why) == (False, "127.0.0.1 closes connections before it answers")


async def test_an_answer_that_breaks_is_one_however_bad(server: FaultServer, make: MakeTransport) -> None:
    async def cut(wire: Wire) -> None:
        await wire.send(OK + b"Content-Length: 10\r\n\r\n[1")
        wire.close()

    async def garbage(wire: Wire) -> None:
        await wire.send(b"what?\r\n\r\n")
        wire.close()

    async def slow(wire: Wire) -> None:
        await wire.send(OK + b"Content-Length: 10\r\n\r\n[1")
        await asyncio.sleep(60)

    for script in (cut, garbage, slow):
        server.plays(script)
        assert (await failure(make(total_timeout=1.0))).answered


SERVER = """
import http.server, json, sys
class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        first = 10 * int(self.path.partition("page=")[2])
        body = json.dumps(list(range(first, first + 10))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
server = Server(("127.0.0.1", int(sys.argv[1])), Pages)
print("ready", flush=True)
server.serve_forever()
"""
"""Ten numbers a page, in a process of its own that can be killed."""


@contextmanager
def serving(port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(engine: EngineThread, true: Callable[[], bool]) -> None:
    """Look until it is true. There is no deadline but the one that means that nothing happens any more."""
    last = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < last
        assert not engine.wait(0.02), engine.snapshot().groups[0].reason


def test_a_walk_outlives_a_server_that_is_killed_and_started_again(tmp_path: Path) -> None:
    port = closed_port()
    source = FakeSource(pages=80, base_url=f"http://127.0.0.1:{port}")
    transport = HttpTransport(
        base_url=source.base_url, headers={}, connections=4, user_agent="fetchdeck-test", total_timeout=PATIENCE
    )
    engine = EngineThread(jobs=[fakes.job(source, transport, spacing=0.02)], database=tmp_path / "rows.db")

    def state() -> str:
        groups = engine.snapshot().groups
        return groups[0].reason if groups else ""

    with serving(port):
        engine.start()
        wait_for(engine, lambda: sum(group.requests for group in engine.snapshot().groups) >= 10)
    wait_for(engine, lambda: "refuses connections" in state())
    wait_for(engine, lambda: sum(group.retries for group in engine.snapshot().groups) >= 3)
    with serving(port):
        assert engine.wait(PATIENCE), state()

    (group,) = engine.snapshot().groups
    assert (group.state, group.failed) == (State.DONE, 0)
    assert rows(tmp_path / "rows.db", "select count(*) from fake_item") == [(800,)]
