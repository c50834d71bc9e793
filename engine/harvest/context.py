"""What the parts of one source's harvest share: its store, its counters, its clocks, its event reporter."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.harvest.loop_lag import LagWatch
from engine.harvest.meter import Meter
from engine.harvest.reporter import Reporter
from engine.harvest.unwritten import Unwritten
from engine.harvest.walk_tally import WalkTally
from engine.model.coverage import RefillPlan
from engine.model.source import Memory, Source
from engine.model.tuning import Tuning
from engine.pacing.retry import allowed_bad_body_retries, allowed_retries
from engine.storage.failures import Failures
from engine.storage.store import RunStore


@dataclass(slots=True, kw_only=True)
class GroupSettings:
    """The present settings of one source. They are read at every decision, so a change applies from the next one on.

    Only the engine's thread changes them.
    """

    source: Source
    tuning: Tuning

    @property
    def retries(self) -> int:
        """How often a request that failed temporarily is sent again, 0 for never. Rate-limit refusals do not count."""
        return allowed_retries(self.source, self.tuning.retries)

    @property
    def bad_body_retries(self) -> int:
        """How often a request is sent again whose answer cannot be understood."""
        return allowed_bad_body_retries(self.source, self.tuning.retries)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """The collaborators of one source's harvest."""

    source: Source
    store: RunStore
    memory: Memory
    meter: Meter
    walks: WalkTally
    failures: Failures
    reporter: Reporter
    settings: GroupSettings
    now: Callable[[], float]
    """Monotonic seconds."""
    wall: Callable[[], float]
    """Seconds since the epoch, UTC."""
    lag: LagWatch
    unwritten: Unwritten
    """What waits to be written, of all sources."""
    refill: RefillPlan | None = None
    """Fetch only what fills these parts; None for a whole run."""
