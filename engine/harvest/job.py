"""What the deck is asked to run: a source, what carries its requests, and the person's wishes for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.coverage import RefillPlan
from engine.model.source import Source
from engine.model.tuning import Tuning
from engine.transport.base import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One selected source, ready to run."""

    source: Source
    transport: Transport
    workers: int | None = None
    """Pinned concurrency; None leaves it to the policy."""
    cap: int | None = None
    """Never more in flight than this; None leaves it to the policy."""
    retries: int | None = None
    """How often a request that failed in passing is sent again, 0 for never; None leaves it to the source."""
    spacing: float = 0.0
    """Seconds between two requests in each lane."""
    limit: int | None = None
    """Stop the source after so many answers landed."""
    full: bool = False
    """Fetch everything, whatever earlier runs know."""
    retry_failed: bool = False
    """Try again what failed for good in the run that is gone on with."""
    filling: RefillPlan | None = None
    """Fetch only what fills these parts; None is a whole run."""
    note: str = ""
    """What is worth telling when it begins: what is different because there is no token."""
    policy: str = "adaptive"
    """Who sets the concurrency: see `engine.pacing.concurrency.policies.parse_policy`."""
    weight: float = 1.0
    """Its share of what a host takes, next to other jobs that ask the same host; above 0."""
    rules: Sequence[str] = ()
    """What is left to others: see `engine.pacing.concurrency.policies.parse_restraint`."""


def wishes(job: Job) -> Tuning:
    """Return what of a job may be changed while it runs."""
    return Tuning(
        workers=job.workers,
        cap=job.cap,
        policy=job.policy,
        rules=tuple(job.rules),
        limit=job.limit,
        retries=job.retries,
        spacing=job.spacing,
    )
