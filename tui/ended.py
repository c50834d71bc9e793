"""How a harvest ended, as the command line needs to know it."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.snapshot import Deck


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a harvest ended."""

    deck: Deck | None = None
    """The last snapshot; None where nothing was started."""
    interrupted: bool = False
    """The person asked it to end before it was done."""
    by: signal.Signals | None = None
    """The signal that asked; None where the person did."""
    crashed: bool = False
    """The screen broke; the harvest was ended cleanly all the same."""
    durations: Mapping[str, float] = field(default_factory=dict)
    """Seconds by source."""
