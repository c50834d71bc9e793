"""Sends requests, each in a task of its own, and counts what a run has left to do."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from engine.common.errors import BadBody, FetchdeckError, LaneError, LoginNeeded, SourceError, TransportError
from engine.common.text import clean
from engine.harvest.in_flight import InFlightRequest
from engine.harvest.lane import Lane
from engine.harvest.logins import Login, Logins
from engine.harvest.outcomes import OutcomeHandler, WorkDelta
from engine.model.source import Response
from engine.pacing.retry import Outcome
from engine.storage.frontier import Claimed
from engine.transport.base import UNAUTHORIZED, Transport


class Outstanding:
    """Counts the requests that are queued, in flight or waiting for another attempt. At 0 the run is over."""

    def __init__(self, *, open_: int, done: int) -> None:
        self.open = open_
        self.done = done

    def apply(self, delta: WorkDelta) -> None:
        """Count an outcome."""
        self.open += delta.opened
        self.done += delta.done

    def reserve(self, adding: Awaitable[int], added: Callable[[], None]) -> Coroutine[Any, Any, int]:
        """Keep the run open while a command adds requests on disk; call `added` once their number is known.

        The count rises now, not when the coroutine first runs: an outcome that is handled in between could bring it to
        0 and end the run before its new requests are counted.
        """
        self.open += 1
        return self._add(adding, added)

    async def _add(self, adding: Awaitable[int], added: Callable[[], None]) -> int:
        count = 0
        try:
            count = await adding
        finally:
            # Also after an error: a reservation that stays would keep the run open for ever.
            self.open += count - 1
            added()
        return count


class Dispatcher:
    """Runs the tasks of one source's run. The run is over when the last of them has ended.

    Args:
        transport: sends the requests.
        outcomes: handles each answer or error.
        logins: waits for another credential where one was refused.
        on_outcome: called with each change of the open requests.
        on_source_error: called with the reason when the whole source must stop.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        outcomes: OutcomeHandler,
        logins: Logins,
        on_outcome: Callable[[WorkDelta], None],
        on_source_error: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._outcomes = outcomes
        self._logins = logins
        self._on_outcome = on_outcome
        self._on_source_error = on_source_error
        self._tasks: asyncio.TaskGroup | None = None

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Use this task group from now on."""
        self._tasks = tasks

    def add(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in a task; the run waits for it."""
        assert self._tasks is not None, "lanes run inside the task group, and nothing is added before"
        try:
            self._tasks.create_task(work)
        except RuntimeError:
            # The task group is shutting down after a cancellation (StopNow), which has not reached this lane yet: the
            # lane is two task groups below and runs once more. The next run recovers the request that it claimed.
            work.close()
            raise asyncio.CancelledError from None

    def send(self, lane: Lane, request: InFlightRequest) -> None:
        """Send a request of a lane."""
        self.add(self._send(lane, request))

    def drop(self, lane: Lane, claimed: Claimed) -> None:
        """Fail a claimed request that will not be sent."""
        lane.unwritten += 1
        self.add(self._drop(lane, claimed))

    async def _send(self, lane: Lane, request: InFlightRequest) -> None:
        try:
            result = await self._exchange(request)
        except BaseException:
            # Cancelled, or a bug of the transport: no answer will close the ticket.
            lane.admission.gone(request.ticket)
            raise
        finally:
            # The slot is given back before the answer is written, so a slow disk never blocks the network. Until it is
            # written, the answer counts as unwritten: a lane with too many of them waits (see `Lane._admit`).
            lane.unwritten += 1
            lane.release_slot(request)
        try:
            await self._handle(lane, request, result)
        finally:
            lane.unwritten -= 1
            lane.wake()

    async def _exchange(self, request: InFlightRequest) -> Response | FetchdeckError:
        try:
            response = await self._transport.send(request.claimed.request, request.headers)
            return await self._renewed(request, response)
        except (TransportError, BadBody, SourceError) as error:
            return error

    async def _renewed(self, request: InFlightRequest, response: Response) -> Response:
        """Have the credential renewed that an answer refuses (401), unless the source makes sense of that answer."""
        asked = request.claimed.request
        if response.status != UNAUTHORIZED or self._outcomes.accepts(asked, response):
            return response
        return replace(response, renewed=await self._transport.renew(asked))

    async def _handle(self, lane: Lane, request: InFlightRequest, result: Response | FetchdeckError) -> None:
        try:
            delta = await self._outcomes.handle(lane, request, result)
        except LaneError as error:
            lane.close(clean(str(error)))
            delta = await self._outcomes.fail_with_lane(request, result, lane.closed)
        except LoginNeeded as error:
            after = await self._login_needed(request, result, clean(str(error)))
            if after is None:
                return
            delta = after
        except SourceError as error:
            # The request goes back to the queue and stays open, so the run ends by this error and can be resumed.
            await self._outcomes.put_back(request.claimed, result, clean(str(error)))
            self._on_source_error(clean(str(error)))
            return
        self._on_outcome(delta)

    async def _login_needed(
        self, request: InFlightRequest, result: Response | FetchdeckError, reason: str
    ) -> WorkDelta | None:
        """Let the source wait for a credential; stop it and return None where none can come."""
        claimed = request.claimed
        login = self._logins.needed(self._transport.provider(claimed.request), claimed.id, reason)
        if login is Login.NOT_FOR_THIS:
            return await self._outcomes.fail_refused(request, result, reason)
        delta = await self._outcomes.put_back(claimed, result, reason, Outcome.LOGIN_NEEDED)
        if login is Login.NEVER:
            self._on_source_error(reason)
            return None
        return delta

    async def _drop(self, lane: Lane, claimed: Claimed) -> None:
        try:
            self._on_outcome(await self._outcomes.drop(claimed, lane.closed))
        finally:
            lane.unwritten -= 1
            lane.wake()
