"""The deck: all selected sources, run side by side over one database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from engine.common.errors import FetchdeckError, blame, first
from engine.common.text import clean
from engine.harvest import status
from engine.harvest.deliveries import Deliveries
from engine.harvest.event_log import Listeners, Logbook
from engine.harvest.group import WorkerGroup
from engine.harvest.group_factory import SHOWN_FAILURES, GroupFactory, Opener
from engine.harvest.job import Job
from engine.harvest.loop_lag import LagWatch
from engine.harvest.sampler import Sampler
from engine.model import snapshot as views
from engine.model.coverage import RefillPlan
from engine.model.events import Crashed, Event, RunEnded
from engine.model.snapshot import State
from engine.storage import failures
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
    ) -> None:
        self._jobs = jobs
        self._database = database
        self._now = now
        self._wall = wall
        self._duration = duration
        self._began = now()
        self._groups: dict[str, WorkerGroup] = {}
        self._orders: list[tuple[str | None, Callable[[WorkerGroup], None]]] = []
        self._stopping = ""
        self._tasks: asyncio.TaskGroup | None = None
        self._running: list[asyncio.Task[None]] = []
        self._beginning = asyncio.Lock()
        self._logbook = Logbook()
        self._failures = Failures()
        self._decisions = Decisions()
        self._recorder = Sampler(database=database, wall=wall)
        self._assembly = GroupFactory(jobs=jobs, database=database, now=now, wall=wall)
        self._lag = LagWatch(now=now)
        self._listeners = Listeners(self._logbook.note, self._recorder.note, self._decisions.note)
        self._deliveries = Deliveries(database=database, failures=self._failures, tell=self._listeners.tell, wall=wall)
        self._opener = Opener(
            database=database,
            assembly=self._assembly,
            deliveries=self._deliveries,
            failures=self._failures,
            decisions=self._decisions,
            lag=self._lag,
            tell=self._listeners.tell,
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
        try:
            for job in self._jobs:
                self._groups[job.source.name] = await self._open(job)
            for source, order in self._orders:
                self.order(source, order)
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._running = [tasks.create_task(self._supervise(group)) for group in self._groups.values()]
                watching = [tasks.create_task(self._record()), tasks.create_task(self._lag.run())]
                while under_way := [task for task in self._running if not task.done()]:
                    await asyncio.wait(under_way)
                self._tasks = None
                for task in watching:
                    task.cancel()
            await self._recorder.record(self._groups.values())
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
        self._stopping = self._stopping or reason
        for group in self._groups.values():
            group.stop(reason)

    def fill(self, source: str, filling: RefillPlan) -> None:
        """Fetch what fills some parts of a source: within its run, or in a run of its own where that is over."""
        group = self._groups.get(source)
        if group is not None and group.running:
            group.fill(filling)
        elif group is not None and group.ended and self._tasks is not None and not self._stopping:
            self._running.append(self._tasks.create_task(self._begin_again(source, filling)))

    def set_aside(self, source: str, failure: str | None, id: int | None) -> None:
        """Put what failed for good into quarantine."""
        self._safely(source, lambda group: group.set_aside(failure, id))

    def let_out(self, source: str, id: int | None) -> None:
        """Release what is in quarantine."""
        self._safely(source, lambda group: group.let_out(id))

    def _safely(self, source: str, work: Callable[[WorkerGroup], Awaitable[None]]) -> None:
        """Do something by hand to a source, running or ended; what goes wrong is told and ends nothing."""
        group, tasks = self._groups.get(source), self._tasks
        if group is None or tasks is None:
            return

        async def go() -> None:
            try:
                await work(group)
                if group.ended:
                    known = await self._database.do(lambda db: failures.load(db, source, SHOWN_FAILURES))
                    self._failures.forget(source)
                    self._failures.load(known)
            except FetchdeckError as error:
                self._say_broken(source, "the quarantine", str(error))

        tasks.create_task(go())

    async def _begin_again(self, source: str, filling: RefillPlan) -> None:
        """Run a source that has ended once more, for some parts; asked for meanwhile, others join in."""
        async with self._beginning:
            old = self._groups[source]
            if old.running:
                old.fill(filling)
                return
            group = await self._reopen(old, filling)
            if group is None:
                return
            assert self._tasks is not None, "it was there when this task was made, and waits for it"
            self._running.append(self._tasks.create_task(self._supervise(group)))
            await group.under_way.wait()

    async def _reopen(self, old: WorkerGroup, filling: RefillPlan) -> WorkerGroup | None:
        job = next(job for job in self._jobs if job.source.name == old.name)
        try:
            await self._recorder.record([old])  # what is left of the budgets is read back from the journal
            self._failures.forget(old.name)
            group = await self._open(replace(job, filling=filling, full=False))
        except FetchdeckError as error:
            self._say_broken(old.name, f"filling parts of {old.name}", str(error))
            return None
        self._groups[old.name] = group
        old.close()
        return group

    def group(self, name: str) -> WorkerGroup | None:
        """Return a source's group; None while it is not open, or when there is none."""
        return self._groups.get(name)

    def groups(self) -> Sequence[WorkerGroup]:
        """Return the groups that are open."""
        return list(self._groups.values())

    def order(self, source: str | None, order: Callable[[WorkerGroup], None]) -> None:
        """Give an order to a source's group, or to all; to those that are not open yet, once they are."""
        if len(self._groups) < len(self._jobs):
            self._orders.append((source, order))
            return
        for group in self._groups.values():
            if source in {None, group.name}:
                order(group)

    def snapshot(self) -> views.DeckState:
        """Say the state of everything."""
        groups = tuple(group.snapshot(self._decisions.of(name)) for name, group in self._groups.items())
        state, reason = status.of_deck(groups, expected=len(self._jobs))
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
        group = await self._opener.open(job)
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
