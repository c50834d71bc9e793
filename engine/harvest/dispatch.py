"""Requests under way: each is sent and settled in a task of its own, and the run is over with the last of them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from engine.common.errors import BadBody, LaneError, SourceError, TransportError
from engine.common.text import clean
from engine.harvest.in_flight import InFlightRequest
from engine.harvest.lane import Lane
from engine.harvest.outcomes import OutcomeHandler, WorkDelta
from engine.model.source import Response
from engine.storage.frontier import Claimed
from engine.transport.base import Transport

# What a run has left to do, counted: with the last of it the run is over. Pure.


class Outstanding:
    """Requests that are queued, under way or waiting for another attempt, and what a person may still add."""

    def __init__(self, *, open_: int, done: int) -> None:
        self.open = open_
        self.done = done

    def settle(self, settled: WorkDelta) -> None:
        """Count an outcome."""
        self.open += settled.opened
        self.done += settled.done

    def expect(self, coming: Awaitable[int], then: Callable[[], None]) -> Coroutine[Any, Any, int]:
        """Count one for what may come, so that the run does not end while the disk is asked; `then` once it is known.

        It is taken off again whatever becomes of the question: a run that could not be added to must end all the same.
        """
        self.open += 1
        return self._take(coming, then)

    async def _take(self, coming: Awaitable[int], then: Callable[[], None]) -> int:
        many = 0
        try:
            many = await coming
        finally:
            self.open += many - 1
            then()
        return many


class Dispatcher:
    """The tasks of one source's run. `settled` hears of each outcome, `failed` why the source must stop as a whole."""

    def __init__(
        self,
        *,
        transport: Transport,
        settler: OutcomeHandler,
        settled: Callable[[WorkDelta], None],
        failed: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._settler = settler
        self._settled = settled
        self._failed = failed
        self._tasks: asyncio.TaskGroup | None = None

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Run everything in these tasks from now on."""
        self._tasks = tasks

    def add(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the requests; the run waits for it."""
        assert self._tasks is not None, "lanes run inside the task group, and nothing is added before"
        try:
            self._tasks.create_task(work)
        except RuntimeError:
            # The run is being cancelled, and a lane, which is two levels below, runs once more before that reaches it.
            # What it claimed is recovered by the next run.
            work.close()
            raise asyncio.CancelledError from None

    def depart(self, lane: Lane, flight: InFlightRequest) -> None:
        """Send a request of a lane."""
        self.add(self._fly(lane, flight))

    def drop(self, lane: Lane, claimed: Claimed) -> None:
        """Give up a request whose lane is closed."""
        lane.landing += 1
        self.add(self._dropped(lane, claimed))

    async def _fly(self, lane: Lane, flight: InFlightRequest) -> None:
        try:
            result = await self._send(flight)
        except BaseException:
            lane.admission.gone(flight.ticket)
            raise
        finally:
            lane.landing += 1
            lane.land(flight)
        try:
            await self._settle(lane, flight, result)
        finally:
            lane.landing -= 1
            lane.wake()

    async def _send(self, flight: InFlightRequest) -> Response | TransportError | BadBody:
        try:
            return await self._transport.send(flight.claimed.request, flight.headers)
        except (TransportError, BadBody) as error:
            return error

    async def _settle(self, lane: Lane, flight: InFlightRequest, result: Response | TransportError | BadBody) -> None:
        try:
            settled = await self._settler.handle(lane, flight, result)
        except LaneError as error:
            lane.close(clean(str(error)))
            settled = await self._settler.close(flight, result, lane.closed)
        except SourceError as error:
            await self._settler.stopped(flight.claimed, result, clean(str(error)))
            self._failed(clean(str(error)))
            return
        self._settled(settled)

    async def _dropped(self, lane: Lane, claimed: Claimed) -> None:
        try:
            self._settled(await self._settler.drop(claimed, lane.closed))
        finally:
            lane.landing -= 1
            lane.wake()
