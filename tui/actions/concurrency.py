"""Commands that depend on what a source is doing: pausing, and settings typed while it runs."""

from engine.model.commands import Command, Pause, Resume, Tune
from engine.model.snapshot import DeckState, GroupState, State
from engine.model.tuning import Tuning
from tui.actions.messages import EngineCommand, Step, step
from tui.common.settings_text import differing, words
from tui.widgets.states import ENDED


def toggle_pause(deck: DeckState, source: str) -> Command:
    """Pause a source, or go on with it."""
    paused = any(group.name == source and group.state is State.PAUSED for group in deck.groups)
    return Resume(source) if paused else Pause(source)


def toggle_pause_all(deck: DeckState) -> Command:
    """Pause every source, or go on with all of them when none runs."""
    idle = all(group.state is State.PAUSED or step(group.state, asked=False) is Step.LEAVE for group in deck.groups)
    return Resume() if idle else Pause()


def tune(group: GroupState, tuning: Tuning) -> EngineCommand:
    """Change settings of a source. One that has ended keeps them, to be saved."""
    changes = words(differing(group.tuning, tuning))
    said = f"{changes}; S saves"
    if group.state in ENDED:
        said = f"{group.name} runs no more: S writes {changes} for the next time"
    return EngineCommand(Tune(group.name, tuning), said if changes else "")
