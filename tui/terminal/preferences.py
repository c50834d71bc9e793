"""How the screen behaves towards its terminal: what was configured, and what the command line says instead."""

from dataclasses import dataclass

from engine.config.tables import ScreenSettings
from tui.terminal.pace import HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What a screen does with its terminal."""

    hz: float = HZ
    """Frames a second, at most."""
    slow: bool = False
    """Keep below 10 kB a second."""
    ascii_only: bool | None = None
    """Plain letters; None finds out."""
    title: bool = True
    bell: bool = True
    notify: bool = True
    mouse: bool = False
    """Whether the mouse is the screen's from the start."""

    @classmethod
    def of(
        cls, settings: ScreenSettings, *, hz: float | None, slow: bool, ascii_only: bool, mouse: bool = False
    ) -> "Manners":
        """Put the wishes of the command line on top of the configuration."""
        return cls(
            hz=hz or settings.hz,
            slow=slow or settings.slow,
            ascii_only=True if ascii_only else settings.ascii,
            title=settings.title,
            bell=settings.bell,
            notify=settings.notify,
            mouse=mouse or settings.mouse,
        )
