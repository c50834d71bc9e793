"""Commands that depend on the state of a source: pausing and resuming, and settings that were typed."""

from dataclasses import replace

from engine.model.commands import Command, Pause, Resume, SetCap, SetPin, Tune
from engine.model.snapshot import DeckState, GroupState, State
from engine.model.tuning import Tuning
from tui.actions.messages import EngineCommand, QuitAction, quit_action
from tui.common.settings_text import describe_changes, differing
from tui.widgets.states import ENDED


def toggle_pause(deck: DeckState, source: str) -> Command:
    """Pause a source; if it is paused, resume it."""
    paused = any(group.name == source and group.state is State.PAUSED for group in deck.groups)
    return Resume(source) if paused else Pause(source)


def toggle_pause_all(deck: DeckState) -> Command:
    """Pause every source; if none runs, resume them all."""
    idle = all(
        group.state is State.PAUSED or quit_action(group.state, asked=False) is QuitAction.LEAVE
        for group in deck.groups
    )
    return Resume() if idle else Pause()


def set_pin(group: GroupState | None, source: str, number: int | None) -> EngineCommand:
    """Pin the requests in flight. A source that has ended keeps the number, so that it can be saved."""
    if group is None or group.state not in ENDED or number is None:
        return EngineCommand(SetPin(source, number))
    cap = group.tuning.cap
    return tune(group, replace(group.tuning, workers=number, cap=None if cap is not None and cap < number else cap))


def set_cap(group: GroupState | None, source: str, number: int) -> EngineCommand:
    """Cap the requests in flight. A source that has ended keeps the number, so that it can be saved."""
    if group is None or group.state not in ENDED:
        return EngineCommand(SetCap(source, number))
    return tune(group, replace(group.tuning, cap=number))


def tune(group: GroupState, tuning: Tuning) -> EngineCommand:
    """Change settings of a source. A source that has ended keeps them, so that they can be saved."""
    changes = describe_changes(differing(group.tuning, tuning))
    said = f"{changes}; S saves"
    if group.state in ENDED:
        said = f"{group.name} runs no more: S writes {changes} for the next time"
    return EngineCommand(Tune(group.name, tuning), said if changes else "")
