"""The deck: all selected sources, run side by side over one database."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from engine.common.errors import FetchdeckError, UsageError, blame, first
from engine.common.text import clean
from engine.harvest import status
from engine.harvest.command_handler import CommandHandler
from engine.harvest.deliveries import Deliveries
from engine.harvest.event_log import EventLog, Listeners
from engine.harvest.group import WorkerGroup
from engine.harvest.group_factory import SHOWN_FAILURES, GroupFactory
from engine.harvest.job import Job
from engine.harvest.loop_lag import LagWatch
from engine.harvest.sampler import Sampler
from engine.model import snapshot as views
from engine.model.commands import Command, Done, ForSource, Outcome, Refused, Stop, StopNow
from engine.model.coverage import RefillPlan
from engine.model.events import Crashed, Event, RunEnded
from engine.model.snapshot import State
from engine.storage import failures
from engine.storage.coverage_map import coverage_map
from engine.storage.database import Database
from engine.storage.decision_log import Decisions
from engine.storage.failures import Failures

log: Final = logging.getLogger(__name__)


class Deck:
    """Runs the jobs until each has ended. It lives on one event loop; `EngineThread` makes it safe from others.

    `now` tells monotonic seconds, `wall` seconds since the epoch, UTC.
    """

    def __init__(
        self,
        *,
        jobs: Sequence[Job],
        database: Database,
        now: Callable[[], float],
        wall: Callable[[], float],
        duration: float | None = None,
        reading: Executor | None = None,
    ) -> None:
        self._jobs = jobs
        self._database = database
        self._now = now
        self._wall = wall
        self._duration = duration
        self._reading = reading or ThreadPoolExecutor(1, thread_name_prefix="coverage")
        """Reads the coverage map, which may take a moment: neither the loop nor the thread that writes waits for it."""
        self._began = now()
        self._groups: dict[str, WorkerGroup] = {}
        self._commands = CommandHandler(
            groups=self._groups, fill=self._fill, recount=self._recount, broken=self._say_broken
        )
        self._kept: list[tuple[ForSource, asyncio.Future[Outcome]]] | None = []
        """Commands that came before the groups were open; None once they are."""
        self._stopping = ""
        self._cancelled = False
        self._main: asyncio.Task[Any] | None = None
        self._tasks: asyncio.TaskGroup | None = None
        """Where groups and commands run; None before and after that."""
        self._running: list[asyncio.Task[None]] = []
        self._beginning = asyncio.Lock()
        self._logbook = EventLog()
        self._failures = Failures()
        self._decisions = Decisions()
        self._recorder = Sampler(database=database, wall=wall)
        self._lag = LagWatch(now=now)
        self._listeners = Listeners(self._logbook.note, self._recorder.note, self._decisions.note)
        self._deliveries = Deliveries(database=database, failures=self._failures, tell=self._listeners.tell, wall=wall)
        self._factory = GroupFactory(
            jobs=jobs,
            database=database,
            deliveries=self._deliveries,
            failures=self._failures,
            decisions=self._decisions,
            lag=self._lag,
            emit=self._listeners.tell,
            now=now,
            wall=wall,
        )

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Push every event to `listener`. One that raises is logged and asked no more."""
        self._listeners.add(listener)

    async def run(self) -> None:
        """Run every job to its end. A job that fails stops no other one."""
        timer = None
        if self._duration is not None:
            words = f"{self._duration:g} s are over"
            timer = asyncio.get_running_loop().call_later(self._duration, self.stop, words)
        self._main = asyncio.current_task()
        if self._cancelled:
            self._break_off()
        try:
            for job in self._jobs:
                self._groups[job.source.name] = await self._open(job)
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                try:
                    await self._run(tasks)
                finally:
                    self._tasks = None
            await self._recorder.record(self._groups.values())
            await self._deliveries.finish()
        finally:
            if timer is not None:
                timer.cancel()
            self._deliveries.close()
            self._reading.shutdown(wait=False)
            for group in self._groups.values():
                group.close()
            for job in self._jobs:
                await job.transport.close()

    def stop(self, reason: str) -> None:
        """Finish what is in flight, then end."""
        self._stopping = self._stopping or reason
        for group in self._groups.values():
            group.stop(reason)

    def send(self, command: Command) -> asyncio.Future[Outcome]:
        """Have a command carried out; return at once, with the outcome to come.

        A command for a source waits for the groups to be open, and then comes before their first request.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        match command:
            case Stop():
                self.stop("stopped by hand")
                answer.set_result(Done())
            case StopNow():
                self._break_off()
                answer.set_result(Done())
            case _ if self._kept is not None:
                self._kept.append((command, answer))
            case _ if self._tasks is not None:
                self._tasks.create_task(self._answer(command, answer))
            case _:
                answer.set_result(Refused(status.ENDED))
        return answer

    def _break_off(self) -> None:
        self._cancelled = True
        if self._main is not None:
            self._main.cancel()

    async def _run(self, tasks: asyncio.TaskGroup) -> None:
        """Run the groups to their ends, and whatever is added meanwhile."""
        kept, self._kept = self._kept or [], None
        for command, answer in kept:
            tasks.create_task(self._answer(command, answer))  # before the groups: tasks take their first step in order
        self._running = [tasks.create_task(self._supervise(group)) for group in self._groups.values()]
        watching = [tasks.create_task(self._record()), tasks.create_task(self._lag.run())]
        while under_way := [task for task in self._running if not task.done()]:
            await asyncio.wait(under_way)
        for task in watching:
            task.cancel()

    async def _answer(self, command: ForSource, answer: asyncio.Future[Outcome]) -> None:
        outcome: Outcome = Refused(status.ENDED)
        try:
            outcome = await self._commands.carry_out(command)
        finally:
            answer.set_result(outcome)

    async def _recount(self, group: WorkerGroup) -> None:
        """Read the failures of a source again where no run counts them any more."""
        if group.ended:
            known = await self._database.do(lambda db: failures.load(db, group.name, SHOWN_FAILURES))
            self._failures.forget(group.name)
            self._failures.load(known)

    async def _fill(self, source: str, parts: Sequence[str]) -> int:
        """Fetch what fills some parts: within the source's run, or in a run of its own where that is over."""
        filling = await asyncio.wrap_future(self._reading.submit(self._plan, source, parts))
        if filling and self._groups[source].ended:
            await self._begin_again(source, filling)
        elif filling:
            await self._groups[source].fill(filling)
        return len(filling.parts)

    def _plan(self, source: str, parts: Sequence[str]) -> RefillPlan:
        with coverage_map(self._database.path, self._job(source).source, now=self._wall()) as found:
            return found.filling(parts)

    async def _begin_again(self, source: str, filling: RefillPlan) -> None:
        """Run a source that has ended once more, for some parts; asked for meanwhile, others join in."""
        async with self._beginning:
            old = self._groups[source]
            if not old.ended:
                await old.fill(filling)
                return
            if self._tasks is None or self._stopping:
                raise UsageError(status.ENDED)
            group = await self._reopen(old, filling)
            self._running.append(self._tasks.create_task(self._supervise(group)))
            await group.under_way.wait()

    async def _reopen(self, old: WorkerGroup, filling: RefillPlan) -> WorkerGroup:
        await self._recorder.record([old])  # what is left of the budgets is read back from the journal
        self._failures.forget(old.name)
        group = await self._open(replace(self._job(old.name), filling=filling, full=False, tuning=old.tuning()))
        self._groups[old.name] = group
        old.close()
        return group

    def _job(self, source: str) -> Job:
        return next(job for job in self._jobs if job.source.name == source)

    def group(self, name: str) -> WorkerGroup | None:
        """Return a source's group; None while it is not open, or when there is none."""
        return self._groups.get(name)

    def groups(self) -> Sequence[WorkerGroup]:
        """Return the groups that are open."""
        return list(self._groups.values())

    def snapshot(self) -> views.DeckState:
        """Say the state of everything."""
        groups = tuple(group.snapshot(self._decisions.of(name)) for name, group in self._groups.items())
        state, reason = status.deck_status(groups, expected=len(self._jobs))
        return views.DeckState(
            at=self._wall(),
            uptime=self._now() - self._began,
            state=state,
            reason=reason,
            database=str(self._database.path),
            groups=groups,
            log=self._logbook.lines(),
            failures=self._failures.newest(SHOWN_FAILURES),
        )

    async def _open(self, job: Job) -> WorkerGroup:
        group = await self._factory.open(job)
        if self._stopping:
            group.stop(self._stopping)
        return group

    async def _supervise(self, group: WorkerGroup) -> None:
        """Run a group; whatever goes wrong in it is shown, logged, and stays in it."""
        try:
            await self._deliveries.deliver(group)
            await group.run()
            await self._deliveries.deliver(group)
        except asyncio.CancelledError:
            group.break_off(State.STOPPED, "stopped at once")
            raise
        except Exception as error:
            reason = blame(error)
            if not isinstance(first(error), FetchdeckError):
                log.exception("the worker group %s crashed", group.name)
                self._say_broken(group.name, f"worker group {group.name}", reason)
            group.break_off(State.FAILED, reason)
            self._listeners.tell(RunEnded(at=self._wall(), source=group.name, state=State.FAILED, reason=reason))

    def _say_broken(self, source: str, where: str, message: str) -> None:
        self._listeners.tell(Crashed(at=self._wall(), source=source, where=where, message=clean(message)))

    async def _record(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            for group in self._groups.values():
                group.tick()
            try:
                await self._recorder.record(self._groups.values())
                for group in self._groups.values():
                    await self._deliveries.deliver(group)
            except FetchdeckError:
                log.exception("could not write the journal; it is tried again in a second")
