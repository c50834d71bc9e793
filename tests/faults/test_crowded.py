"""Real processes with little room: bombs that are never whole, and few descriptors."""

import asyncio
import gzip
import re
import resource
import sys
from collections import Counter
from collections.abc import Callable
from math import inf
from pathlib import Path

import msgspec
import pytest

from tests.faults.crowded import ITEMS, Outcome
from tests.faults.server import FaultServer, Wire, answer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MIB = 2**20
BOMBS = 16
MOST = 128.0
"""MiB that a harvest may hold more under attack."""
STALL = 1.0
"""Seconds that a bomb which is never whole keeps its connection."""


Record = Callable[[Outcome], None]


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    """Keep the memory that a harvest took, whether its test passes or not: `make faults` prints it."""
    return lambda done: record_property("figure", f"{done.most - done.before:.0f} MiB more than before")


async def play(wire: Wire) -> None:
    """Answer as a FakeSource expects it."""
    path = wire.request.split()[1].decode()
    truth = {"id": int(path.removeprefix("/item/"))} if path.startswith("/item/") else list(range(ITEMS))
    await answer(msgspec.json.encode(truth))(wire)


def bombing(bomb: bytes, encoding: bytes) -> Callable[[Wire], object]:
    """Answer the first request for each of the first items with most of a bomb, and then with nothing."""
    head = b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (encoding, len(bomb) + 1000)
    asked: Counter[str] = Counter()

    async def respond(wire: Wire) -> None:
        path = wire.request.split()[1].decode()
        asked[path] += 1
        if not path.startswith("/item/") or int(path.removeprefix("/item/")) >= BOMBS or asked[path] > 1:
            await play(wire)
            return
        await wire.send(head + bomb)
        await asyncio.sleep(STALL)
        wire.close()

    return respond


async def crowded(
    server: FaultServer,
    folder: Path,
    *,
    workers: int,
    files: int | None = None,
    taken: int = 0,
    more: int = 0,
) -> Outcome:
    def bounded() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.crowded",
        server.url,
        str(folder / "rows.db"),
        str(workers),
        str(taken),
        str(more),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=bounded,
    )
    said, _ = await process.communicate()
    return msgspec.json.decode(said, type=Outcome)


BODIES = {
    "gzip of zeros": (gzip.compress(bytes(60 * MIB), mtime=0)[:-20], b"Content-Encoding: gzip\r\n"),
    "gzip of JSON": (gzip.compress(b"[" + b"[{}]," * 12 * MIB, mtime=0)[:-20], b"Content-Encoding: gzip\r\n"),
    "plain": (b"[" + b" " * 60 * MIB, b""),
}


@pytest.mark.parametrize("kind", BODIES)
async def test_sixteen_half_sent_bombs_are_held_within_the_bound(
    server: FaultServer, tmp_path: Path, kind: str, record: Record
) -> None:
    server.plays(bombing(*BODIES[kind]))  # type: ignore[arg-type]

    done = await crowded(server, tmp_path, workers=BOMBS)

    record(done)
    assert (done.state, done.rows, done.failed) == ("done", 2 * ITEMS, 0)
    assert done.most - done.before < MOST
    assert "all answers together may have 64 MiB (http.bytes_in_flight)" in done.said


def large(rest: bytes, *, pack: bool, times: float) -> Callable[[Wire], object]:
    """Answer the first requests for each of the first items with a whole body that ends in `rest`."""
    packed = gzip.compress(rest, mtime=0) if pack else rest
    asked: Counter[str] = Counter()

    async def respond(wire: Wire) -> None:
        path = wire.request.split()[1].decode()
        asked[path] += 1
        if not path.startswith("/item/") or int(path.removeprefix("/item/")) >= BOMBS or asked[path] > times:
            await play(wire)
            return
        start = msgspec.json.encode({"id": int(path.removeprefix("/item/"))})
        # A gzip file is a series of members: each answer has a start of its own.
        start, encoding = (gzip.compress(start, mtime=0), b"Content-Encoding: gzip\r\n") if pack else (start, b"")
        await wire.send(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (encoding, len(start) + len(packed)))
        await wire.send(start)
        await wire.send(packed)

    return respond


@pytest.mark.parametrize("rest", [b" ", b"\0"], ids=["good JSON", "no JSON"])
@pytest.mark.parametrize("pack", [True, False], ids=["gzip", "plain"])
async def test_sixteen_whole_bodies_are_held_within_the_bound(
    server: FaultServer, tmp_path: Path, rest: bytes, record: Record, *, pack: bool
) -> None:
    # Answers that are no JSON are sent once: after some of those in a row, seconds pass before the next request.
    server.plays(large(rest * 60 * MIB, pack=pack, times=inf if rest == b" " else 1))  # type: ignore[arg-type]

    done = await crowded(server, tmp_path, workers=BOMBS)

    record(done)
    assert (done.state, done.rows, done.failed) == ("done", 2 * ITEMS, 0)
    assert done.most - done.before < MOST


async def test_answers_of_many_rows_wait_for_the_disk_as_bytes(
    server: FaultServer, tmp_path: Path, record: Record
) -> None:
    many = 50_000

    async def respond(wire: Wire) -> None:
        path = wire.request.split()[1].decode()
        number = int(path.removeprefix("/item/")) if path.startswith("/item/") else ITEMS
        if number < BOMBS:
            await answer(msgspec.json.encode({"id": number, "rows": many}))(wire)
        else:
            await play(wire)

    server.plays(respond)

    done = await crowded(server, tmp_path, workers=BOMBS)

    record(done)
    assert (done.state, done.rows, done.failed) == ("done", 2 * ITEMS + BOMBS * (many - 1), 0)
    assert done.most - done.before < MOST


async def test_few_descriptors_lower_the_concurrency_and_say_so(server: FaultServer, tmp_path: Path) -> None:
    at_once, most = 0, 0

    async def slowly(wire: Wire) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        await play(wire)

    server.plays(slowly)

    done = await crowded(server, tmp_path, workers=60, files=64)

    assert (done.state, done.rows, done.failed) == ("done", 2 * ITEMS, 0)
    assert re.fullmatch(
        r"at most \d+ requests in flight, of all sources together: "
        r"the process may open no more than 64 files \(ulimit -n\)",
        done.said[0],
    )
    assert most <= int(re.findall(r"\d+", done.said[0])[0])


async def test_descriptors_that_somebody_else_takes_cost_no_attempt(server: FaultServer, tmp_path: Path) -> None:
    """The number at the start was right then. 25 files of the process are opened behind its back."""
    server.plays(play)

    done = await crowded(server, tmp_path, workers=60, files=64, taken=25)

    assert (done.state, done.rows, done.failed) == ("done", 2 * ITEMS, 0)
    assert "the process may open no more than 64 files (ulimit -n)" in done.said


async def test_bodies_that_the_system_has_no_memory_for_fail_their_requests_only(
    server: FaultServer, tmp_path: Path
) -> None:
    server.plays(large(b" " * 60 * MIB, pack=True, times=inf))  # type: ignore[arg-type]

    done = await crowded(server, tmp_path, workers=BOMBS, more=40 * MIB)

    assert (done.state, done.rows, done.failed) == ("done", 2 * ITEMS - BOMBS, BOMBS)
