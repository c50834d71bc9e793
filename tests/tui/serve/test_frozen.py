"""A session that does not end by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.tui.command import ROOT
from tui.serve.guard import Guard
from tui.serve.server import DeckServer


@asynccontextmanager
async def opened(server: DeckServer) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Serve in this process, with one browser that has seen the deck."""
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/ws", headers={"Origin": url}) as browser,
        ):
            await browser.receive()
            yield browser
    finally:
        await runner.cleanup()


def children() -> set[int]:
    return {
        int(word)
        for thread in Path(f"/proc/{os.getpid()}/task").iterdir()
        for word in (thread / "children").read_text().split()
    }


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


async def test_a_process_that_is_frozen_is_ended_when_its_tab_is_closed() -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    server = DeckServer(guard=Guard(host="127.0.0.1"), argv=[], report=told.put_nowait, end_within=0.2)
    before = children()

    async with opened(server) as browser:
        (child,) = children() - before
        os.kill(child, signal.SIGSTOP)
        await browser.close()
        said = [await told.get(), await told.get()]

    assert said == ["opened for a browser at 127.0.0.1", "closed for a browser at 127.0.0.1, exit code -9"]


async def test_a_process_that_is_frozen_does_not_keep_the_server_from_ending() -> None:
    server = DeckServer(guard=Guard(host="127.0.0.1"), argv=[], end_within=0.2)
    before = children()

    async with opened(server):
        (child,) = children() - before
        os.kill(child, signal.SIGSTOP)
        await server.stop(signal.SIGTERM)

    assert server.last_code == -signal.SIGKILL
