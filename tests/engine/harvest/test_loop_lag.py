import asyncio

import pytest

from engine.harvest.loop_lag import LagWatch


async def test_a_loop_that_is_late_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.harvest.loop_lag.BEAT", 0.1)
    skipped = [0.0]
    loop = asyncio.get_running_loop()
    watch = LagWatch(now=lambda: loop.time() + skipped[0])

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        await asyncio.sleep(1.05)
        before = loop.time()
        quiet = watch.late_since(0.0)
        skipped[0] = 0.3
        await asyncio.sleep(0.2)
        running.cancel()

    assert not quiet
    assert watch.late_since(before)
    assert not watch.late_since(loop.time() + 1)
