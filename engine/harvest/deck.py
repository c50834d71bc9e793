"""The deck: runs all selected sources side by side over one database."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from math import inf
from typing import Any, Final

from engine.common.daemon_executor import DaemonExecutor
from engine.common.errors import FetchdeckError, StoreWaits, UsageError, blame, first
from engine.common.text import clean, span
from engine.harvest import status
from engine.harvest.command_handler import CommandHandler
from engine.harvest.deliveries import Deliveries
from engine.harvest.event_log import EventLog, Listeners
from engine.harvest.group import WorkerGroup
from engine.harvest.group_factory import SHOWN_FAILURES, GroupFactory
from engine.harvest.job import Job
from engine.harvest.loop_lag import LagWatch
from engine.harvest.sampler import Sampler
from engine.harvest.steady_clock import SteadyClock
from engine.harvest.storage_watch import StorageWatch
from engine.model import snapshot as views
from engine.model.commands import Command, Done, ForSource, Outcome, Refused, Stop, StopNow
from engine.model.coverage import RefillPlan
from engine.model.events import Crashed, Event, Remarked, RunEnded
from engine.model.outside_wait import Cause
from engine.model.snapshot import State
from engine.storage import failures, frontier
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from engine.storage.decision_log import Decisions
from engine.storage.failures import Failures

CHECKING: Final = "checks the pages of the database, which was not closed cleanly"
log: Final = logging.getLogger(__name__)


class Deck:
    """Runs the jobs until each has ended. It belongs to one event loop; other threads reach it through `EngineThread`.

    `now` returns monotonic seconds, `wall` seconds since the epoch, UTC. `patience` is for how many seconds a source
    waits for a cause outside of fetchdeck before its run ends.
    """

    def __init__(
        self,
        *,
        jobs: Sequence[Job],
        database: Database,
        now: Callable[[], float],
        wall: Callable[[], float],
        duration: float | None = None,
        patience: float = inf,
        reading: Executor | None = None,
    ) -> None:
        self._jobs = jobs
        self._database = database
        self._now = now
        self._wall = wall
        self._duration = duration
        self._patience = patience
        self._reading = reading or DaemonExecutor("coverage")
        """Reads the coverage map. That may take seconds, so it blocks neither the loop nor the writer thread."""
        self._plans: set[asyncio.Future[RefillPlan]] = set()
        """What is being read."""
        self._began = now()
        self._groups: dict[str, WorkerGroup] = {}
        self._commands = CommandHandler(
            groups=self._groups, fill=self._fill, recount=self._recount, report_crash=self._report_crash
        )
        self._early: list[tuple[ForSource, asyncio.Future[Outcome]]] | None = []
        """Commands that came before the groups were open; None from then on."""
        self._stop_reason = ""
        self._cancelled = False
        self._run_task: asyncio.Task[Any] | None = None
        self._tasks: asyncio.TaskGroup | None = None
        """Runs the groups and the commands; None before and afterwards."""
        self._running: list[asyncio.Task[None]] = []
        self._restarting = asyncio.Lock()
        self._event_log = EventLog()
        self._failures = Failures()
        self._decisions = Decisions()
        self._sampler = Sampler(database=database, wall=wall)
        self._lag = LagWatch(now=now)
        self._clock = SteadyClock(wall=wall, now=now)
        self._storage = StorageWatch(
            database=database,
            groups=self.groups,
            patience=patience,
            stopping=lambda: bool(self._stop_reason),
            on_failure=self._cancel_run,
        )
        self._listeners = Listeners(self._event_log.record, self._sampler.on_event, self._decisions.note)
        self._deliveries = Deliveries(database=database, failures=self._failures, emit=self._listeners.emit, wall=wall)
        self._factory = GroupFactory(
            jobs=jobs,
            database=database,
            deliveries=self._deliveries,
            failures=self._failures,
            decisions=self._decisions,
            lag=self._lag,
            emit=self._listeners.emit,
            now=now,
            wall=wall,
            steady=self._clock,
        )

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Pass every event to `listener`. If it raises, it is logged and removed."""
        self._listeners.add(listener)

    async def run(self) -> None:
        """Run every job to its end. A job that fails stops no other.

        Raises:
            StoreFailed: nothing can be written any more: the database is gone or damaged.
        """
        try:
            with self._storage.running():
                self._remark()
                await self._run_jobs()
        except asyncio.CancelledError:
            if self._database.failure is None or self._cancelled:
                raise
            raise self._database.failure from None

    def _remark(self) -> None:
        """Report what was found when the database was opened."""
        for text in self._database.remarks:
            self._note(text)

    async def _run_jobs(self) -> None:
        timer = None
        if self._duration is not None:
            reason = f"{self._duration:g} s are over"
            timer = asyncio.get_running_loop().call_later(self._duration, self.stop, reason)
        self._run_task = asyncio.current_task()
        if self._cancelled:  # StopNow came before the task existed that it cancels
            self._cancel()
        try:
            for job in self._jobs:
                self._groups[job.source.name] = await self._open(job)
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                try:
                    await self._run(tasks)
                finally:
                    self._tasks = None
            await self._record()
            await self._deliveries.finish()
        finally:
            if timer is not None:
                timer.cancel()
            self._deliveries.close()
            for group in self._groups.values():
                group.close()
            for job in self._jobs:
                await job.transport.close()

    def stop(self, reason: str) -> None:
        """Finish what is in flight, then end."""
        self._stop_reason = self._stop_reason or reason
        for group in self._groups.values():
            group.stop(reason)

    def hold(self, cause: Cause, words: str, *, next_in: float | None = None) -> None:
        """Let every source wait for a cause that concerns all of them, such as a full disk; also to renew its words."""
        for group in self._groups.values():
            group.outside.hold(cause, words, next_in=next_in)

    def let_go(self, cause: Cause) -> None:
        """Let the sources go on: a cause is gone."""
        for group in self._groups.values():
            group.outside.let_go(cause)

    def send(self, command: Command) -> asyncio.Future[Outcome]:
        """Carry out a command; return its future outcome at once.

        A command for a source waits until the groups are open, and is carried out before their first request.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        match command:
            case Stop():
                self.stop("stopped by hand")
                answer.set_result(Done())
            case StopNow():
                self._cancel()
                answer.set_result(Done())
            case _ if self._early is not None:
                self._early.append((command, answer))
            case _ if self._tasks is not None:
                self._tasks.create_task(self._carry_out(command, answer))
            case _:
                answer.set_result(Refused(status.ENDED))
        return answer

    def _cancel(self) -> None:
        self._cancelled = True
        self._cancel_run()

    def _cancel_run(self) -> None:
        if self._run_task is not None:
            self._run_task.cancel()

    async def _run(self, tasks: asyncio.TaskGroup) -> None:
        """Run the groups to their end, including those that a command starts meanwhile."""
        early, self._early = self._early or [], None
        for command, answer in early:
            tasks.create_task(self._carry_out(command, answer))  # first: tasks take their first step in this order
        self._running = [tasks.create_task(self._supervise(group)) for group in self._groups.values()]
        watching = [
            tasks.create_task(self._tick_every_second(tasks)),
            tasks.create_task(self._lag.run()),
        ]
        # Read again after each wait: a command may have started another group meanwhile, or be about to (`_run_again`).
        while (under_way := [task for task in self._running if not task.done()]) or self._restarting.locked():
            if under_way:
                await asyncio.wait(under_way)
            else:
                async with self._restarting:
                    pass
        for task in watching:
            task.cancel()
        # Their commands are refused. No run is left for what they would fill, and a source may read for ever.
        for plan in self._plans:
            plan.cancel()

    async def _carry_out(self, command: ForSource, answer: asyncio.Future[Outcome]) -> None:
        # StopNow cancels this task as well. The sender still gets an answer, because a screen waits for it.
        outcome: Outcome = Refused(status.ENDED)
        try:
            outcome = await self._commands.carry_out(command)
        finally:
            answer.set_result(outcome)

    async def _recount(self, group: WorkerGroup) -> None:
        """Read the failure counts of a source from disk again, if it has ended: no run keeps them up to date then."""
        if group.ended:
            known = await self._database.do(lambda db: failures.load(db, group.name, SHOWN_FAILURES))
            self._failures.forget(group.name)
            self._failures.load(known)

    async def _fill(self, source: str, parts: Sequence[str]) -> int:
        """Fetch what fills some parts: in the source's run, or in a new one after its end. Return how many parts."""
        reading = asyncio.wrap_future(self._reading.submit(self._plan, source, parts))
        self._plans.add(reading)
        reading.add_done_callback(self._plans.discard)
        plan = await reading
        if plan and self._groups[source].ended:
            await self._run_again(source, plan)
        elif plan:
            await self._groups[source].fill(plan)
        return len(plan.parts)

    def _plan(self, source: str, parts: Sequence[str]) -> RefillPlan:
        with coverage_map(self._database.path, self._job(source).source, now=self._wall()) as found:
            return found.plan_refill(parts)

    async def _run_again(self, source: str, plan: RefillPlan) -> None:
        """Run a source that has ended once more, for some parts."""
        async with self._restarting:
            old = self._groups[source]
            if not old.ended:  # another command restarted it while this one waited for the lock
                await old.fill(plan)
                return
            if self._tasks is None or self._stop_reason:
                raise UsageError(status.ENDED)
            group = await self._reopen(old, plan)
            self._running.append(self._tasks.create_task(self._supervise(group)))
            # The lock is held until the new run accepts requests, so that the next command adds to it.
            await group.under_way.wait()

    async def _reopen(self, old: WorkerGroup, plan: RefillPlan) -> WorkerGroup:
        await self._sampler.record([old])  # the new group reads the budgets from the journal
        self._failures.forget(old.name)
        group = await self._open(replace(self._job(old.name), refill=plan, full=False, tuning=old.tuning()))
        self._groups[old.name] = group
        old.close()
        return group

    def _job(self, source: str) -> Job:
        return next(job for job in self._jobs if job.source.name == source)

    def group(self, name: str) -> WorkerGroup | None:
        """Return a source's group; None if it is not open yet, or unknown."""
        return self._groups.get(name)

    def groups(self) -> Sequence[WorkerGroup]:
        """Return the open groups."""
        return list(self._groups.values())

    def snapshot(self) -> views.DeckState:
        """Return the state of everything."""
        groups = tuple(group.snapshot(self._decisions.of(name)) for name, group in self._groups.items())
        state, reason = status.deck_status(groups, expected=len(self._jobs))
        if self._database.checking:
            reason = CHECKING
        return views.DeckState(
            at=self._wall(),
            uptime=self._now() - self._began,
            state=state,
            reason=reason,
            database=str(self._database.path),
            groups=groups,
            log=self._event_log.lines(),
            failures=self._failures.newest(SHOWN_FAILURES),
        )

    async def _open(self, job: Job) -> WorkerGroup:
        group = await self._factory.open(job)
        if self._stop_reason:
            group.stop(self._stop_reason)
        return group

    async def _supervise(self, group: WorkerGroup) -> None:
        """Run a group. An error in it is logged and shown, and affects no other group."""
        try:
            await self._deliveries.deliver(group)
            await group.run()
            await self._deliveries.deliver(group)
        except asyncio.CancelledError:
            if self._database.failure is not None:
                self._end_failed(group, str(self._database.failure))
            else:
                group.cut_short(State.STOPPED, "stopped at once")
            raise
        except Exception as error:
            ending = group.ending
            if isinstance(first(error), StoreWaits) and ending is not None and ending.state is not State.DONE:
                # A write was given up: after the patience, or because the harvest is to end. So that is how it ended.
                self._end_failed(group, ending.reason, ending.state)
                return
            reason = blame(error)
            if not isinstance(first(error), FetchdeckError):
                log.exception("the worker group %s crashed", group.name)
                self._report_crash(group.name, f"worker group {group.name}", reason)
            self._end_failed(group, reason)

    def _end_failed(self, group: WorkerGroup, reason: str, state: State = State.FAILED) -> None:
        """End a run that could not write its own end."""
        group.cut_short(state, reason)
        self._listeners.emit(RunEnded(at=self._wall(), source=group.name, state=state, reason=reason))

    def _report_crash(self, source: str, where: str, message: str) -> None:
        self._listeners.emit(Crashed(at=self._wall(), source=source, where=where, message=clean(message)))

    async def _tick_every_second(self, tasks: asyncio.TaskGroup) -> None:
        recording = None
        while True:
            await asyncio.sleep(1.0)
            for group in self._groups.values():
                group.tick()
                group.end_if_overdue(self._patience)
            # In a task of its own: while the disk is full it waits, and patience runs on.
            if recording is None or recording.done():
                recording = tasks.create_task(self._record())

    async def _follow_clock(self) -> None:
        """Move the due times of retries along with a wall clock that was set."""
        moved = self._clock.drifted()
        if not moved:
            return
        offset = self._clock.offset + moved

        # Both in the store's thread, which alone reads this clock: no due time is of one and judged by the other.
        def move(db: sqlite3.Connection) -> None:
            frontier.move_due_times(db, moved)
            self._clock.offset = offset

        await self._database.do(move)
        self._note(f"the clock was set {'forward' if moved > 0 else 'back'} by {span(abs(moved))}: no wait changes")

    def _note(self, text: str) -> None:
        self._listeners.emit(Remarked(at=self._wall(), source="", text=clean(text, 500)))

    async def _record(self) -> None:
        try:
            await self._follow_clock()
            await self._sampler.record(self._groups.values())
            for group in self._groups.values():
                await self._deliveries.deliver(group)
        except FetchdeckError:
            log.exception("could not write the journal; it is tried again in a second")
