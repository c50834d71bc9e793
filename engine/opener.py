"""Opens a job: its run on disk, what earlier ones left of errors and decisions, and the worker group over it."""

from collections.abc import Callable
from typing import Final

from engine.group_settings import GroupSettings
from engine.harvest.context import Kit
from engine.harvest.deliveries import Deliveries
from engine.harvest.group import WorkerGroup
from engine.harvest.group_factory import Assembly
from engine.harvest.job import Job, wishes
from engine.harvest.loop_lag import LagWatch
from engine.harvest.meter import Meter
from engine.harvest.reporter import Reporter
from engine.model.events import Event
from engine.storage import decision_log as decisions
from engine.storage import failures
from engine.storage.database import Database
from engine.storage.decision_log import Decisions
from engine.storage.failures import Failures
from engine.storage.store import RunStore

SHOWN_FAILURES: Final = 200
"""Kinds of error a snapshot has at most: the newest."""


class Opener:
    """Makes worker groups, and tells what is shared by all of them what each brings."""

    def __init__(
        self,
        *,
        database: Database,
        assembly: Assembly,
        deliveries: Deliveries,
        failures: Failures,
        decisions: Decisions,
        lag: LagWatch,
        tell: Callable[[Event], None],
        now: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._assembly = assembly
        self._deliveries = deliveries
        self._failures = failures
        self._decisions = decisions
        self._lag = lag
        self._tell = tell
        self._now = now
        self._wall = wall

    async def open(self, job: Job) -> WorkerGroup:
        """Begin the job's run, or go on with the one it left.

        Raises:
            UsageError: the source declares a table with an unusable name.
            StoreFailed: the run cannot be written.
        """
        source = job.source
        store = await RunStore.open(
            database=self._database,
            source=source,
            full=job.full,
            identity=job.transport.identity,
            wall=self._wall,
            retry_failed=job.retry_failed,
            filling=job.filling,
        )
        self._deliveries.open(source, store.run.started_at)
        self._failures.know(await self._database.do(lambda db: failures.known(db, source.name, SHOWN_FAILURES)))
        began = store.run.started_at
        self._decisions.know(source.name, await self._database.do(lambda db: decisions.read(db, source.name, began)))
        kit = Kit(
            source=source,
            store=store,
            memory=store.memory(),
            meter=Meter(self._now()),
            failures=self._failures,
            reporter=Reporter(source=source.name, listen=self._tell, wall=self._wall),
            now=self._now,
            wall=self._wall,
            lag=self._lag,
            settings=GroupSettings.of(job),
            filling=job.filling,
        )
        return WorkerGroup(
            kit=kit,
            transport=job.transport,
            admissions=await self._assembly.admissions(job),
            wishes=wishes(job),
            note=job.note,
            policy=lambda lane, name: self._assembly.policy(job, lane.admission, name),
        )
