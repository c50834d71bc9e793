"""Pages that are parsed wait for the disk, and so many rows of them at most."""

import asyncio

import pytest

from engine.harvest.unwritten import Unwritten
from engine.model.source import Page, Record


def page(rows: int) -> Page:
    return Page(records=[Record(table="item", data={}, raw=b"{}")] * rows)


async def blocked(task: asyncio.Task[None]) -> bool:
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done()


async def test_a_page_is_parsed_once_there_are_fewer_rows() -> None:
    unwritten = Unwritten(10)
    written = asyncio.Event()

    async def one(rows: int) -> None:
        await unwritten.room()
        with unwritten.counting(page(rows)):
            await written.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(one(9))
        tasks.create_task(one(500))
        await asyncio.sleep(0)
        third = tasks.create_task(unwritten.room())

        assert await blocked(third)
        written.set()


async def test_those_who_wait_go_on_one_after_the_other() -> None:
    unwritten = Unwritten(10)
    held = most = 0

    async def one() -> None:
        nonlocal held, most
        await unwritten.room()
        with unwritten.counting(page(10)):
            held += 1
            most = max(most, held)
            await asyncio.sleep(0)
            held -= 1

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(one())

    assert most == 1


async def test_what_fails_or_is_cancelled_waits_no_more() -> None:
    unwritten = Unwritten(10)
    with pytest.raises(ZeroDivisionError), unwritten.counting(page(10)):
        _ = 1 / 0
    async with asyncio.TaskGroup() as tasks:
        with unwritten.counting(page(10)):
            waits = tasks.create_task(unwritten.room())
            assert await blocked(waits)
            waits.cancel()

    await unwritten.room()
    with unwritten.counting(None):
        await unwritten.room()
