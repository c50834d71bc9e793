"""Builds worker groups: the run on disk, budgets and policies of the lanes, and what earlier runs learned."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engine.common.descriptors import bound, descriptors_left
from engine.harvest.context import GroupSettings, SourceContext
from engine.harvest.deliveries import Deliveries
from engine.harvest.group import WorkerGroup
from engine.harvest.job import Job
from engine.harvest.live_settings import check_numbers
from engine.harvest.loop_lag import LagWatch
from engine.harvest.meter import Meter
from engine.harvest.reporter import Reporter
from engine.harvest.unwritten import Unwritten
from engine.harvest.walk_tally import WalkTally
from engine.model.events import Event
from engine.model.source import RateBudget
from engine.model.tuning import Tuning
from engine.pacing.admission import Admission
from engine.pacing.budgets.header_budgets import HeaderBudgets
from engine.pacing.budgets.request_cost import Costs
from engine.pacing.concurrency.controller import Controller
from engine.pacing.concurrency.knee import FIRST, Knee
from engine.pacing.concurrency.policies import parse_policy, parse_restraint
from engine.pacing.concurrency.shared_host import HostController, HostShare
from engine.pacing.credential_budgets import CredentialBudgets
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.reachability import Reachability
from engine.pacing.room import Room
from engine.storage import decision_log as decisions
from engine.storage import failures, journal
from engine.storage.database import Database
from engine.storage.decision_log import Decisions
from engine.storage.failures import Failures
from engine.storage.store import RunStore
from engine.transport.url import server

DEFAULT_CAP: Final = 32
SHOWN_FAILURES: Final = 200
"""The most kinds of error in a snapshot: the newest."""
ADAPTIVE: Final = "adaptive"
JOBS_START: Final = 5
"""Initial concurrency of git and yt-dlp lanes. Their jobs are few and long, so a slow start from 2 would end before it
learned anything; the user's cap already protects the machine."""


class GroupFactory:
    """Opens a job's run and builds its worker group; groups that share a host or a credential share its limits.

    Earlier failures and decisions of the run are registered with the deck.
    """

    def __init__(
        self,
        *,
        jobs: Sequence[Job],
        database: Database,
        deliveries: Deliveries,
        failures: Failures,
        decisions: Decisions,
        lag: LagWatch,
        emit: Callable[[Event], None],
        now: Callable[[], float],
        wall: Callable[[], float],
        steady: Callable[[], float],
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._failures = failures
        self._decisions = decisions
        self._lag = lag
        self._emit = emit
        self._now = now
        self._wall = wall
        self._steady = steady
        self._hosts: dict[str, HostController] = {}
        self._reach: dict[str, Reachability] = {}
        """By host: whether it answers at all."""
        self._unwritten = Unwritten()
        self._room = Room(descriptors_left(), bound())
        self._pools: dict[tuple[str, str], CredentialBudgets] = {}
        """By host and credential: what an API counts together."""
        self._sites: dict[str, list[Admission]] = {}
        """The admissions of a site, which rest together whatever they ask through."""
        self._caps: dict[str, int] = {}
        """The highest cap of a host's sources. They share one controller, which must be able to reach it."""
        self._recalled: set[tuple[str, str]] = set()
        """Lanes whose earlier sends are in their windows already. A second run of a source would count them twice."""
        for job in jobs:
            for budget in budgets_of(job):
                host = _host(job, budget)
                self._caps[host] = max(self._caps.get(host, 1), budget.concurrency)

    async def open(self, job: Job) -> WorkerGroup:
        """Begin the job's run, or resume the unfinished one, and build its group.

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
            steady=self._steady,
            retry_failed=job.retry_failed,
            refill=job.refill,
            resume_within=job.resume_within,
        )
        self._deliveries.open(source, store.run.started_at)
        self._failures.load(await self._database.do(lambda db: failures.load(db, source.name, SHOWN_FAILURES)))
        began = store.run.started_at
        self._decisions.load(source.name, await self._database.do(lambda db: decisions.read(db, source.name, began)))
        meter = Meter(self._now())
        meter.failed = store.run.counts.failed  # of earlier processes: the run is not complete without them
        context = SourceContext(
            source=source,
            store=store,
            memory=store.memory(),
            meter=meter,
            walks=WalkTally(await store.walks()),
            failures=self._failures,
            reporter=Reporter(source=source.name, emit=self._emit, wall=self._wall),
            now=self._now,
            wall=self._wall,
            lag=self._lag,
            unwritten=self._unwritten,
            settings=GroupSettings(source=source, tuning=job.tuning),
            refill=job.refill,
        )
        return WorkerGroup(
            context=context,
            transport=job.transport,
            admissions=await self._admissions(job, store.run.recovered),
            note="; ".join(filter(None, (job.note, self._few(job)))),
            policy=lambda lane, name: self._policy(job, lane.admission, name),
        )

    def _few(self, job: Job) -> str:
        """Say that the process has room for fewer requests than the source would send; "" if it has not."""
        wanted = sum(job.tuning.workers or budget.concurrency for budget in budgets_of(job))
        if wanted <= self._room.limit:
            return ""
        return f"at most {self._room.limit:,.0f} requests in flight, of all sources together: {self._room.why}"

    async def _admissions(self, job: Job, recovered: Mapping[str, int]) -> Sequence[Admission]:
        """Build one admission for each resource of a source.

        Raises:
            ConfigError: the job's policy or one of its rules is invalid.
        """
        resources = dict.fromkeys(budget.resource for budget in budgets_of(job))
        return [await self._admission(job, resource, recovered.get(resource, 0)) for resource in resources]

    async def _admission(self, job: Job, resource: str, recovered: int) -> Admission:
        mine = [budget for budget in budgets_of(job) if budget.resource == resource]
        cap = min(budget.concurrency for budget in mine)
        pool, whole = self._pool(job, mine[0]), self._pool(job, RateBudget(resource=resource))
        members = self._sites.setdefault(mine[0].site, []) if mine[0].site else pool.members
        windows = [(whole if budget.shared else pool).window(budget) for budget in mine]

        def left() -> float | None:
            return admission.left()

        admission = Admission(
            resource=resource,
            controller=self._controller(job, mine, job.tuning.policy, left),
            cap=cap,
            work=whole.work(mine, budgets_of(job)),
            costs=Costs(unchanged_free=any(budget.unchanged_free for budget in mine)),
            gate=PenaltyGate(),
            reach=self._reach.setdefault(_host(job, mine[0]), Reachability()),
            room=self._room,
            configured=[window for window in windows if window is not None],
            header_budgets=HeaderBudgets(pool.header_budgets, resource),
            queue_share=pool.queue.join(job.source.name, job.weight),
            siblings=members,
            restraint=parse_restraint(job.tuning.rules),
            pin=job.tuning.workers,
            manual_cap=job.tuning.cap,
            spacing=job.tuning.spacing,
        )
        members.append(admission)
        await self._restore(job, admission, max(budget.per for budget in mine), recovered)
        return admission

    def _policy(self, job: Job, admission: Admission, name: str) -> Controller:
        """Build the controller of a policy, to replace the present one of an admission.

        Raises:
            ConfigError: there is no such policy.
        """
        mine = [budget for budget in budgets_of(job) if budget.resource == admission.resource]
        return self._controller(job, mine, name, admission.left)

    def _controller(
        self, job: Job, mine: Sequence[RateBudget], name: str, left: Callable[[], float | None]
    ) -> Controller:
        if " ".join(name.split()).lower() == ADAPTIVE:
            return self._host_share(job, mine[0])
        return parse_policy(name, cap=min(budget.concurrency for budget in mine), left=left)

    def _pool(self, job: Job, budget: RateBudget) -> CredentialBudgets:
        whose = _host(job, budget), job.transport.identity_of(budget.resource)
        return self._pools.setdefault(whose, CredentialBudgets())

    def _host_share(self, job: Job, budget: RateBudget) -> HostShare:
        host = _host(job, budget)
        if host not in self._hosts:
            start = JOBS_START if budget.apart else FIRST
            self._hosts[host] = HostController(Knee(self._caps[host], start=start))
        return self._hosts[host].join(weight=job.weight)

    async def _restore(self, job: Job, admission: Admission, span: float, recovered: int) -> None:
        """Load what earlier processes knew and learned about the budgets of the limit domain."""
        lane, wall = (job.source.name, admission.resource), self._wall()
        name = journal.domain_name(job.source, admission.resource, job.transport.identity_of(admission.resource))

        def load(db: sqlite3.Connection) -> journal.EarlierBudgets:
            return journal.load_earlier(
                db,
                domain=name,
                source=job.source.name,
                lane=admission.resource,
                span=span,
                wall=wall,
                recovered=recovered,
            )

        known = await self._database.do(load)
        admission.recall(self._now(), known.quotas, () if lane in self._recalled else known.sent)
        self._recalled.add(lane)
        if known.learned is not None:
            admission.restore(self._now(), known.learned, age=wall - known.learned.at)


def check_tuning(job: Job, tuning: Tuning) -> None:
    """Check settings for a source that does not run.

    Raises:
        ConfigError: a number, the policy or a rule is invalid, or the API does not allow as many requests at once.
    """
    check_numbers(tuning)
    parse_restraint(tuning.rules)
    parse_policy(tuning.policy, cap=min(budget.concurrency for budget in budgets_of(job)))


def budgets_of(job: Job) -> Sequence[RateBudget]:
    """Return a source's budgets, or the default if it declares none."""
    return job.source.budgets or (RateBudget(concurrency=DEFAULT_CAP),)


def _host(job: Job, budget: RateBudget) -> str:
    """Return the key of a shared controller: the server, plus the resource if it has capacity of its own (`apart`)."""
    address = server(budget.base_url or job.source.base_url)
    return f"{address} {budget.resource}" if budget.apart else address
