"""A server that breaks on command, and transports that talk to it."""

from collections.abc import AsyncIterator, Callable

import pytest

from engine.common.secret import Secret
from engine.model.credentials import Credentials
from engine.transport.http.transport import HttpTransport
from tests.faults.server import FaultServer
from tests.fixed_credentials import FixedCredentials

MakeTransport = Callable[..., HttpTransport]


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[FaultServer]:
    """A second origin: the same host on another port."""
    async with FaultServer() as running:
        yield running


@pytest.fixture
async def make(server: FaultServer) -> AsyncIterator[MakeTransport]:
    made: list[HttpTransport] = []

    def transport(**options: object) -> HttpTransport:
        settings: dict[str, object] = {
            "base_url": server.url,
            "headers": {},
            "credentials": FixedCredentials(Credentials(headers={"PRIVATE-TOKEN": Secret("hunter2")})),
            "connections": 8,
            "user_agent": "fetchdeck/0 (+https://example.com)",
            "total_timeout": 5.0,
            **options,
        }
        made.append(HttpTransport(**settings))  # type: ignore[arg-type]  # each test names what it changes
        return made[-1]

    yield transport
    for each in made:
        await each.close()


@pytest.fixture
def transport(make: MakeTransport) -> HttpTransport:
    return make()
