"""What the parts of one source's harvest work with: its disk, its counters, its clocks, its voice."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.failures import Failures
from engine.group_settings import GroupSettings
from engine.lag import LagWatch
from engine.meter import Meter
from engine.part import Filling
from engine.reporter import Reporter
from engine.source import Memory, Source
from engine.store import RunStore


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
