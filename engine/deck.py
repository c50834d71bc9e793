"""The deck: all selected sources, run side by side over one database."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine import failures, journal
from engine import snapshot as views
from engine.admission import Admission
from engine.aimd import Aimd
from engine.budget import ConfiguredWindow
from engine.database import Database
from engine.errors import FetchdeckError
from engine.events import Crashed, Event, RunEnded
from engine.failures import Failures
from engine.group import WorkerGroup
from engine.logbook import Logbook
from engine.naming import domain
from engine.penalty import PenaltyGate
from engine.recorder import Recorder
from engine.snapshot import State
from engine.source import RateBudget, Source
from engine.store import RunStore
from engine.text import clean
from engine.transport import Transport

DEFAULT_CAP: Final = 32
SHOWN_FAILURES: Final = 200
OVER: Final = frozenset({State.DONE, State.STOPPED, State.FAILED})
log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One selected source, ready to run."""

    source: Source
    transport: Transport
    workers: int | None = None
    """Pinned concurrency; None leaves it to the controller."""
    limit: int | None = None
    """Stop the source after so many answers landed."""
    full: bool = False
    """Fetch everything, whatever earlier runs know."""
    retry_failed: bool = False
    """Try again what failed for good in the run that is gone on with."""


class Deck:
    """Runs the jobs until each has ended. It lives on one event loop; `engine.thread` makes it safe from others.

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
        self._stopping = ""
        self._logbook = Logbook()
        self._failures = Failures()
        self._recorder = Recorder(database=database, wall=wall)
        self._listeners: list[Callable[[Event], None]] = [self._logbook.note, self._recorder.note]

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Push every event to `listener`. One that raises is logged and asked no more."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Run every job to its end. A job that fails stops no other one."""
        timer = None
        if self._duration is not None:
            words = f"{self._duration:g} s are over"
            timer = asyncio.get_running_loop().call_later(self._duration, self.stop, words)
        try:
            for job in self._jobs:
                self._groups[job.source.name] = await self._open(job)
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._supervise(group)) for group in self._groups.values()]
                recording = tasks.create_task(self._record())
                await asyncio.wait(running)
                recording.cancel()
            await self._recorder.record(self._groups.values())
        finally:
            if timer is not None:
                timer.cancel()
            for group in self._groups.values():
                group.close()
            for job in self._jobs:
                await job.transport.close()

    def stop(self, reason: str) -> None:
        """Finish what is in flight, then end."""
        self._stopping = self._stopping or reason
        for group in self._groups.values():
            group.stop(reason)

    def group(self, name: str) -> WorkerGroup | None:
        """Return a source's group; None while it is not open, or when there is none."""
        return self._groups.get(name)

    def groups(self) -> Sequence[WorkerGroup]:
        """Return the groups that are open."""
        return list(self._groups.values())

    def snapshot(self) -> views.Deck:
        """Say the state of everything."""
        groups = tuple(group.snapshot() for group in self._groups.values())
        state, reason = self._state(groups)
        return views.Deck(
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
        source = job.source
        store = await RunStore.open(
            database=self._database,
            source=source,
            full=job.full,
            identity=job.transport.identity,
            wall=self._wall,
            retry_failed=job.retry_failed,
        )
        self._failures.know(await self._database.do(lambda db: failures.known(db, source.name, SHOWN_FAILURES)))
        resources = dict.fromkeys(budget.resource for budget in source.budgets) or {"core": None}
        admissions = [await self._admission(source, resource) for resource in resources]
        for admission in admissions:
            admission.pin = job.workers
        group = WorkerGroup(
            source=source,
            transport=job.transport,
            store=store,
            admissions=admissions,
            failures=self._failures,
            listen=self._tell,
            now=self._now,
            wall=self._wall,
            limit=job.limit,
        )
        if self._stopping:
            group.stop(self._stopping)
        return group

    async def _admission(self, source: Source, resource: str) -> Admission:
        """Build a lane's admission from the source's budgets and from what an earlier process knew of them."""
        mine = [budget for budget in source.budgets if budget.resource == resource]
        cap = min((budget.concurrency for budget in mine), default=DEFAULT_CAP)
        windows = [_window(budget) for budget in mine]
        admission = Admission(
            resource=resource,
            controller=Aimd(cap),
            cap=cap,
            gate=PenaltyGate(),
            configured=[window for window in windows if window is not None],
        )
        span = max((budget.per for budget in mine), default=60.0)
        wall = self._wall()
        known = await self._database.do(
            lambda db: journal.known(
                db,
                domain=domain(source, resource),
                source=source.name,
                lane=resource,
                span=span,
                wall=wall,
            )
        )
        admission.recall(self._now(), known.quotas, known.sent)
        return admission

    async def _supervise(self, group: WorkerGroup) -> None:
        """Run a group; whatever goes wrong in it is shown, logged, and stays in it."""
        try:
            await group.run()
        except asyncio.CancelledError:
            group.break_off(State.STOPPED, "stopped at once")
            raise
        except Exception as error:
            first = _first(error)
            known = isinstance(first, FetchdeckError)
            reason = clean(str(first) if known else f"{type(first).__name__}: {first}")
            if not known:
                log.exception("the worker group %s crashed", group.name)
                where = f"worker group {group.name}"
                self._tell(Crashed(at=self._wall(), source=group.name, where=where, message=reason))
            group.break_off(State.FAILED, reason)
            self._tell(RunEnded(at=self._wall(), source=group.name, state=State.FAILED, reason=reason))

    async def _record(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            try:
                await self._recorder.record(self._groups.values())
            except FetchdeckError:
                log.exception("could not write the journal; it is tried again in a second")

    def _tell(self, event: Event) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed and is asked no more")
                self._listeners.remove(listener)

    def _state(self, groups: Sequence[views.Group]) -> tuple[State, str]:
        """Sum the sources up: the deck is over when all are, and waits when all of the others do."""
        states = {group.state for group in groups}
        if len(groups) < len(self._jobs):
            return State.IDLE, "starting"
        if states <= OVER:
            worst = next(state for state in (State.FAILED, State.STOPPED, State.DONE) if state in states or not states)
            return worst, next((group.reason for group in groups if group.state is worst), "")
        for state in (State.RUNNING, State.DRAINING, State.WAITING):
            if state in states:
                reasons = [f"{group.name}: {group.reason}" for group in groups if group.state is state and group.reason]
                return state, "; ".join(reasons)
        return State.PAUSED, ""


def _first(error: Exception) -> Exception:
    """Return the first exception inside nested groups of them."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _window(budget: RateBudget) -> ConfiguredWindow | None:
    if budget.requests is None:
        return None
    return ConfiguredWindow(budget.resource, budget.requests, budget.per)
