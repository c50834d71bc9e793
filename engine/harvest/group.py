"""A worker group: one source's harvest, from its first request to its last outcome on disk."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from engine.common.errors import UsageError
from engine.common.text import span
from engine.harvest import status
from engine.harvest.context import SourceContext
from engine.harvest.dispatch import Dispatcher, Outstanding
from engine.harvest.group_state import group_state
from engine.harvest.lane import Lane
from engine.harvest.live_settings import LiveSettings, ManualControl, Policy
from engine.harvest.logins import Logins
from engine.harvest.outcomes import OutcomeHandler, WorkDelta
from engine.harvest.outside_waits import OutsideWaits
from engine.harvest.requeue import ManualRequeue
from engine.harvest.status import Ending, with_outside, with_parking
from engine.model import lane_state
from engine.model import snapshot as views
from engine.model.coverage import RefillPlan
from engine.model.lane_state import Bound
from engine.model.outside_wait import OutsideWait
from engine.model.snapshot import State
from engine.model.tuning import Tuning
from engine.pacing.admission import Admission
from engine.pacing.budgets.learned import Learned
from engine.pacing.concurrency.shared_host import HostShare
from engine.pacing.ticket import DRAINING, PAUSED, Wait
from engine.storage.journal import domain_name
from engine.transport.base import Transport


class WorkerGroup:
    """Runs one source over its lanes.

    Args:
        context: the source's store, counters and clocks.
        transport: sends the requests.
        admissions: one for each limit domain; each gets a lane.
        policy: builds a lane's controller when the user changes the policy.
        note: a remark for the log at the start.
    """

    def __init__(
        self,
        *,
        context: SourceContext,
        transport: Transport,
        admissions: Sequence[Admission],
        policy: Policy,
        note: str = "",
    ) -> None:
        self.name = context.source.name
        self.meter = context.meter
        self.settings = context.settings
        self._context = context
        self._transport = transport
        self._note = note
        self._paused = False
        self._ending: Ending | None = None
        self._ended = False
        counts = context.store.run.counts
        self._outstanding = Outstanding(open_=counts.queued + counts.claimed, done=counts.done)
        self.under_way = asyncio.Event()
        """Set once the run accepts more requests, or has ended. Commands wait for it."""
        self._outcomes = OutcomeHandler(context)
        self.requeue = ManualRequeue(context)
        """Quarantines requests. What adds to the queue goes through the group, which refuses it after the run."""
        self.outside = OutsideWaits(
            reporter=context.reporter, now=context.now, wall=context.wall, wake=self._wake_lanes
        )
        """What the source waits for outside of fetchdeck."""
        self._logins = Logins(
            outside=self.outside,
            now=context.now,
            landed=lambda: self.meter.requests,
            run=lambda look: self._dispatcher.add(look),  # noqa: PLW0108 -- it is made below, with these
        )
        self._dispatcher = Dispatcher(
            transport=transport,
            outcomes=self._outcomes,
            logins=self._logins,
            on_outcome=self._on_outcome,
            on_source_error=partial(self.stop, state=State.FAILED),
        )
        self.lanes = [
            Lane(
                admission=admission,
                store=context.store,
                host=context.source.base_url,
                send=self._dispatcher.send,
                drop=self._dispatcher.drop,
                prepare=partial(transport.prepare, admission.resource),
                group_wait=self._group_wait,
            )
            for admission in admissions
        ]
        self.manual = ManualControl(self.lanes, on_move=context.reporter.moved)
        self._live_settings = LiveSettings(self.lanes, context=context, manual=self.manual, policy=policy)
        self._wake_on_freed_room()

    async def run(self) -> None:
        """Harvest until nothing is left, a limit is reached, or the run is stopped.

        Raises:
            UsageError: the source's options name nothing to fetch.
            StoreFailed: the database stopped taking writes.
        """
        run = self._context.store.run
        self._context.reporter.started(run, run.counts.queued + run.counts.claimed, self._note)
        refill = self._context.refill
        seeds = refill.requests if refill else list(self._context.source.seed(self._context.memory))
        seeded = await self._context.store.seed(seeds)
        self._outstanding.open += seeded  # added after the await: commands change `open` while the seed is written
        if self._outstanding.open == 0:
            self._end(State.DONE, "nothing new")
        try:
            await self._work()
        finally:
            # Also when cancelled: a share that stays would keep its part of the host from the other groups.
            for lane in self.lanes:
                lane.release()
        ending = self._ending or Ending(state=State.DONE, reason="")
        # Set before the end is written: a command that comes meanwhile must not count on this run. If it begins a new
        # one, that is written after this end, because one thread writes in order.
        self._ended = True
        reason, report = await self._context.store.end(ending.state, ending.reason)
        self._ending = replace(ending, reason=reason)
        self._context.walks.load(report)
        self._context.reporter.ended(self._ending)

    def close(self) -> None:
        """Release the database."""
        self._context.store.close()

    def stop(self, reason: str, *, state: State = State.STOPPED) -> None:
        """Finish what is in flight, then end."""
        if self._ending is None:
            self._end(state, reason)

    def pause(self) -> None:
        """Send nothing more until `resume`."""
        self._set_paused(True)

    def resume(self) -> None:
        self._set_paused(False)

    def tick(self) -> None:
        """Update the hour, for rules by time of day, and the meter. The deck calls this once a second."""
        hour = datetime.fromtimestamp(self._context.wall()).hour  # noqa: DTZ006 - the user's own wall clock is meant
        for lane in self.lanes:
            lane.admission.hour = hour
        self._roll()
        if self._ending is None:
            self._logins.tick()
            self.outside.watch(self._lane_waits(), self.meter.requests)

    def end_if_overdue(self, patience: float) -> None:
        """End the run if it has waited for a cause outside of fetchdeck for so many seconds. It can be resumed."""
        wait = None if self._paused or self._ending is not None else self.outside.overdue(patience)
        if wait is None:
            return
        self.outside.over.set()
        said = replace(wait, next_try=None).describe(self._context.wall())
        self.stop(f"{said}; given up after {span(patience)}, the next run goes on from here", state=State.FAILED)

    def tune(self, tuning: Tuning) -> None:
        """Change the settings that differ from the present ones.

        Raises:
            ConfigError: a number, the policy or a rule is invalid; nothing has changed.
        """
        self._live_settings.tune(tuning)
        self._end_at_limit()

    def tuning(self) -> Tuning:
        """Return the present settings."""
        return self._live_settings.tuning()

    def retry(self, failure: str | None = None, id: int | None = None) -> Coroutine[Any, Any, int]:
        """Queue failed requests again: all, those of one kind of error, or one. Return how many.

        Raises:
            UsageError: the run accepts no more requests.
        """
        return self._add(partial(self.requeue.retry, failure, id))

    def fill(self, plan: RefillPlan) -> Coroutine[Any, Any, int]:
        """Queue the requests that fill some parts of the coverage map. Return how many.

        Raises:
            UsageError: the run accepts no more requests.
        """
        return self._add(partial(self.requeue.fill, plan))

    def look_for_login(self) -> None:
        """Look now for another credential.

        Raises:
            UsageError: none was refused.
        """
        if not self._logins.waits:
            raise UsageError(f"{self.name} needs no login")
        self._logins.look_now()

    async def release(self, id: int | None) -> int:
        """Release one request from quarantine, or all. A run that goes on sends them. Return how many."""
        if self.running:
            return await self._add(partial(self.requeue.release, id, queue=True))
        return await self.requeue.release(id, queue=False)

    @property
    def running(self) -> bool:
        """Whether the run accepts more requests, now or as soon as it has begun."""
        return self._ending is None

    def check_running(self) -> None:
        """Refuse a command that comes too late.

        Raises:
            UsageError: the run accepts no more requests.
        """
        if not self.running:
            raise UsageError(f"{self.name} runs no more" if self._ended else f"{self.name} is stopping")

    @property
    def ending(self) -> Ending | None:
        """How the run ends; None while it goes on."""
        return self._ending

    @property
    def ended(self) -> bool:
        """Whether the run is over. Its end is on disk or in the queue of the writer."""
        return self._ended

    def cut_short(self, state: State, reason: str) -> None:
        """Record that the run was cut short. The next run recovers the requests that were claimed."""
        self._ending, self._ended = Ending(state=state, reason=reason), True
        self.under_way.set()

    def quotas(self) -> Sequence[tuple[str, Sequence[lane_state.Quota]]]:
        """Return the budgets of each limit domain."""
        return [(self._domain(lane), lane.admission.quotas(self._context.now())) for lane in self.lanes]

    def learned(self, wall: float) -> Sequence[tuple[str, Learned]]:
        """Return what was learned about each limit domain, for the next process."""
        now = self._context.now()
        return [(self._domain(lane), lane.admission.learned(wall, now=now)) for lane in self.lanes]

    def snapshot(self, decisions: tuple[views.Decision, ...] = ()) -> views.GroupState:
        """Return the state of the source."""
        now = self._context.now()
        lanes = tuple(self._view(lane, now) for lane in self.lanes)
        self._roll()
        held = self.outside.held
        state, reason = status.group_status(
            lanes,
            unwritten=sum(lane.unwritten for lane in self.lanes),
            paused=self._paused,
            ending=self._ending,
            ended=self._ended,
            held=held.describe(self._context.wall()) if held else "",
        )
        drawn = group_state(
            self._context,
            self._outstanding,
            state,
            reason,
            lanes,
            retrying=self._outcomes.retrying,
            ended=self._ended,
        )
        return replace(drawn, decisions=decisions, tuning=self.tuning(), outside=self._outside(lanes))

    def _domain(self, lane: Lane) -> str:
        return domain_name(self._context.source, lane.resource, self._transport.identity_of(lane.resource))

    def _view(self, lane: Lane, now: float) -> lane_state.LaneState:
        wall = self._context.wall()
        view = replace(lane.snapshot(now), outside=self._lane_wait(lane))
        view = with_outside(view, wall)
        return with_parking(view, lane.admission.gate, name=self.name, now=now, wall=wall)

    def _lane_wait(self, lane: Lane) -> OutsideWait | None:
        """Return what a lane waits for outside of fetchdeck."""
        now = self._context.now()
        wait = lane.admission.outside(now, self.name)
        return None if wait is None else wait.shifted(self._context.wall() - now)

    def _lane_waits(self) -> dict[str, OutsideWait]:
        return {lane.resource: wait for lane in self.lanes if (wait := self._lane_wait(lane)) is not None}

    def _outside(self, lanes: Sequence[lane_state.LaneState]) -> tuple[OutsideWait, ...]:
        """Return what the source and its lanes wait for, the longest wait first."""
        waits = [*self.outside.holds(), *(lane.outside for lane in lanes if lane.outside is not None)]
        return tuple(sorted(waits, key=lambda wait: wait.since))

    def _set_paused(self, paused: bool) -> None:
        if paused is self._paused or self._ending is not None:
            return
        self._paused = paused
        self._context.reporter.changed(State.PAUSED if paused else State.RUNNING)
        self._wake_lanes()

    def _wake_lanes(self) -> None:
        for lane in self.lanes:
            lane.wake()

    def _group_wait(self) -> Wait | None:
        """Return what keeps every lane of the group from sending; None if nothing does."""
        if self._ending is not None:
            return DRAINING
        if self._paused:
            return PAUSED
        held = self.outside.admission()
        if held is not None:
            return held
        under_way = sum(lane.in_flight + lane.unwritten for lane in self.lanes)
        # Those under way count as well, or the lanes would send more than the limit before the first answers land.
        limit = self.settings.tuning.limit
        if limit is not None and self.meter.requests + under_way >= limit:
            return Wait(Bound.WORK, f"the limit of {limit:,} requests")
        return None

    def _end_at_limit(self) -> None:
        limit = self.settings.tuning.limit
        if limit is not None and self.meter.requests >= limit:
            self.stop(f"the limit of {limit:,} requests is reached")

    def _roll(self) -> None:
        now, lanes = self._context.now(), self.lanes
        left = min((share for lane in lanes if (share := lane.admission.known_left(now)) is not None), default=None)
        self.meter.roll(now, sum(lane.admission.limit for lane in lanes), sum(lane.in_flight for lane in lanes), left)

    def _wake_on_freed_room(self) -> None:
        """Wake a lane when another one on the same host or budgets makes room."""
        for lane in self.lanes:
            lane.admission.queue_share.freed = lane.wake
            if isinstance(lane.admission.controller, HostShare):
                lane.admission.controller.freed = lane.wake
            lane.admission.reach.changed.append(lane.wake)
            lane.admission.room.freed.append(lane.wake)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._dispatcher.begin(tasks)
            self.under_way.set()
            for lane in self.lanes:
                tasks.create_task(lane.run())

    def _add(self, queue: Callable[[], Awaitable[int]]) -> Coroutine[Any, Any, int]:
        """Queue more requests once the run has begun. From this call on, it does not end before they are counted."""

        async def once_begun() -> int:
            await self.under_way.wait()
            self.check_running()  # again: the run may have ended meanwhile
            return await queue()

        return self._outstanding.reserve(once_begun(), self._on_added)

    def _on_added(self) -> None:
        """Claim requests that a command has added. If it added none and nothing is left, end the run."""
        for lane in self.lanes:
            lane.refill()
        if self._outstanding.open == 0 and not self._ended:
            self._end(State.DONE, "")

    def _on_outcome(self, delta: WorkDelta) -> None:
        """Count an outcome, and end the run when nothing is left."""
        self._outstanding.apply(delta)
        for lane in self.lanes:
            lane.admission.backlog = self._outstanding.open
        if delta.claimable:
            for lane in self.lanes:
                lane.refill()
        if self._outstanding.open == 0:
            self._end(State.DONE, "")
        else:
            self._end_at_limit()

    def _end(self, state: State, reason: str) -> None:
        if self._ending is None or state is State.DONE:
            self._ending = Ending(state=state, reason=reason)
        for lane in self.lanes:
            lane.stop()
