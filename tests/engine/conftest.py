"""Virtual time for the engine's tests, and a database that the virtual clock waits for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from engine.storage.database import Database
from tests.virtual_loop import VirtualLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"virtual": VirtualLoop}


@pytest.fixture(autouse=True)
def rare_lag_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lag watch look once in an hour: its ten looks a second are half the work of an hour of virtual time.

    A virtual loop is never late; the test of the watch sets its own beat.
    """
    monkeypatch.setattr("engine.harvest.loop_lag.BEAT", 3600.0)


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(tmp_path / "harvest.db")
    opened.open()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.threads.append(opened.busy)
    yield opened
    opened.close()
