"""A frame: the data that a screen is drawn from at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from engine.model.snapshot import DeckState
from engine.model.tuning import Tuning
from tui.widgets.footer import Notice
from tui.widgets.theme_styles import Ink


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One snapshot, and how to show it."""

    deck: DeckState | None
    """None before a harvest was started."""
    ink: Ink
    notice: Notice | None
    standing: Notice | None = None
    """What the status line says while there is nothing else to say."""
    zone: tzinfo | None
    """The time zone of the log; None is the local one."""
    at: float = 0.0
    """The time of the snapshot, in seconds since the epoch; without a deck, that of the frame."""
    traffic: str = ""
    """The bytes sent to the terminal, in words; "" if they are not shown."""
    saved: Mapping[str, Tuning] = field(default_factory=dict)
    """The settings of each source at its start, or when they were saved last."""
