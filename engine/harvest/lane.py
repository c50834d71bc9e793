"""A lane: the requests of one limit domain, and the loop that starts them when admission says so.

A lane that waits holds up no other one. Whoever waits here holds nothing: no place, no lock, no connection.
"""

import asyncio
from collections import deque
from collections.abc import Callable
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
from engine.storage.frontier import Claimed
from engine.storage.http_cache import Validators
from engine.storage.store import RunStore

SHORTEST_WAIT: Final = 0.001
MOST_READY: Final = 64
SendRequest = Callable[["Lane", InFlightRequest], None]
"""Called with a request that may leave now; it must end in `land`."""


@dataclass(slots=True)
class Tally:
    """What a lane did so far."""

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
    """Claims requests ahead of time, and starts each as soon as it may."""

    def __init__(
        self,
        *,
        admission: Admission,
        store: RunStore,
        host: str,
        start: SendRequest,
        drop: Callable[["Lane", Claimed], None],
        held: Callable[["Lane"], Wait | None],
        words: Callable[[Claimed], str],
    ) -> None:
        self.admission = admission
        self.resource = admission.resource
        self.places = WorkerSlots()
        self.tally = Tally()
        self.landing = 0
        """Answers that are not on disk yet."""
        self.closed = ""
        """Why nothing more may be asked by this lane; "" while that is not so."""
        self._store = store
        self._host = host
        self._start = start
        self._drop = drop
        self._held = held
        self._words = words
        self._ready: deque[tuple[Claimed, Validators | None]] = deque()
        self._next_due: float | None = None
        self._stopped = False
        self._wake = asyncio.Event()
        self._hungry = asyncio.Event()

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self.places.taken

    async def run(self) -> None:
        """Start requests until `stop`; then queue again what was claimed and never sent."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._feed())
            tasks.create_task(self._dispatch())
        await self._store.release([claimed for claimed, _ in self._ready])
        self._ready.clear()

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped = True
        self.wake()

    def close(self, reason: str) -> None:
        """Ask for nothing more: what is queued is given up, and what is added as well."""
        self.closed = self.closed or reason
        self.wake()

    def release(self) -> None:
        """Leave what it shared with others to them: nothing of it is under way any more."""
        self.admission.release()
        release(self.admission.controller)

    def wake(self) -> None:
        """Look again whether something may start: an answer came, or the person changed something."""
        self._wake.set()
        if self._stopped:
            self._hungry.set()

    def feed(self) -> None:
        """Look again on disk: requests were added or put back."""
        self._hungry.set()

    def land(self, flight: InFlightRequest) -> None:
        """Give a request's place back: its answer is here, or never will be."""
        self.places.release(flight.place)
        self.wake()

    def snapshot(self, now: float) -> lane_state.LaneState:
        """Say the state of the lane."""
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
            places=self.places.snapshot(now),
            cost=round(self.admission.costs.mean, 1),
            cap=self.admission.cap,
            share=self.admission.turn.share(),
            beside=self.admission.turn.beside(),
        )

    async def _dispatch(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopped:
            self._wake.clear()
            if self.closed and self._ready:
                self._drop(self, self._ready.popleft()[0])
                self._hungry.set()
                continue
            answer = self._admit(loop.time())
            if isinstance(answer, Wait):
                await _wait_for(self._wake, answer.seconds)
            else:
                self._depart(loop.time(), answer)

    def _admit(self, now: float) -> Now | Wait:
        held = self._held(self)
        if held is not None:
            return held
        if self.closed:
            return Wait(Bound.WORK, self.closed)
        if not self._ready:
            return self._starved(now)
        if self.landing > 2 * self.admission.limit + 32:
            return CROWDED
        claimed, validators = self._ready[0]
        request = claimed.request
        return self.admission.admit(
            now, self.in_flight, request.cost, request.route, conditional=validators is not None
        )

    def _starved(self, now: float) -> Wait:
        if self._next_due is None or self.in_flight or self.landing:
            return IDLE
        return backing_off(max(0.0, self._next_due - now))

    def _depart(self, now: float, admitted: Now) -> None:
        claimed, validators = self._ready.popleft()
        request, what = claimed.request, self._words(claimed)
        place = self.places.take(now, what, canary=admitted.canary)
        headers = validators.headers() if validators else {}
        ticket = self.admission.sent(
            now, self.in_flight, request.cost, request.route, conditional=validators is not None
        )
        self.tally.sent += 1
        if len(self._ready) <= self._low():
            self._hungry.set()
        self._start(self, InFlightRequest(claimed=claimed, headers=headers, place=place, ticket=ticket, what=what))

    async def _feed(self) -> None:
        """Keep requests at hand, so that a slow disk never delays one that may start."""
        loop = asyncio.get_running_loop()
        while not self._stopped:
            self._hungry.clear()
            if len(self._ready) > self._low():
                await self._hungry.wait()
                continue
            batch = await self._store.claim(self.resource, 2 * self._low())
            self._ready.extend(zip(batch.claimed, batch.validators, strict=True))
            due = None if batch.due_in is None else max(SHORTEST_WAIT, batch.due_in)
            self._next_due = None if due is None else loop.time() + due
            self._wake.set()
            if not batch.claimed:
                await _wait_for(self._hungry, due)

    def _low(self) -> int:
        """How many requests at hand are too few."""
        return max(8, min(MOST_READY, 2 * self.admission.limit))


async def _wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for the event, but no longer than so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(None if seconds is None else max(seconds, SHORTEST_WAIT)):
            await event.wait()
