"""What the parts of one source's harvest work with: its disk, its counters, its clocks, its voice."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.group_settings import GroupSettings
from engine.harvest.loop_lag import LagWatch
from engine.harvest.meter import Meter
from engine.harvest.reporter import Reporter
from engine.model.coverage import Filling
from engine.model.source import Memory, Source
from engine.storage.failures import Failures
from engine.storage.store import RunStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
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
    filling: Filling | None = None
    """Fetch only what fills these parts."""
