"""A frame: everything a screen is drawn from at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from engine.model.snapshot import DeckState
from engine.model.tuning import Tuning
from tui.widgets.footer import Notice
from tui.widgets.theme_styles import Ink


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One snapshot, and how and with what words to show it."""

    deck: DeckState | None
    """None before anything was started."""
    ink: Ink
    notice: Notice | None
    zone: tzinfo | None
    """The time zone of the log; None is the computer's own."""
    at: float = 0.0
    """Seconds since the epoch: of the deck where there is one."""
    traffic: str = ""
    """How much goes to the terminal, where that is wanted."""
    kept: Mapping[str, Tuning] = field(default_factory=dict)
    """How each source was tuned when it started, or when its settings were saved last."""
