"""What the deck is asked to run: a source, its transport, and how it is tuned."""

from dataclasses import dataclass, field

from engine.model.coverage import RefillPlan
from engine.model.source import Source
from engine.model.tuning import Tuning
from engine.transport.base import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One selected source, ready to run."""

    source: Source
    transport: Transport
    tuning: Tuning = field(default_factory=Tuning)
    """What may be changed while it runs."""
    full: bool = False
    """Fetch everything, whatever earlier runs know."""
    retry_failed: bool = False
    """Try again what failed for good in the run that is gone on with."""
    filling: RefillPlan | None = None
    """Fetch only what fills these parts; None is a whole run."""
    note: str = ""
    """What is worth telling when it begins: what is different because there is no token."""
    weight: float = 1.0
    """Its share of what a host takes, next to other jobs that ask the same host; above 0."""
