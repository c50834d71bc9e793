"""A server for the benchmarks, in a separate process, with as little work per response as plain asyncio allows."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What the server sends, and how many requests it gets."""

    name: str
    rows: int
    requests: int
    latency: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str


class Row(msgspec.Struct):
    """One row of an answer."""

    id: int
    title: str
    score: int


class Rows:
    """Encodes and decodes responses: a JSON array of rows of about 600 bytes each."""

    def __init__(self) -> None:
        self._raws = msgspec.json.Decoder(list[msgspec.Raw])
        self._row = msgspec.json.Decoder(Row)

    def body(self, number: int, many: int) -> bytes:
        """Return the response to request `number`."""
        first = number * many
        text = "lorem ipsum dolor sit amet " * 20
        return msgspec.json.encode(
            [{"id": first + row, "title": f"row {first + row}", "score": row, "text": text} for row in range(many)]
        )

    def rows(self, body: bytes) -> Iterator[tuple[Row, bytes]]:
        """Yield each row of a response, with its JSON."""
        for raw in self._raws.decode(body):
            yield self._row.decode(raw), bytes(raw)


SMALL = Rows()


class Answering(asyncio.Protocol):
    """Answers each request of a connection after a latency."""

    def __init__(self, rows: int, latency: float) -> None:
        self._rows = rows
        self._latency = latency

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Handle a request. The client sends one at a time, and each arrives in one piece."""
        number = int(data.split(b" ", 2)[1].strip(b"/"))
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._answer, number)
        else:
            self._answer(number)

    def _answer(self, number: int) -> None:
        body = SMALL.body(number, self._rows)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


async def _serve(rows: int, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(rows, latency), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serving(workload: Workload) -> Iterator[Server]:
    """Run a server while entered."""
    command = [sys.executable, "-m", "bench.pipeline.server", str(workload.rows), str(workload.latency)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    assert child.stdout is not None
    try:
        yield Server(f"http://127.0.0.1:{int(child.stdout.readline())}")
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
