"""What a run has left to do."""

import asyncio

import pytest

from engine.common.errors import StoreFailed
from engine.harvest.dispatch import Dispatcher, Outstanding
from engine.harvest.logins import Logins
from engine.harvest.outcomes import OutcomeHandler, WorkDelta
from tests.fakes import FakeTransport, answer


def test_outcomes_are_counted() -> None:
    outstanding = Outstanding(open_=3, done=1)

    outstanding.apply(WorkDelta(opened=4, done=1, claimable=True))
    outstanding.apply(WorkDelta(opened=-1, done=0, claimable=False))

    assert (outstanding.open, outstanding.done) == (6, 2)


async def test_what_may_come_keeps_the_run_open_until_it_is_known() -> None:
    outstanding, counts, asked = Outstanding(open_=0, done=0), list[int](), asyncio.Event()

    async def coming() -> int:
        await asked.wait()
        return 2

    adding = asyncio.ensure_future(outstanding.reserve(coming(), lambda: counts.append(outstanding.open)))
    waiting = outstanding.open
    asked.set()
    await adding

    assert (waiting, counts, outstanding.open) == (1, [2], 2)


async def test_a_disk_that_fails_leaves_nothing_to_wait_for() -> None:
    outstanding, counts = Outstanding(open_=5, done=0), list[int]()

    async def coming() -> int:
        raise StoreFailed("the disk is full")

    with pytest.raises(StoreFailed):
        await outstanding.reserve(coming(), lambda: counts.append(outstanding.open))

    assert (counts, outstanding.open) == ([5], 5)


async def test_a_request_that_would_leave_while_the_run_is_cancelled_ends_with_it() -> None:
    """A lane ran once more after `StopNow`: "the worker group github crashed: TaskGroup is shutting down"."""
    dispatcher = Dispatcher(
        transport=FakeTransport(lambda request, attempt: answer({})),
        outcomes=OutcomeHandler.__new__(OutcomeHandler),
        logins=Logins.__new__(Logins),
        on_outcome=print,
        on_source_error=print,
    )
    sent = list[str]()

    async def request() -> None:
        sent.append("sent")

    async def lane() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            dispatcher.add(request())

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            dispatcher.begin(tasks)
            tasks.create_task(lane())

    running = asyncio.ensure_future(run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])

    assert running.cancelled()
    assert sent == []
