"""What the screens ask of the app: only the app talks to the engine."""

from textual.message import Message


class SourceMessage(Message):
    """Something asked for one source."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source


class PauseToggled(SourceMessage):
    """Pause a source, or go on with it."""


class AllPauseToggled(Message):
    """Pause every source, or go on with all of them."""


class Nudged(SourceMessage):
    """Pin the concurrency of a source above or below what it is."""

    def __init__(self, source: str, step: int) -> None:
        super().__init__(source)
        self.step = step


class Capped(SourceMessage):
    """Cap the concurrency of a source above or below what its cap is."""

    def __init__(self, source: str, step: int) -> None:
        super().__init__(source)
        self.step = step


class MadeAutomatic(SourceMessage):
    """Give the concurrency of a source back to the controller."""


class FocusAsked(Message):
    """Show one source alone."""


class SourcesChosen(Message):
    """Start these sources."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


class PanelBroke(Message):
    """A panel could not be drawn; the harvest goes on."""

    def __init__(self, panel: str, error: Exception) -> None:
        super().__init__()
        self.panel = panel
        self.error = error
