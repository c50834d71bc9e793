"""What the parts of one source's harvest work with: its disk, its counters, its clocks, its voice."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.harvest.loop_lag import LagWatch
from engine.harvest.meter import Meter
from engine.harvest.reporter import Reporter
from engine.model.coverage import RefillPlan
from engine.model.source import Memory, Source
from engine.model.tuning import Tuning
from engine.pacing.retry import allowed_retries
from engine.storage.failures import Failures
from engine.storage.store import RunStore

# What may be changed of a source while it runs: read at every decision, so that a change counts from the next on.


@dataclass(slots=True, kw_only=True)
class GroupSettings:
    """One source's; changed on the engine's own thread only."""

    source: Source
    tuning: Tuning

    @property
    def retries(self) -> int:
        """How often a request that failed temporarily is sent again, 0 for never; rate limit refusals do not count."""
        return allowed_retries(self.source, self.tuning.retries)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """Collaborators of one source's harvest, made once and handed on whole."""

    source: Source
    store: RunStore
    memory: Memory
    meter: Meter
    failures: Failures
    reporter: Reporter
    settings: GroupSettings
    """What may be changed while it runs."""
    now: Callable[[], float]
    """Monotonic seconds."""
    wall: Callable[[], float]
    """Seconds since the epoch, UTC."""
    lag: LagWatch
    filling: RefillPlan | None = None
    """Fetch only what fills these parts."""
