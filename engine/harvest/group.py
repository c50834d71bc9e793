"""A worker group: one source's harvest, from its first request to its last outcome on disk."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from engine.common.errors import UsageError
from engine.harvest import status as standing
from engine.harvest.context import SourceContext
from engine.harvest.dispatch import Dispatcher, Outstanding
from engine.harvest.eta import estimate
from engine.harvest.lane import Lane
from engine.harvest.live_settings import LiveSettings, ManualControl, Policy
from engine.harvest.outcomes import OutcomeHandler, WorkDelta
from engine.harvest.requeue import ManualRequeue
from engine.harvest.status import Ending, with_parking
from engine.model import lane_state
from engine.model import snapshot as views
from engine.model.coverage import RefillPlan
from engine.model.lane_state import Bound
from engine.model.snapshot import GroupState, State
from engine.model.tuning import Tuning
from engine.pacing.admission import Admission
from engine.pacing.budgets.learned import Learned
from engine.pacing.concurrency.shared_host import HostShare
from engine.pacing.ticket import DRAINING, PAUSED, Wait
from engine.storage.frontier import describe_claimed, domain
from engine.transport.base import Transport

# What is shown of a source: its standing, its lanes, its counts, and when it will be done.


def group_state(
    context: SourceContext,
    todo: Outstanding,
    standing: tuple[State, str],
    lanes: tuple[lane_state.LaneState, ...],
    *,
    retrying: int,
    ended: bool,
) -> GroupState:
    """Put a source's numbers together; its decisions, and how it is tuned, are left to its group."""
    now, meter = context.now(), context.meter
    avoided = meter.avoided()
    eta = None if ended else estimate(todo.open, meter.seconds(), lanes)
    state, reason = standing
    return GroupState(
        name=context.source.name,
        state=state,
        reason=reason,
        lanes=lanes,
        seconds=meter.seconds(),
        rate=meter.rate(now),
        p50=meter.percentile(0.5),
        p95=meter.percentile(0.95),
        done=todo.done,
        queued=todo.open,
        retrying=retrying,
        rows=meter.rows,
        bytes=meter.bytes,
        retries=meter.retries,
        throttled=meter.throttled,
        failed=meter.failed,
        avoided=sum(each.requests for each in avoided),
        avoided_by=avoided,
        eta=eta.seconds if eta else None,
        eta_resets=eta.resets if eta else 0,
        hour=meter.hour(),
        most_retries=context.settings.retries,
    )


class WorkerGroup:
    """Runs one source over its lanes."""

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
        self._todo = Outstanding(open_=counts.queued + counts.claimed, done=counts.done)
        self.under_way = asyncio.Event()
        """Set once the run takes more to do, or is over."""
        self._settler = OutcomeHandler(context)
        self._requeue = ManualRequeue(context)
        self._flights = Dispatcher(
            transport=transport,
            settler=self._settler,
            settled=self._count,
            failed=partial(self.stop, state=State.FAILED),
        )
        self.lanes = [
            Lane(
                admission=admission,
                store=context.store,
                host=context.source.base_url,
                start=self._flights.depart,
                drop=self._flights.drop,
                held=self._held,
                words=describe_claimed,
            )
            for admission in admissions
        ]
        self.hand = ManualControl(self.lanes, moved=context.reporter.moved)
        self._tuner = LiveSettings(self.lanes, context=context, hand=self.hand, policy=policy)
        self._share_freed_places()

    async def run(self) -> None:
        """Harvest until nothing is left, a limit is reached, or somebody says stop.

        Raises:
            UsageError: the source's options name nothing to fetch.
            StoreFailed: the database stopped taking writes.
        """
        run = self._context.store.run
        self._context.reporter.started(run, run.counts.queued + run.counts.claimed, self._note)
        filling = self._context.filling
        seeds = filling.requests if filling else list(self._context.source.seed(self._context.memory))
        seeded = await self._context.store.seed(seeds)
        self._todo.open += seeded  # read only now: commands change it while the disk is asked
        if self._todo.open == 0:
            self._end(State.DONE, "nothing new")
        try:
            await self._work()
        finally:
            for lane in self.lanes:
                lane.release()
        ending = self._ending or Ending(state=State.DONE, reason="")
        self._ended = True
        await self._context.store.end(ending.state, ending.reason)
        self._context.reporter.ended(ending)

    def close(self) -> None:
        """Let go of the database."""
        self._context.store.close()

    def stop(self, reason: str, *, state: State = State.STOPPED) -> None:
        """Finish what is in flight, then end."""
        if self._ending is None:
            self._end(state, reason)

    def pause(self) -> None:
        """Start nothing more."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on."""
        self._set_paused(False)

    def tick(self) -> None:
        """Pass on what only time brings: the hour of the day, for rules that name one."""
        hour = datetime.fromtimestamp(self._context.wall()).hour  # noqa: DTZ006 - the person's own wall clock is meant
        for lane in self.lanes:
            lane.admission.hour = hour
        self._roll()

    def tune(self, wanted: Tuning) -> None:
        """Change what differs from how the source is tuned now.

        Raises:
            ConfigError: the policy or a rule is none; nothing has changed.
        """
        self._tuner.tune(wanted)
        self._end_at_limit()

    def tuning(self) -> Tuning:
        """Return how the source is tuned now."""
        return self._tuner.tuning()

    def retry(self, failure: str | None = None, id: int | None = None) -> Coroutine[Any, Any, int]:
        """Queue again what failed for good: all, one kind of error, or one request; return how many there were.

        Raises:
            UsageError: the run takes no more.
        """
        return self._add(partial(self._requeue.retry, failure, id))

    def fill(self, filling: RefillPlan) -> Coroutine[Any, Any, int]:
        """Queue what fills some parts of the coverage map; return how many requests that is.

        Raises:
            UsageError: the run takes no more.
        """
        return self._add(partial(self._requeue.fill, filling))

    async def set_aside(self, failure: str | None, id: int | None) -> int:
        """Put what failed for good into quarantine: all, one kind of error, or one request; return how many."""
        return await self._requeue.set_aside(failure, id)

    async def let_out(self, id: int | None) -> int:
        """Release what is in quarantine, one request or all; a run that goes on takes it up. Return how many."""
        if self.running:
            return await self._add(partial(self._requeue.let_out, id, queue=True))
        return await self._requeue.let_out(id, queue=False)

    @property
    def running(self) -> bool:
        """Whether it takes more to do, now or as soon as it has begun."""
        return self._ending is None

    def check_running(self) -> None:
        """Refuse what would come too late.

        Raises:
            UsageError: the run takes no more.
        """
        if not self.running:
            raise UsageError(f"{self.name} runs no more" if self._ended else f"{self.name} is stopping")

    @property
    def ended(self) -> bool:
        """Whether the run is over, and its end is on disk."""
        return self._ended

    def break_off(self, state: State, reason: str) -> None:
        """Take note that the run was cut short; what it had claimed is recovered by the next one."""
        self._ending, self._ended = Ending(state=state, reason=reason), True
        self.under_way.set()

    def quotas(self) -> Sequence[tuple[str, Sequence[lane_state.Quota]]]:
        """Say what is known of each limit domain's budgets."""
        return [(self._domain(lane), lane.admission.quotas(self._context.now())) for lane in self.lanes]

    def learned(self, wall: float) -> Sequence[tuple[str, Learned]]:
        """Say what was found out about each limit domain, for the next process."""
        now = self._context.now()
        return [(self._domain(lane), lane.admission.learned(wall, now=now)) for lane in self.lanes]

    def snapshot(self, decisions: tuple[views.Decision, ...] = ()) -> views.GroupState:
        """Say the state of the source."""
        now = self._context.now()
        lanes = tuple(self._view(lane, now) for lane in self.lanes)
        self._roll()
        state = standing.group_status(
            lanes,
            landing=sum(lane.landing for lane in self.lanes),
            paused=self._paused,
            ending=self._ending,
            ended=self._ended,
        )
        drawn = group_state(self._context, self._todo, state, lanes, retrying=self._settler.retrying, ended=self._ended)
        return replace(drawn, decisions=decisions, tuning=self.tuning())

    def _domain(self, lane: Lane) -> str:
        return domain(self._context.source, lane.resource, self._transport.identity_of(lane.resource))

    def _view(self, lane: Lane, now: float) -> lane_state.LaneState:
        return with_parking(lane.snapshot(now), lane.admission.gate, name=self.name, now=now, wall=self._context.wall())

    def _set_paused(self, paused: bool) -> None:
        if paused is self._paused or self._ending is not None:
            return
        self._paused = paused
        self._context.reporter.changed(State.PAUSED if paused else State.RUNNING)
        for lane in self.lanes:
            lane.wake()

    def _held(self, _: Lane) -> Wait | None:
        """Say what keeps every lane of the group from starting anything."""
        if self._ending is not None:
            return DRAINING
        if self._paused:
            return PAUSED
        under_way = sum(lane.in_flight + lane.landing for lane in self.lanes)
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

    def _share_freed_places(self) -> None:
        """Let a lane that shares its host or its budgets look again when another makes room."""
        for lane in self.lanes:
            lane.admission.turn.freed = lane.wake
            if isinstance(lane.admission.controller, HostShare):
                lane.admission.controller.freed = lane.wake

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._flights.begin(tasks)
            self.under_way.set()
            for lane in self.lanes:
                tasks.create_task(lane.run())

    def _add(self, queue: Callable[[], Awaitable[int]]) -> Coroutine[Any, Any, int]:
        """Queue more requests once the run has begun. From this call on it does not end before they are counted."""

        async def once_begun() -> int:
            await self.under_way.wait()
            self.check_running()
            return await queue()

        return self._todo.expect(once_begun(), self._take_up)

    def _take_up(self) -> None:
        """Go on with requests that came by hand."""
        for lane in self.lanes:
            lane.feed()
        if self._todo.open == 0 and not self._ended:
            self._end(State.DONE, "")

    def _count(self, settled: WorkDelta) -> None:
        """Take note of how an outcome changed what is left, and end when nothing is."""
        self._todo.settle(settled)
        for each in self.lanes:
            each.admission.backlog = self._todo.open
        if settled.feed:
            for other in self.lanes:
                other.feed()
        if self._todo.open == 0:
            self._end(State.DONE, "")
        else:
            self._end_at_limit()

    def _end(self, state: State, reason: str) -> None:
        if self._ending is None or state is State.DONE:
            self._ending = Ending(state=state, reason=reason)
        for lane in self.lanes:
            lane.stop()
