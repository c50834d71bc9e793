"""The app under Pilot, gone to the triage of errors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.fakes import settle
from tui.app.app import FetchdeckApp


@asynccontextmanager
async def in_triage(app: FetchdeckApp, *keys: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[int]]:
    """Show the triage, and press keys there."""
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await read(pilot, "e", "e", *keys)
        yield pilot


async def read(pilot: Pilot[int], *keys: str) -> None:
    """Press keys, and wait for what is read from disk or written for them."""
    await settle(pilot, *keys)
    await pilot.app.workers.wait_for_complete()
    await settle(pilot)
