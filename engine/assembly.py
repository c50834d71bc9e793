"""Builds the lanes' admissions: budgets, policy, a knee for all who ask one host, what earlier runs learned."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from engine import journal
from engine.admission import Admission
from engine.configured import ConfiguredWindow
from engine.controller import Controller
from engine.costs import Costs
from engine.database import Database
from engine.host import HostController, Seat
from engine.job import Job
from engine.knee import FIRST, Knee
from engine.naming import domain
from engine.penalty import PenaltyGate
from engine.policies import parse_policy, parse_restraint
from engine.source import RateBudget
from engine.work_seconds import WorkSeconds

DEFAULT_CAP: Final = 32
ADAPTIVE: Final = "adaptive"
APART_FIRST: Final = 5
"""In flight at first in a lane of git or of a listing tool: its jobs are long and few, most are over before a law that
begins with two has found anything out, and the person has said how many the machine may run."""


class Assembly:
    """Knows every job, and so how much each host is asked by all of them."""

    def __init__(
        self, *, jobs: Sequence[Job], database: Database, now: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._now = now
        self._wall = wall
        self._hosts: dict[str, HostController] = {}
        self._shared: dict[tuple[str, str], ConfiguredWindow] = {}
        self._caps: dict[str, int] = {}
        self._work_of: dict[str, WorkSeconds] = {}
        """What the lanes of a source share, by its name."""
        for job in jobs:
            for budget in budgets_of(job):
                host = _host(job, budget)
                self._caps[host] = max(self._caps.get(host, 1), budget.concurrency)

    async def admissions(self, job: Job) -> Sequence[Admission]:
        """Build one admission for each of a source's resources.

        Raises:
            ConfigError: the job's policy or one of its rules is none.
        """
        resources = dict.fromkeys(budget.resource for budget in budgets_of(job))
        return [await self._admission(job, resource) for resource in resources]

    async def _admission(self, job: Job, resource: str) -> Admission:
        mine = [budget for budget in budgets_of(job) if budget.resource == resource]
        cap = min(budget.concurrency for budget in mine)
        windows = [self._window(job, budget) for budget in mine]

        def left() -> float | None:
            return admission.left()

        admission = Admission(
            resource=resource,
            controller=self._controller(job, mine, job.policy, left),
            cap=cap,
            work=self._work(job, mine),
            costs=Costs(unchanged_free=any(budget.unchanged_free for budget in mine)),
            gate=PenaltyGate(),
            configured=[window for window in windows if window is not None],
            restraint=parse_restraint(job.rules),
            pin=job.workers,
            ceiling=job.cap,
            spacing=job.spacing,
        )
        await self._remember(job, admission, max(budget.per for budget in mine))
        return admission

    def policy(self, job: Job, admission: Admission, name: str) -> Controller:
        """Build the controller that a policy names, in place of the one an admission has.

        Raises:
            ConfigError: there is no such policy.
        """
        mine = [budget for budget in budgets_of(job) if budget.resource == admission.resource]
        return self._controller(job, mine, name, admission.left)

    def _controller(
        self, job: Job, mine: Sequence[RateBudget], name: str, left: Callable[[], float | None]
    ) -> Controller:
        if " ".join(name.split()).lower() == ADAPTIVE:
            return self._seat(job, mine[0])
        return parse_policy(name, cap=min(budget.concurrency for budget in mine), left=left)

    def _window(self, job: Job, budget: RateBudget) -> ConfiguredWindow | None:
        if budget.requests is None:
            return None
        if not budget.shared:
            return ConfiguredWindow(budget.resource, budget.requests, budget.per)
        made = ConfiguredWindow(budget.shared, budget.requests, budget.per)
        return self._shared.setdefault((job.source.name, budget.shared), made)

    def _seat(self, job: Job, budget: RateBudget) -> Seat:
        host = _host(job, budget)
        if host not in self._hosts:
            start = APART_FIRST if budget.apart else FIRST
            self._hosts[host] = HostController(Knee(self._caps[host], start=start))
        return self._hosts[host].join(weight=job.weight)

    def _work(self, job: Job, mine: Sequence[RateBudget]) -> Sequence[WorkSeconds]:
        """Return what bounds the server's work: what all lanes of the source share, and less for this one."""
        named = [budget for budget in budgets_of(job) if budget.cpu_seconds is not None]
        if not any(budget in named for budget in mine):
            return ()
        most = max(named, key=lambda budget: budget.cpu_seconds or 0.0)
        shared = self._work_of.setdefault(job.source.name, WorkSeconds(most.cpu_seconds or 0.0, most.per))
        own = [budget for budget in mine if budget in named and budget.cpu_seconds != most.cpu_seconds]
        return [shared, *(WorkSeconds(budget.cpu_seconds or 0.0, budget.per) for budget in own)]

    async def _remember(self, job: Job, admission: Admission, span: float) -> None:
        """Take in what earlier processes knew of the domain's budgets, and what they learned."""
        name, wall = domain(job.source, admission.resource), self._wall()

        def job_(db: sqlite3.Connection) -> journal.Known:
            return journal.known(db, domain=name, source=job.source.name, lane=admission.resource, span=span, wall=wall)

        known = await self._database.do(job_)
        admission.recall(self._now(), known.quotas, known.sent)
        if known.learned is not None:
            admission.restore(self._now(), known.learned, age=wall - known.learned.at)


def budgets_of(job: Job) -> Sequence[RateBudget]:
    """Return a source's budgets; the defaults where it names none."""
    return job.source.budgets or (RateBudget(concurrency=DEFAULT_CAP),)


def _host(job: Job, budget: RateBudget) -> str:
    """Name what a knee belongs to: where the requests go, or the resource where it loads something of its own."""
    base = budget.base_url or job.source.base_url
    return f"{base} {budget.resource}" if budget.apart else base
