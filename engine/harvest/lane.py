"""A lane: the requests of one limit domain, and the loop that sends them when admission allows it.

A lane that waits never blocks another one: while it waits it holds no worker slot, no lock and no connection.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from engine.harvest.in_flight import InFlightRequest
from engine.harvest.slots import WorkerSlots
from engine.model import lane_state
from engine.model.lane_state import Bound
from engine.pacing.admission import Admission
from engine.pacing.concurrency.shared_host import release
from engine.pacing.ticket import CROWDED, FREE, IDLE, Now, Wait, backing_off
from engine.storage.frontier import Claimed, describe
from engine.storage.http_cache import Validators
from engine.storage.store import RunStore

SHORTEST_WAIT: Final = 0.001
"""Seconds. It keeps a lane whose wait has just ended from spinning."""
MOST_READY: Final = 64
"""The highest low-water mark of claimed requests. Those that were not sent are queued again when the lane stops."""
SendRequest = Callable[["Lane", InFlightRequest], None]
"""Sends a request that admission has allowed. It calls `Lane.release_slot` after the answer or the error."""


@dataclass(slots=True)
class Tally:
    """The totals of a lane in this process."""

    sent: int = 0
    requests: int = 0
    rows: int = 0
    bytes: int = 0

    def add(self, *, rows: int, size: int) -> None:
        """Count an answer that is on disk."""
        self.requests += 1
        self.rows += rows
        self.bytes += size


class Lane:
    """Claims requests ahead of time, and sends each as soon as admission allows it.

    Args:
        admission: decides whether the next request may be sent.
        store: the source's queue on disk.
        host: the address shown for the lane.
        send: sends a request.
        prepare: makes the transport ready; it is awaited before the first request.
        drop: fails a claimed request after the lane was closed, or one that a failed request has made useless.
        group_wait: returns why the whole group may send nothing; None if it may.
    """

    def __init__(
        self,
        *,
        admission: Admission,
        store: RunStore,
        host: str,
        send: SendRequest,
        drop: Callable[["Lane", Claimed], None],
        prepare: Callable[[], Awaitable[None]],
        group_wait: Callable[[], Wait | None],
    ) -> None:
        self.admission = admission
        self.resource = admission.resource
        self.slots = WorkerSlots()
        self.tally = Tally()
        self.unwritten = 0
        """Answers whose outcome is not on disk yet. They occupy no worker slot any more."""
        self.closed = ""
        """Why this lane sends nothing more (its credential was rejected, say); "" while it is open."""
        self._store = store
        self._host = host
        self._send = send
        self._drop = drop
        self._prepare = prepare
        self._prepared = False
        self._group_wait = group_wait
        self._ready: deque[tuple[Claimed, Validators | None]] = deque()
        self._next_due: float | None = None
        self._stopped = False
        self._changed = asyncio.Event()
        """Set when the answer of admission may have changed."""
        self._claim_now = asyncio.Event()
        """Set when the queue on disk should be read again."""

    @property
    def in_flight(self) -> int:
        """How many requests are in flight."""
        return self.slots.taken

    async def run(self) -> None:
        """Send requests until `stop`; then queue again those that were claimed and not sent."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._claim_ahead())
            tasks.create_task(self._dispatch())
        await self._store.requeue_unsent([claimed for claimed, _ in self._ready])
        self._ready.clear()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self.wake()

    def close(self, reason: str) -> None:
        """Send nothing more and fail what is queued now or later. The first reason stays."""
        self.closed = self.closed or reason
        self.wake()

    def release(self) -> None:
        """Leave the budgets and the host that other lanes share. Nothing of this lane may be in flight any more."""
        self.admission.release()
        for wakes in (self.admission.reach.changed, self.admission.room.freed):
            with suppress(ValueError):  # a lane of a group that was never started
                wakes.remove(self.wake)
        release(self.admission.controller)

    def wake(self) -> None:
        """Ask admission again: an answer came, or the user changed something."""
        self._changed.set()
        if self._stopped:
            self._claim_now.set()  # or the claiming task would wait for ever, and `run` with it

    def refill(self) -> None:
        """Read the queue on disk again: requests were added or put back."""
        self._claim_now.set()

    def release_slot(self, request: InFlightRequest) -> None:
        """Give a request's worker slot back: its answer is here, or never will be."""
        self.slots.release(request.slot)
        self.wake()

    def snapshot(self, now: float) -> lane_state.LaneState:
        """Return the state of the lane."""
        answer = self._admit(now)
        wait = answer if isinstance(answer, Wait) else FREE
        return lane_state.LaneState(
            resource=self.resource,
            host=self._host,
            limit=self.admission.limit,
            in_flight=self.in_flight,
            mode=self.admission.mode(),
            bound=wait.bound,
            wait=wait.seconds,
            reason=wait.reason,
            quotas=self.admission.quotas(now),
            slots=self.slots.snapshot(now),
            cost=round(self.admission.costs.mean, 1),
            cap=self.admission.cap,
            share=self.admission.queue_share.share(),
            beside=self.admission.queue_share.beside(),
        )

    async def _dispatch(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopped:
            # Cleared before admission is asked: a change that comes after the question ends the wait at once.
            self._changed.clear()
            if self._ready and (self.closed or self._ready[0][0].lost):
                self._drop(self, self._ready.popleft()[0])
                self._claim_now.set()
                continue
            if self._ready and not self._prepared:
                # Before admission is asked: what it allows is sent at once, and its latency is the server's alone.
                await self._prepare()
                self._prepared = True
                continue
            answer = self._admit(loop.time())
            if isinstance(answer, Wait):
                await _wait_for(self._changed, answer.seconds)
            else:
                self._send_next(loop.time(), answer)

    def _admit(self, now: float) -> Now | Wait:
        group_wait = self._group_wait()
        if group_wait is not None:
            return group_wait
        if self.closed:
            return Wait(Bound.WORK, self.closed)
        if not self._ready:
            return self._idle_wait(now)
        if self.unwritten > 2 * self.admission.limit + 32:
            return CROWDED  # backpressure: without it, answers pile up in memory when the disk is slower than the API
        claimed, validators = self._ready[0]
        request = claimed.request
        return self.admission.admit(
            now, self.in_flight, request.cost, request.route, conditional=validators is not None
        )

    def _idle_wait(self, now: float) -> Wait:
        """Return the wait when nothing is ready. Answers on their way may still bring requests."""
        if self._next_due is None or self.in_flight or self.unwritten:
            return IDLE
        return backing_off(max(0.0, self._next_due - now))

    def _send_next(self, now: float, admitted: Now) -> None:
        claimed, validators = self._ready.popleft()
        request, what = claimed.request, describe(claimed.request)
        slot = self.slots.take(now, what, canary=admitted.canary)
        headers = validators.headers() if validators else {}
        ticket = self.admission.sent(
            now, self.in_flight, request.cost, request.route, conditional=validators is not None
        )
        self.tally.sent += 1
        if len(self._ready) <= self._low_water():
            self._claim_now.set()
        self._send(self, InFlightRequest(claimed=claimed, headers=headers, slot=slot, ticket=ticket, what=what))

    async def _claim_ahead(self) -> None:
        """Keep claimed requests in memory, so that a slow disk never delays one that may be sent."""
        loop = asyncio.get_running_loop()
        while not self._stopped:
            self._claim_now.clear()  # before the disk is read: what is queued meanwhile is read in the next round
            if len(self._ready) > self._low_water():
                await self._claim_now.wait()
                continue
            batch = await self._store.claim(self.resource, 2 * self._low_water())
            self._ready.extend(zip(batch.claimed, batch.validators, strict=True))
            due = None if batch.due_in is None else max(SHORTEST_WAIT, batch.due_in)
            self._next_due = None if due is None else loop.time() + due
            self._changed.set()
            if not batch.claimed:
                await _wait_for(self._claim_now, due)

    def _low_water(self) -> int:
        """Return how many ready requests are so few that more are claimed."""
        return max(8, min(MOST_READY, 2 * self.admission.limit))


async def _wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for the event, for at most `seconds`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(None if seconds is None else max(seconds, SHORTEST_WAIT)):
            await event.wait()
