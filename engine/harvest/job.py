"""A job: one source that a deck runs, with its transport and its settings."""

from dataclasses import dataclass, field

from engine.model.coverage import RefillPlan
from engine.model.source import Source
from engine.model.tuning import Tuning
from engine.storage.walk_starts import RESUME_WITHIN
from engine.transport.base import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One selected source, ready to run."""

    source: Source
    transport: Transport
    tuning: Tuning = field(default_factory=Tuning)
    """The settings at the start. They can be changed while the source runs."""
    full: bool = False
    """Fetch everything, without regard to what earlier runs stored."""
    resume_within: float = RESUME_WITHIN
    """For how many seconds a list whose page failed is resumed at that page; an older one begins anew."""
    retry_failed: bool = False
    """Queue the failed requests of the run that is resumed."""
    refill: RefillPlan | None = None
    """Fetch only what fills these parts; None for a whole run."""
    note: str = ""
    """A remark for the log at the start, such as what differs without a token."""
    weight: float = 1.0
    """The source's share of a host, relative to other jobs on the same host; above 0."""
