"""What a person does to the pace of a source that runs: pausing, pinning, capping, settings."""

from engine.model.control import Control
from engine.model.snapshot import DeckState, State, Tuning
from tui.actions.messages import Step, Told, step
from tui.common.settings_text import differing, words


class SourceMessage(Told):
    """Something asked for one source."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source


class PauseToggled(SourceMessage):
    """Pause a source, or go on with it."""

    def tell(self, control: Control, deck: DeckState) -> str:
        """Do what its state leaves to do."""
        states = {group.name: group.state for group in deck.groups}
        (control.resume if states.get(self.source) is State.PAUSED else control.pause)(self.source)
        return ""


class AllPauseToggled(Told):
    """Pause every source, or go on with all of them when none runs."""

    def tell(self, control: Control, deck: DeckState) -> str:
        """Do what their states leave to do."""
        idle = all(group.state is State.PAUSED or step(group.state, asked=False) is Step.LEAVE for group in deck.groups)
        (control.resume if idle else control.pause)()
        return ""


class Nudged(SourceMessage):
    """Try more or fewer requests in flight, or move the pin by one."""

    def __init__(self, source: str, step: int) -> None:
        super().__init__(source)
        self.step = step

    def tell(self, control: Control, _deck: DeckState) -> str:
        """Let the controller judge it."""
        control.nudge(self.source, self.step)
        return ""


class Pinned(SourceMessage):
    """Pin the concurrency of a source: at a number, or where it is."""

    def __init__(self, source: str, number: int | None) -> None:
        super().__init__(source)
        self.number = number

    def tell(self, control: Control, _deck: DeckState) -> str:
        """Pin it."""
        control.pin(self.source, self.number)
        return ""


class Capped(SourceMessage):
    """Cap the concurrency of a source above or below what its cap is."""

    def __init__(self, source: str, step: int) -> None:
        super().__init__(source)
        self.step = step

    def tell(self, control: Control, _deck: DeckState) -> str:
        """Cap it one step from where it is."""
        control.cap(self.source, self.step)
        return ""


class CappedAt(SourceMessage):
    """Cap the concurrency of a source at a number."""

    def __init__(self, source: str, number: int) -> None:
        super().__init__(source)
        self.number = number

    def tell(self, control: Control, _deck: DeckState) -> str:
        """Cap it."""
        control.cap_at(self.source, self.number)
        return ""


class MadeAutomatic(SourceMessage):
    """Give the concurrency of a source back to the controller."""

    def tell(self, control: Control, _deck: DeckState) -> str:
        """Let the controller find it."""
        control.automatic(self.source)
        return ""


class Tuned(SourceMessage):
    """Change settings of a running source."""

    def __init__(self, source: str, tuning: Tuning) -> None:
        super().__init__(source)
        self.tuning = tuning

    def tell(self, control: Control, deck: DeckState) -> str:
        """Change them; say so where there is nobody to heed them."""
        old = next((group.tuning for group in deck.groups if group.name == self.source), self.tuning)
        control.tune(self.source, self.tuning)
        changes = words(differing(old, self.tuning))
        if not changes:
            return ""
        ended = [group.name for group in deck.groups if group.state in {State.DONE, State.STOPPED, State.FAILED}]
        if self.source in ended:
            return f"{self.source} runs no more: S writes {changes} for the next time"
        return f"{changes}; S saves"
